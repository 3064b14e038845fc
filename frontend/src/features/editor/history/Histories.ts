/** The histories of all frames of this visit, and the steps that several of them have in common. */
import { EMPTY_HISTORY, type History } from './history';

export class Histories {
  private readonly byFrame = new Map<number, History>();
  private groups = 0;
  /** What was done last in several frames at once, while nothing else was done since. */
  private together: { group: number; frames: readonly number[] } | null = null;

  of(frameId: number): History {
    return this.byFrame.get(frameId) ?? EMPTY_HISTORY;
  }

  set(frameId: number, history: History): void {
    this.byFrame.set(frameId, history);
  }

  /** What can be undone and done again in a frame, in words. */
  labelsOf(frameId: number): { canUndo: string | null; canRedo: string | null } {
    const { done, undone } = this.of(frameId);
    return { canUndo: done.at(-1)?.label ?? null, canRedo: undone.at(-1)?.label ?? null };
  }

  /** Do one step in several frames; `act` says in which it was done. */
  inOneStep(act: (group: number) => readonly number[]): readonly number[] {
    const group = ++this.groups;
    const frames = act(group);
    this.together = frames.length === 0 ? null : { group, frames };
    return frames;
  }

  /** Something else was done since: the last step is that of the frame that is worked in. */
  forgetTogether(): void {
    this.together = null;
  }

  /**
   * Which frames a press of undo or redo means while `frameId` is worked in: those of a common
   * step, or this one. `may` says in which of them it is possible now.
   */
  framesOfStep(
    side: 'done' | 'undone',
    frameId: number | null,
    may: (frameId: number) => boolean,
  ): readonly number[] {
    if (side === 'done' && this.together !== null) {
      const { group, frames } = this.together;
      const still = frames.filter((id) => this.of(id).done.at(-1)?.group === group);
      if (still.length > 0 && still.every(may)) return still;
    }
    if (frameId === null) return [];
    const step = this.of(frameId)[side].at(-1);
    if (step === undefined) return [];
    if (step.group === undefined) return [frameId];
    return [...this.byFrame]
      .filter(([id, history]) => history[side].at(-1)?.group === step.group && may(id))
      .map(([id]) => id);
  }
}
