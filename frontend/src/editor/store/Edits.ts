/** Changing the document: performing operations, undoing them, and handing them to autosave. */
import { apply } from '../document/apply';
import { changedJoints, stateOf } from '../document/skeleton';
import { type Document, InvalidOperation, type Operation, type Pair } from '../document/types';
import * as historyOf from '../history/history';
import type { Editor } from './Editor';

export class Edits {
  private readonly histories = new Map<number, historyOf.History>();
  /** Decisions that led straight to another frame, so that undo leads back the same way. */
  private decided: { from: number; to: number }[] = [];

  constructor(private readonly editor: Editor) {}

  /** Perform and note in the history; false if it does not fit, and the person is told why. */
  perform(operations: readonly Operation[], label: string): boolean {
    const { document, frame } = this.editor.state;
    if (!this.editor.canEdit || document === null || frame === null) return false;
    const pairs: Pair[] = [];
    let next = document;
    try {
      for (const operation of operations) {
        const applied = apply(next, operation, frame.candidates);
        pairs.push({ operation, inverse: applied.inverse });
        next = applied.document;
      }
    } catch (error) {
      if (!(error instanceof InvalidOperation)) throw error;
      this.editor.notify(error.message, 'warn');
      return false;
    }
    const history = historyOf.record(this.history, pairs, label);
    this.commit(next, history);
    if (history.open.length === 0) this.save(operations);
    return true;
  }

  mark(label: string): void {
    this.setHistory(historyOf.mark(this.history, label));
  }

  bail(): void {
    const { history, operations } = historyOf.bail(this.history);
    this.commit(this.replayed(operations), history);
  }

  squash(): void {
    const { history, operations } = historyOf.squash(this.history);
    this.setHistory(history);
    if (history.open.length === 0) this.save(operations);
  }

  /** Take the last step back; on a fresh frame that is the decision that led here. */
  undo(): void {
    const { editor } = this;
    const result = historyOf.undo(this.history);
    if (result !== null) {
      this.travel(result, 'Undone');
      return;
    }
    const last = this.decided.at(-1);
    if (last === undefined || last.to !== editor.frameId) return;
    this.decided.pop();
    const index = editor.state.frames.findIndex((item) => item.id === last.from);
    if (index < 0) return;
    editor.go(index);
    if (editor.frameId === last.from) this.undo();
  }

  redo(): void {
    const result = historyOf.redo(this.history);
    if (result !== null) this.travel(result, 'Done again');
  }

  /** Join this step with the one before, where both are one thing to the person. */
  joinSteps(): void {
    this.setHistory(historyOf.squashLastTwo(this.history));
  }

  get lastStep(): string | null {
    return this.history.done.at(-1)?.label ?? null;
  }

  /** Note that a decision on this frame led to another. */
  rememberDecision(to: number): void {
    const { frameId } = this.editor;
    if (frameId !== null) this.decided = [...this.decided.slice(-50), { from: frameId, to }];
  }

  /** What can be undone and done again in a frame, in words. */
  labelsOf(frameId: number): { canUndo: string | null; canRedo: string | null } {
    const history = this.histories.get(frameId) ?? historyOf.EMPTY_HISTORY;
    return {
      canUndo: history.done.at(-1)?.label ?? null,
      canRedo: history.undone.at(-1)?.label ?? null,
    };
  }

  /** Tell the filmstrip what a frame's document comes to. */
  patchState(frameId: number, document: Document): void {
    const { cache, state, walk } = this.editor;
    const shown = state.frame?.doc.id === frameId ? state.frame : cache.peek(frameId);
    if (shown === null) return;
    const { previous } = shown.doc;
    const changed =
      previous !== null &&
      (previous.verdict !== document.decision.verdict ||
        previous.reason !== document.decision.reason ||
        changedJoints(previous.joints, document.skeleton).length > 0);
    walk.patchItem(frameId, {
      state: stateOf(document, shown.candidates),
      reason: document.decision.reason,
      returned: false,
      changed,
    });
  }

  private save(operations: readonly Operation[]): void {
    const { queue, frameId, state } = this.editor;
    if (frameId === null || state.document === null || operations.length === 0) return;
    queue.enqueue(state.recording.id, frameId, operations);
    this.patchState(frameId, state.document);
  }

  private travel(
    { history, operations, label }: NonNullable<ReturnType<typeof historyOf.undo>>,
    word: string,
  ): void {
    if (!this.editor.canEdit) return;
    try {
      this.commit(this.replayed(operations), history);
      this.save(operations);
      this.editor.notify(`${word}: ${label.toLowerCase()}`);
    } catch (error) {
      if (!(error instanceof InvalidOperation)) throw error;
      this.setHistory(historyOf.EMPTY_HISTORY);
      this.editor.notify(
        'This step no longer fits what somebody else changed; it was left out.',
        'warn',
      );
    }
  }

  private replayed(operations: readonly Operation[]): Document {
    const { document, frame } = this.editor.state;
    if (document === null || frame === null) throw new InvalidOperation('There is no frame.');
    return operations.reduce((d, o) => apply(d, o, frame.candidates).document, document);
  }

  private commit(document: Document, history: historyOf.History): void {
    this.editor.set({ document });
    this.setHistory(history);
  }

  private get history(): historyOf.History {
    return this.histories.get(this.editor.frameId ?? -1) ?? historyOf.EMPTY_HISTORY;
  }

  private setHistory(history: historyOf.History): void {
    const { frameId } = this.editor;
    if (frameId === null) return;
    this.histories.set(frameId, history);
    this.editor.set(this.labelsOf(frameId));
  }
}
