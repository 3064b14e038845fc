/** Walks the queue of doubted joints, and keeps people's word on them. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { openDoubts, withDoubts } from '@/shared/api/doubts';
import type { Suspicions } from '@/shared/api/types';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { count } from '@/shared/lib/format';
import { jointAt } from '../document/skeleton';
import { orderFor, showsViews } from '../multiview/panes';
import { ownFrames } from '../parts/part';
import type { EditorStore } from '../store/EditorStore';
import { type Book, bookOf, groundsOf, nextSuspicious } from './book';
import { placesIn, type WaitingWaiver, type WaiverQueue } from './waivers';
import type { Worry } from './worries';

export interface SuspicionNeeds {
  readonly store: EditorStore;
  readonly waivers: WaiverQueue | null;
  readonly go: (index: number, since?: number) => void;
  readonly select: (joint: number | null) => void;
  /** What is doubted in the frame on the canvas just now. */
  readonly worries: () => readonly Worry[];
}

export interface SuspicionState {
  /** People's words that the server does not have yet. */
  readonly waiting: readonly WaitingWaiver[];
  /** So many changes the server has not looked at yet. */
  readonly unread: number;
}

export class SuspicionQueue {
  readonly api: StoreApi<SuspicionState>;
  /** What is doubted is to be read again. */
  onAsked: () => void = () => undefined;
  private last: Suspicions | null = null;
  /** The joint to select once its frame is on the canvas. */
  private wanted: { readonly frameId: number; readonly joint: number } | null = null;

  constructor(private readonly needs: SuspicionNeeds) {
    this.api = createStore<SuspicionState>(() => ({ waiting: [], unread: 0 }));
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
    this.onAsked();
  }

  /** What the server says now; frames that came later are told as well. */
  receive(found: Suspicions): void {
    this.last = found;
    this.api.setState({ unread: found.waiting });
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
      const selected = JOINT_LABELS[state.selected ?? -1];
      if (selected === undefined) store.notify('Select a doubted joint first.');
      else if (state.inferred !== null)
        store.notify(`Nothing is doubted of the ${selected} where it was inferred to be.`);
      else store.notify(`Nothing is doubted of the ${selected} as it lies.`);
      return;
    }
    if ((worry.waived === null) !== holds) return;
    const [first = -1] = worry.joints;
    const name = worry.whole ? 'whole body' : (JOINT_LABELS[first] ?? '');
    const { doubt } = worry;
    const [place, ...also] = worry.joints.map((joint) => {
      const { x, y } = jointAt(skeleton, joint);
      return { joint, x, y };
    });
    if (place === undefined) return;
    const word = { frameId, ...place, also, holds, note };
    if (this.last !== null) this.receive(withWords(this.last, saidIn(word), state.me.name));
    store.notify(`${name} ${holds ? 'waved through' : 'back in the queue'}.`);
    void waivers.add({ recordingId: state.recording.id, doubt, ...word });
  }

  /** Resolves once the server has every word: before the stage moves, which would refuse them. */
  async drained(): Promise<void> {
    const { store, waivers } = this.needs;
    await waivers?.drained(store.state.recording.id);
  }

  /** With what waits on this computer, as it will be. */
  private withWaiting(found: Suspicions): Suspicions {
    const words = this.waiting.filter(({ refused }) => refused === null).flatMap(saidIn);
    return withWords(found, words, this.needs.store.state.me.name);
  }

  private show(told: Suspicions): void {
    const { store } = this.needs;
    const found = this.withWaiting(told);
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
    // The frames that the filter, the list of recordings and My work count.
    const doubted = ownFrames(store.state.frames, store.state.part).filter(
      (item) => openDoubts(item) > 0,
    );
    const joints = doubted.reduce((sum, item) => sum + openDoubts(item), 0);
    const queue = `${count(joints, 'joint')} in ${count(doubted.length, 'suspicious frame')} left.`;
    if (found !== null) store.notify(`${found.sentence} ${queue}`);
    else if (store.state.inferred !== null) {
      const name = JOINT_LABELS[joint] ?? '';
      store.notify(
        `The pre-label of the ${name} is doubted; you see where it was inferred. ${queue}`,
      );
    }
  }
}

type Word = Pick<WaitingWaiver, 'frameId' | 'joint' | 'x' | 'y' | 'also' | 'holds' | 'note'>;
type Said = Omit<Word, 'also'>;

/** What one letter says, joint by joint. */
const saidIn = ({ frameId, holds, note, ...places }: Word): Said[] =>
  placesIn(places).map((place) => ({ frameId, holds, note, ...place }));

/** As it will be once the server has these words of this person. */
const withWords = (found: Suspicions, said: readonly Said[], name: string): Suspicions =>
  said.reduce((now, word) => withWord(now, word, name), found);

function withWord(
  found: Suspicions,
  { frameId, joint, x, y, holds, note }: Said,
  name: string,
): Suspicions {
  const waived = holds ? { name, note } : null;
  const frames = found.frames.map((frame) => {
    if (frame.frame_id !== frameId) return frame;
    const joints = frame.joints.map((one) => (one.joint === joint ? { ...one, waived } : one));
    return { ...frame, joints };
  });
  const words = found.words.filter((word) => word.frame_id !== frameId || word.joint !== joint);
  if (holds && x !== undefined && y !== undefined) {
    words.push({ frame_id: frameId, joint, x, y, name, note });
  }
  return { ...found, frames, words };
}
