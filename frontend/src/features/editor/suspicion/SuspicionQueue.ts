/** Walks the queue of doubted joints, and keeps people's word on them. */
import { withDoubts } from '@/shared/api/doubts';
import type { DoubtedJoint, Suspicions } from '@/shared/api/types';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { jointAt } from '../document/skeleton';
import type { Skeleton } from '../document/types';
import { orderFor, showsViews } from '../multiview/panes';
import type { EditorStore } from '../store/EditorStore';
import { type Book, bookOf, groundsOf, nextSuspicious, openJoints } from './book';
import type { WaiverQueue } from './waivers';
import type { Worry } from './worries';

export interface SuspicionNeeds {
  readonly store: EditorStore;
  readonly waivers: WaiverQueue | null;
  readonly go: (index: number, since?: number) => void;
  readonly select: (joint: number | null) => void;
  /** What is doubted in the frame on the canvas just now. */
  readonly worries: () => readonly Worry[];
}

export class SuspicionQueue {
  private last: Suspicions | null = null;
  /** The joint to select once its frame is on the canvas. */
  private wanted: { readonly frameId: number; readonly joint: number } | null = null;

  constructor(private readonly needs: SuspicionNeeds) {
    needs.store.api.subscribe((state, before) => {
      if (state.frames !== before.frames) this.tellNewFrames();
      if (this.wanted === null || state.loading) return;
      if (state.frame?.doc.id !== this.wanted.frameId || state.document === null) return;
      const { joint } = this.wanted;
      this.wanted = null;
      queueMicrotask(() => this.reach(joint));
    });
  }

  /** What the server says now; frames that came later are told as well. */
  receive(found: Suspicions): void {
    this.last = found;
    this.show(found);
  }

  /** Frames that were read anew, or came later, are told what is doubted of them. */
  private tellNewFrames(): void {
    const { frames } = this.needs.store.state;
    const untold = frames[0]?.doubts === undefined || frames.at(-1)?.doubts === undefined;
    if (this.last !== null && frames.length > 0 && untold) this.show(this.last);
  }

  next(direction: 1 | -1, since?: number): void {
    const { store, go } = this.needs;
    const { suspicions, frames, index, selected } = store.state;
    const joints = store.state.loading ? undefined : this.openHere();
    const here = { index, joint: selected, ...(joints && { joints }) };
    const to = nextSuspicious(suspicions, frames, here, direction, showsViews(store.state));
    if (to === null) {
      store.notify('No joint is doubted any more. What is left is to look.');
      return;
    }
    const frameId = frames[to.index]?.id ?? -1;
    if (to.index === index) this.reach(to.joint);
    else {
      this.wanted = { frameId, joint: to.joint };
      go(to.index, since);
    }
  }

  /** What is said of a joint of the frame on the canvas: first what is about it most of all. */
  worryOf(joint: number | null): Worry | null {
    const about = this.needs.worries().filter(({ joints }) => joints.includes(joint ?? -1));
    return about.find(({ joints }) => joints[0] === joint) ?? about[0] ?? null;
  }

  /** Say that joints are right as they lie, or, with `holds` false, take that back. */
  wave(worry: Worry | null, holds: boolean, note: string | null = null): void {
    const { store, waivers } = this.needs;
    const { frameId, state } = store;
    const skeleton = state.document?.skeleton ?? null;
    if (frameId === null || worry === null || skeleton === null || waivers === null) {
      store.notify('Select a doubted joint first: Shift+S goes to the next.');
      return;
    }
    if ((worry.waived === null) !== holds) return;
    const [first = -1] = worry.joints;
    const name = worry.whole ? 'whole body' : (JOINT_LABELS[first] ?? '');
    this.change(frameId, worry.joints, skeleton, holds ? { name: state.me.name, note } : null);
    store.notify(`${name} ${holds ? 'waved through' : 'back in the queue'}.`);
    for (const joint of worry.joints) {
      const { x, y } = jointAt(skeleton, joint);
      const { doubt } = worry;
      const recordingId = state.recording.id;
      void waivers.add({ recordingId, frameId, joint, x, y, doubt, holds, note });
    }
  }

  /** Send again what waits, also what was refused. */
  retry(): void {
    this.needs.waivers?.retry();
  }

  /** Give up a word that the server refused; only ever by a person's word. */
  abandon(operationId: string): void {
    const { store, waivers } = this.needs;
    const letter = store.state.waivers.find((waiting) => waiting.operationId === operationId);
    waivers?.abandon(operationId);
    if (letter === undefined || this.last === null) return;
    // What was shown at once is taken back: the server never had it.
    const nobody = ({ joint }: { joint: number }): boolean => joint === letter.joint;
    this.receive({
      ...this.last,
      words: this.last.words.filter(
        (word) => word.frame_id !== letter.frameId || !nobody(word) || !letter.holds,
      ),
      frames: this.last.frames.map((frame) =>
        frame.frame_id === letter.frameId && letter.holds
          ? {
              ...frame,
              joints: frame.joints.map((found) =>
                nobody(found) ? { ...found, waived: null } : found,
              ),
            }
          : frame,
      ),
    });
  }

  /** Resolves once the server has every word: before the stage moves, which would refuse them. */
  async drained(): Promise<void> {
    const { store, waivers } = this.needs;
    await waivers?.drained(store.state.recording.id);
  }

  private change(
    frameId: number,
    joints: readonly number[],
    skeleton: Skeleton,
    waived: DoubtedJoint['waived'],
  ): void {
    const { last } = this;
    if (last === null) return;
    const frames = last.frames.map((frame) =>
      frame.frame_id !== frameId
        ? frame
        : {
            ...frame,
            joints: frame.joints.map((found) =>
              joints.includes(found.joint) ? { ...found, waived } : found,
            ),
          },
    );
    const others = last.words.filter(
      (word) => word.frame_id !== frameId || !joints.includes(word.joint),
    );
    const said = joints.map((joint) => {
      const { x, y } = jointAt(skeleton, joint);
      return { frame_id: frameId, joint, x, y, name: '', note: null, ...waived };
    });
    this.receive({ ...last, frames, words: waived === null ? others : [...others, ...said] });
  }

  private show(found: Suspicions): void {
    const { store } = this.needs;
    const { state, item } = store;
    const frames = withDoubts(state.frames, found);
    const suspicions: Book = bookOf(found);
    store.set({ suspicions, grounds: groundsOf(found), frames });
    // While somebody walks through a filter its frames stay where they are.
    if (state.filter === 'all' || item === null) {
      store.set({ order: orderFor({ ...state, frames }, state.filter) });
    }
  }

  /** The joints that are doubted on the canvas, each worry's first. */
  private openHere(): number[] {
    const open = this.needs.worries().filter(({ waived }) => waived === null);
    return [...new Set(open.flatMap(({ joints }) => joints.slice(0, 1)))];
  }

  private reach(joint: number): void {
    const { store, select } = this.needs;
    select(joint);
    const found = this.worryOf(joint);
    const left = [...store.state.suspicions.keys()].reduce(
      (sum, id) => sum + openJoints(store.state.suspicions, id).length,
      0,
    );
    if (found !== null) store.notify(`${found.sentence} ${left} in the queue.`);
  }
}
