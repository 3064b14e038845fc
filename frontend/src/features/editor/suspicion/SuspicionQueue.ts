/** Walks the queue of doubted joints, and keeps people's word on them. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { withDoubts } from '@/shared/api/doubts';
import type { DoubtedJoint, Suspicions } from '@/shared/api/types';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { orderFor } from '../multiview/panes';
import type { EditorStore } from '../store/EditorStore';
import { type Book, bookOf, nextSuspicious, openJoints } from './book';
import type { WaitingWaiver, WaiverQueue } from './waivers';

export interface SuspicionNeeds {
  readonly store: EditorStore;
  readonly waivers: WaiverQueue | null;
  readonly go: (index: number, since?: number) => void;
  readonly select: (joint: number | null) => void;
}

export interface SuspicionState {
  /** People's words that the server does not have yet. */
  readonly waiting: readonly WaitingWaiver[];
}

export class SuspicionQueue {
  readonly api: StoreApi<SuspicionState>;
  /** A word was given up: what is doubted is to be read again. */
  onGivenUp: () => void = () => undefined;
  private last: Suspicions | null = null;
  /** The joint to select once its frame is on the canvas. */
  private wanted: { readonly frameId: number; readonly joint: number } | null = null;

  constructor(private readonly needs: SuspicionNeeds) {
    this.api = createStore<SuspicionState>(() => ({ waiting: [] }));
    if (needs.waivers !== null) {
      needs.waivers.onWaiting = (waiting) => {
        this.api.setState({ waiting });
        if (this.last !== null) this.show(this.last);
      };
    }
    needs.store.api.subscribe((state, before) => {
      if (state.frames !== before.frames) this.tellNewFrames();
      if (this.wanted === null || state.loading) return;
      if (state.frame?.doc.id !== this.wanted.frameId || state.document === null) return;
      const { joint } = this.wanted;
      this.wanted = null;
      queueMicrotask(() => this.reach(joint));
    });
  }

  get waiting(): readonly WaitingWaiver[] {
    return this.api.getState().waiting;
  }

  /** Send again what waits, also what was refused. */
  retry(): void {
    this.needs.waivers?.retry();
  }

  /** Give up a word that the server refused. */
  abandon(operationId: string): void {
    this.needs.waivers?.abandon(operationId);
    this.onGivenUp();
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
    const to = nextSuspicious(suspicions, frames, { index, joint: selected }, direction);
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

  /** What is said of a joint of the frame on the canvas. */
  doubtOf(joint: number | null): DoubtedJoint | null {
    const { frameId, state } = this.needs.store;
    return (
      (state.suspicions.get(frameId ?? -1) ?? []).find((found) => found.joint === joint) ?? null
    );
  }

  /** Say that a joint is right as it lies, or, with `holds` false, take that back. */
  wave(joint: number | null, holds: boolean, note: string | null = null): void {
    const { store, waivers } = this.needs;
    const { frameId, state } = store;
    const found = this.doubtOf(joint);
    if (frameId === null || joint === null || found === null || waivers === null) {
      store.notify('Select a doubted joint first.');
      return;
    }
    if ((found.waived === null) !== holds) return;
    const waived = holds ? { name: state.me.name, note } : null;
    this.change(frameId, joint, waived);
    store.notify(`${JOINT_LABELS[joint]} ${holds ? 'waved through' : 'back in the queue'}.`);
    void waivers.add({
      recordingId: state.recording.id,
      frameId,
      joint,
      doubt: found.doubt,
      holds,
      note,
    });
  }

  /** Resolves once the server has every word: before the stage moves, which would refuse them. */
  async drained(): Promise<void> {
    const { store, waivers } = this.needs;
    await waivers?.drained(store.state.recording.id);
  }

  private change(frameId: number, joint: number, waived: DoubtedJoint['waived']): void {
    if (this.last !== null) this.receive(withWord(this.last, frameId, joint, waived));
  }

  /** With what waits on this computer, as it will be. */
  private withWaiting(found: Suspicions): Suspicions {
    const { name } = this.needs.store.state.me;
    return this.waiting
      .filter(({ refused }) => refused === null)
      .reduce(
        (now, { frameId, joint, holds, note }) =>
          withWord(now, frameId, joint, holds ? { name, note } : null),
        found,
      );
  }

  private show(told: Suspicions): void {
    const { store } = this.needs;
    const found = this.withWaiting(told);
    const { state, item } = store;
    const frames = withDoubts(state.frames, found);
    const suspicions: Book = bookOf(found);
    store.set({ suspicions, frames });
    // While somebody walks through a filter its frames stay where they are.
    if (state.filter === 'all' || item === null) {
      store.set({ order: orderFor({ ...state, frames }, state.filter) });
    }
  }

  private reach(joint: number): void {
    const { store, select } = this.needs;
    select(joint);
    const found = this.doubtOf(joint);
    const left = [...store.state.suspicions.keys()].reduce(
      (sum, id) => sum + openJoints(store.state.suspicions, id).length,
      0,
    );
    if (found !== null) store.notify(`${found.reason} ${left} in the queue.`);
  }
}

function withWord(
  found: Suspicions,
  frameId: number,
  joint: number,
  waived: DoubtedJoint['waived'],
): Suspicions {
  const frames = found.frames.map((frame) => {
    if (frame.frame_id !== frameId) return frame;
    const joints = frame.joints.map((one) => (one.joint === joint ? { ...one, waived } : one));
    return { ...frame, joints };
  });
  return { ...found, frames };
}
