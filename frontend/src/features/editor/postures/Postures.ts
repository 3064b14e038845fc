/**
 * Postures of the recording in the editor: what the server has, what waits on this computer, and
 * what keys do. Every act is one letter and one step of undo.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { PostureProposals, Postures as Received } from '@/shared/api/types';
import { namePosture, type PostureLabel, sameLabel } from '@/shared/domain/postures';
import { POSTURE_GROUPS, POSTURES_OF, type PostureGroup } from '@/shared/domain/rules.gen';
import { count } from '@/shared/lib/format';
import type { EditorStore } from '../store/EditorStore';
import type { PostureQueue, WaitingPostures } from '../sync/postures';
import {
  beneath,
  moveBorder,
  paint,
  type Range,
  rangeAt,
  runsUntil,
  type Stroke,
  untaken,
} from './timeline';

/** What joints show; nobody decided it. */
export interface Proposal {
  readonly first: number;
  readonly last: number;
  readonly label: PostureLabel;
  readonly likely: number;
}

/** Moments that were marked for the next posture, both ends included. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

export interface PosturesState {
  /** Whether the number keys name postures. */
  readonly on: boolean;
  /** The group that was chosen; the next number is a posture in it. */
  readonly group: PostureGroup | null;
  readonly marked: Span | null;
  readonly version: number | null;
  /** Null until the server said how many there are. */
  readonly moments: number | null;
  /** As they are shown: the server's, and over them what still waits. */
  readonly ranges: readonly Range[];
  readonly proposals: readonly Proposal[];
  readonly remarks: readonly string[];
  readonly waiting: readonly WaitingPostures[];
  /** Why they could not be read, or null. */
  readonly fault: unknown;
}

interface Act {
  readonly what: string;
  readonly strokes: readonly Stroke[];
  readonly inverse: readonly Stroke[];
}

export interface PosturesNeeds {
  readonly store: EditorStore;
  readonly queue: PostureQueue;
  readonly read: () => Promise<Received>;
  readonly readProposals: () => Promise<PostureProposals>;
}

export class Postures {
  readonly api: StoreApi<PosturesState>;
  private server: Received | null = null;
  private done: Act[] = [];
  private undone: Act[] = [];
  private asked = false;

  constructor(private readonly needs: PosturesNeeds) {
    this.api = createStore<PosturesState>(() => ({
      on: false,
      group: null,
      marked: null,
      version: null,
      moments: null,
      ranges: [],
      proposals: [],
      remarks: [],
      waiting: [],
      fault: null,
    }));
    needs.queue.onWaiting = (all) => {
      const { id } = needs.store.state.recording;
      this.set({ waiting: all.filter(({ recordingId }) => recordingId === id) });
      this.show();
    };
    needs.queue.onSent = (made, { recordingId }) => {
      if (recordingId === needs.store.state.recording.id) this.receive(made);
    };
  }

  get state(): PosturesState {
    return this.api.getState();
  }

  get queue(): PostureQueue {
    return this.needs.queue;
  }

  get canPaint(): boolean {
    return this.needs.store.state.mode === 'annotate';
  }

  /** The moment of the frame that is worked in. */
  get moment(): number | null {
    return this.needs.store.item?.moment_index ?? null;
  }

  /** Read what the server has. */
  async load(): Promise<void> {
    try {
      this.receive(await this.needs.read());
      this.set({ fault: null });
    } catch (fault) {
      this.set({ fault });
    }
  }

  /** Somebody painted: read again, unless it was this editor. */
  announced(version: number): void {
    if (version > (this.server?.version ?? -1) && this.state.waiting.length === 0) void this.load();
  }

  toggle(): void {
    const on = !this.state.on;
    this.set({ on, group: null, marked: null });
    if (!on || this.asked) return;
    this.asked = true;
    this.needs.readProposals().then(
      ({ proposals, remarks }) =>
        this.set({
          remarks,
          proposals: proposals.map(({ first, last, group, posture, likely }) => ({
            first,
            last,
            label: { group, posture },
            likely,
          })),
        }),
      () => {
        // Proposals are a convenience: they are asked for again with the next visit of the mode.
        this.asked = false;
      },
    );
  }

  /** A number key: first the group, then the posture in it. */
  press(digit: number): void {
    const { group } = this.state;
    if (group === null) {
      const chosen = POSTURE_GROUPS[digit - 1];
      if (chosen !== undefined) this.set({ group: chosen });
      return;
    }
    const posture = POSTURES_OF[group][digit - 1];
    if (posture !== undefined) this.place({ group, posture });
  }

  /** The group alone, where its posture cannot be told. */
  placeGroup(): void {
    const { group } = this.state;
    if (group !== null) this.place({ group, posture: null });
  }

  back(): void {
    if (this.state.group !== null) this.set({ group: null });
    else if (this.state.marked !== null) this.set({ marked: null });
    else this.toggle();
  }

  /** Give the marked moments a label, or those from here to the next change; null takes it away. */
  place(label: PostureLabel | null): void {
    const { ranges, marked, moments } = this.state;
    const { moment } = this;
    this.set({ group: null });
    if (moment === null || moments === null) {
      this.notify('Postures are not here yet: nothing was named. They are read again now.');
      void this.load();
      return;
    }
    const span = marked ?? { first: moment, last: runsUntil(ranges, moment, moments) };
    const there = beneath(ranges, span.first, span.last);
    const already = there.every((part) =>
      label === null ? part.label === null : part.label !== null && sameLabel(part.label, label),
    );
    if (already) {
      this.notify(label === null ? 'There is no posture here.' : `It is ${nameOf(label)} already.`);
      return;
    }
    const where = `moments ${span.first + 1}–${span.last + 1}`;
    const what = label === null ? 'No posture' : namePosture(label);
    this.act([{ ...span, label, origin: 'placed' }], `${what}, ${where}`);
    this.set({ marked: null });
  }

  mark(marked: Span | null): void {
    this.set({ marked });
  }

  /** Begin or end the marked moments at this frame. */
  markHere(end: 'first' | 'last'): void {
    const { moment } = this;
    if (moment === null) return;
    const { first, last } = this.state.marked ?? { first: moment, last: moment };
    const span = end === 'first' ? { first: moment, last } : { first, last: moment };
    this.mark({
      first: Math.min(span.first, span.last),
      last: Math.max(span.first, span.last),
    });
  }

  /** Move a border: the posture on its growing side takes the moments in between. */
  move(border: number, to: number): void {
    const stroke = moveBorder(this.state.ranges, border, to);
    if (stroke !== null) this.act([stroke], 'Border of a posture moved');
  }

  /** The part of a proposal at this frame of which nobody said anything yet. */
  get proposalHere(): Proposal | null {
    const { moment } = this;
    return moment === null ? null : rangeAt(this.open, moment);
  }

  /** Proposals where nobody said anything yet. */
  get open(): readonly Proposal[] {
    return untaken(this.state.proposals, this.state.ranges);
  }

  take(): void {
    const proposal = this.proposalHere;
    if (proposal === null) this.notify('Nothing is proposed here.');
    else this.act([strokeOf(proposal)], `Taken: ${nameOf(proposal.label)}`);
  }

  takeAll(): void {
    const { open } = this;
    if (open.length === 0) this.notify('Nothing more is proposed.');
    else this.act(open.map(strokeOf), `Taken: ${count(open.length, 'proposal')}`);
  }

  undo(): void {
    const act = this.done.pop();
    if (act === undefined) this.notify('No change of a posture to undo.');
    else {
      this.send(act.inverse);
      this.undone.push(act);
      this.notify(`Undone: ${act.what}`);
    }
  }

  redo(): void {
    const act = this.undone.pop();
    if (act === undefined) this.notify('Nothing to redo.');
    else {
      this.send(act.strokes);
      this.done.push(act);
      this.notify(act.what);
    }
  }

  /** Paint what the server refused once more, over what holds now. */
  async again(): Promise<void> {
    const refused = this.state.waiting.filter((letter) => letter.refused !== null);
    await this.load();
    if (this.state.fault !== null) return;
    for (const { operationId, strokes } of refused) {
      this.queue.abandon(operationId);
      this.send(strokes);
    }
  }

  giveUp(): void {
    for (const { operationId, refused } of this.state.waiting) {
      if (refused !== null) this.queue.abandon(operationId);
    }
    // What was undone of them would paint what never was.
    this.done = [];
    this.undone = [];
    void this.load();
  }

  private act(strokes: readonly Stroke[], what: string): void {
    const { ranges } = this.state;
    const inverse = strokes.flatMap(({ first, last }) => beneath(ranges, first, last));
    this.done.push({ what, strokes, inverse });
    this.undone = [];
    this.send(strokes);
    this.notify(what);
  }

  private send(strokes: readonly Stroke[]): void {
    const { id } = this.needs.store.state.recording;
    void this.queue.add({ recordingId: id, version: this.server?.version ?? 0, strokes });
  }

  private receive(found: Received): void {
    if (this.server !== null && found.version < this.server.version) return;
    this.server = found;
    this.set({ version: found.version, moments: found.moments });
    this.show();
  }

  private show(): void {
    const known = (this.server?.ranges ?? []).map(
      ({ first, last, group, posture, origin, author }): Range => ({
        first,
        last,
        label: { group, posture },
        origin,
        author: author?.name ?? null,
      }),
    );
    const strokes = this.state.waiting.flatMap((letter) => letter.strokes);
    const me = this.needs.store.state.me.name;
    this.set({ ranges: strokes.length === 0 ? known : paint(known, strokes, me) });
  }

  private notify(text: string): void {
    this.needs.store.notify(text);
  }

  private set(change: Partial<PosturesState>): void {
    this.api.setState(change);
  }
}

const nameOf = (label: PostureLabel): string => namePosture(label).toLowerCase();

const strokeOf = ({ first, last, label }: Proposal): Stroke => ({
  first,
  last,
  label,
  origin: 'proposed',
});
