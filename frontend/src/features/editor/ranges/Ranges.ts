/** Acts on many frames: marking them, deciding, taking back, and what the machine proposes. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { DiscardProposal, FrameItem, RangeDone } from '@/shared/api/types';
import type { DiscardReason } from '@/shared/domain/rules.gen';
import { REASON_LABELS } from '@/shared/domain/words';
import { count } from '@/shared/lib/format';
import type { FrameCache } from '../frames/FrameCache';
import type { EditorStore } from '../store/EditorStore';
import type { Edits } from '../store/Edits';
import type { KnownFrames } from '../store/KnownFrames';
import type { SyncQueue } from '../sync/queue';
import type { RangeAct, RangeLetter, RangeQueue, WaitingRange } from '../sync/ranges';
import { extended, framesIn, type Marks, NO_MARKS, type Scope, withMark } from './marks';
import { type Change, leftOut, plain, shownAfter } from './outcomes';
import {
  did,
  moved,
  NO_STEPS,
  nextToRedo,
  nextToUndo,
  type RangeStep,
  type RangeSteps,
  without,
} from './steps';

export interface RangesState {
  readonly marks: Marks;
  readonly proposals: readonly DiscardProposal[];
  /** The proposal that keys are about. */
  readonly proposal: number | null;
  /** Acts that the server does not have yet. */
  readonly waiting: readonly WaitingRange[];
  /** Frames that the last act left as they were, in words. */
  readonly left: string | null;
}

export interface RangesNeeds {
  readonly store: EditorStore;
  readonly queue: SyncQueue;
  readonly cache: FrameCache;
  readonly frames: KnownFrames;
  readonly edits: Edits;
  readonly letters: RangeQueue;
  readonly go: (index: number) => void;
  /** Frames changed on the server: those on the screen are read again. */
  readonly reread: (frames: ReadonlySet<number>) => void;
  readonly readProposals: (recordingId: number) => Promise<DiscardProposal[]>;
}

export class Ranges {
  readonly api: StoreApi<RangesState>;
  private steps: RangeSteps = NO_STEPS;
  /** How frames were before an act that is not on the server yet, by its operation id. */
  private readonly before = new Map<string, Map<number, Change>>();

  constructor(private readonly needs: RangesNeeds) {
    this.api = createStore<RangesState>(() => ({
      marks: NO_MARKS,
      proposals: [],
      proposal: null,
      waiting: [],
      left: null,
    }));
    const { letters } = needs;
    letters.onWaiting = (waiting) => this.waits(waiting);
    letters.onSent = (done, letter) => this.sent(done, letter);
  }

  get state(): RangesState {
    return this.api.getState();
  }

  /** Ids that acts of this editor had: news of them are no news. */
  readonly own = new Set<string>();

  // Marking

  mark(which: 'from' | 'to'): void {
    const { frameId } = this.needs.store;
    const id = this.needs.store.item?.id ?? frameId;
    if (id !== null)
      this.api.setState({ marks: withMark(this.state.marks, which, id), left: null });
  }

  /** Called around a step with Shift held. */
  extend(before: number | undefined, now: number | undefined): void {
    if (before === undefined || now === undefined || before === now) return;
    this.api.setState({ marks: extended(this.state.marks, before, now), left: null });
  }

  setScope(scope: Scope): void {
    this.api.setState({ marks: { ...this.state.marks, scope } });
  }

  clear(): void {
    this.api.setState({ marks: { ...NO_MARKS, scope: this.state.marks.scope } });
  }

  /** Frames of the marked range. */
  get marked(): readonly FrameItem[] {
    const { frames, order } = this.needs.store.state;
    return framesIn(this.state.marks, frames, order).flatMap((i) => frames[i] ?? []);
  }

  // Acting

  discard(reason: DiscardReason, text: string | null): void {
    const act = { kind: 'verdict', verdict: 'discard', reason, text, proposalId: null } as const;
    this.act(act, this.marked, `Discard a range: ${REASON_LABELS[reason].toLowerCase()}`);
  }

  keep(): void {
    this.act(plain('keep'), this.marked, 'Keep a range');
  }

  takeBack(): void {
    this.act(plain('undecided'), this.marked, 'Clear the verdicts of a range');
  }

  /** Accept what was seen in playback; `frames` come with the version in which they were seen. */
  acceptSeen(frames: readonly FrameItem[], fps: number): void {
    this.act({ kind: 'accept', fps }, frames, 'Accept what was seen in playback');
  }

  private act(act: RangeAct, items: readonly FrameItem[], label: string): void {
    const { edits, queue } = this.needs;
    if (this.needs.store.state.mode !== 'annotate' || items.length === 0) return;
    queue.flush();
    const operationId = crypto.randomUUID();
    this.post(operationId, act, items);
    const step: RangeStep = {
      label,
      frames: new Set(items.map(({ id }) => id)),
      operationId,
      after: edits.count,
    };
    this.steps = did(this.steps, step);
    this.clear();
  }

  private post(operationId: string, act: RangeAct, items: readonly FrameItem[]): void {
    const { store, queue, letters } = this.needs;
    this.own.add(operationId);
    const versions = items.map(({ id, version }) =>
      queue.pendingOf(id) > 0 ? null : Math.max(version, queue.versionOf(id) ?? 0),
    );
    const letter = {
      recordingId: store.state.recording.id,
      act,
      frames: items.map(({ id }) => id),
      versions,
    };
    this.show(operationId, letter.frames, act);
    this.api.setState({ left: null });
    void letters.add(letter, operationId);
  }

  // Taking back

  /** Whether undo means an act on a range now. */
  get undoable(): RangeStep | null {
    return nextToUndo(this.steps, this.needs.edits, this.needs.store.item?.id ?? null);
  }

  get redoable(): RangeStep | null {
    return nextToRedo(this.steps, this.needs.edits, this.needs.store.item?.id ?? null);
  }

  undo(): boolean {
    return this.travel('done', this.undoable, 'Undone');
  }

  redo(): boolean {
    return this.travel('undone', this.redoable, 'Done again');
  }

  private travel(side: 'done' | 'undone', step: RangeStep | null, word: string): boolean {
    const { edits, store } = this.needs;
    if (step === null || store.state.mode !== 'annotate') return false;
    const refused = this.state.waiting.find(
      (letter) => letter.operationId === step.operationId && letter.refused !== null,
    );
    if (refused !== undefined) {
      this.abandon(step.operationId);
      return true;
    }
    const operationId = crypto.randomUUID();
    this.own.add(operationId);
    const frames = [...step.frames];
    const letter = {
      recordingId: store.state.recording.id,
      act: { kind: 'undo', of: step.operationId } as const,
      frames,
      versions: frames.map(() => null),
    };
    this.showAsBefore(operationId, step.operationId);
    this.steps = moved(this.steps, side, operationId, edits.count);
    void this.needs.letters.add(letter, operationId);
    store.notify(`${word}: ${step.label.toLowerCase()}`);
    return true;
  }

  /** Send again what waits, also what was refused. */
  retry(): void {
    this.needs.letters.retry();
  }

  /** Give up an act that the server refused. */
  abandon(operationId: string): void {
    this.needs.letters.abandon(operationId);
    this.steps = without(this.steps, operationId);
    const before = this.before.get(operationId);
    if (before !== undefined) this.needs.frames.patchItems(before);
    this.before.delete(operationId);
  }

  // Proposals

  async readProposals(): Promise<void> {
    const { store } = this.needs;
    try {
      const proposals = await this.needs.readProposals(store.state.recording.id);
      const refused = new Set(
        this.state.waiting.flatMap(({ act }) => (act.kind === 'proposal' ? [act.id] : [])),
      );
      this.api.setState({
        proposals: proposals.map((p) => (refused.has(p.id) ? { ...p, state: 'refused' } : p)),
      });
    } catch {
      // Proposals are a help; without a network one works without.
    }
  }

  get open(): readonly DiscardProposal[] {
    return this.state.proposals.filter(({ state }) => state === 'open');
  }

  /** Frames of a proposal, whatever the filter shows. */
  framesOf({ camera_id: camera, first, last }: DiscardProposal): readonly FrameItem[] {
    return this.needs.store.state.frames.filter(
      (item) => item.camera_id === camera && item.position >= first && item.position <= last,
    );
  }

  get proposal(): DiscardProposal | null {
    return this.open.find(({ id }) => id === this.state.proposal) ?? null;
  }

  /** Go to the next open proposal after the frame that one looks at, round and round. */
  nextProposal(): void {
    const { store, go } = this.needs;
    const here = this.proposal?.first ?? store.item?.position ?? -1;
    const { open } = this;
    const after = open.filter(({ id, first }) => id !== this.state.proposal && first >= here);
    const next = after[0] ?? open[0];
    if (next === undefined) {
      store.notify('No range is proposed to be discarded.');
      return;
    }
    this.api.setState({ proposal: next.id });
    const [item] = this.framesOf(next);
    const index = store.state.frames.findIndex(({ id }) => id === item?.id);
    if (index >= 0) go(index);
  }

  /** The proposal that is chosen, or else the one that the frame belongs to. */
  private get meant(): DiscardProposal | null {
    const { item } = this.needs.store;
    return (
      this.proposal ??
      this.open.find(
        ({ camera_id, first, last }) =>
          item !== null &&
          camera_id === item.camera_id &&
          item.position >= first &&
          item.position <= last,
      ) ??
      null
    );
  }

  takeProposal(): void {
    const proposal = this.meant;
    if (proposal === null) {
      this.needs.store.notify('No range is proposed to be discarded here.');
      return;
    }
    const { reason, id } = proposal;
    // What is discarded already has its reason.
    const items = this.framesOf(proposal).filter(({ state }) => state !== 'discarded');
    this.act(
      { kind: 'verdict', verdict: 'discard', reason, text: null, proposalId: id },
      items,
      `Discard a proposed range: ${REASON_LABELS[reason].toLowerCase()}`,
    );
    this.said(id, 'taken');
    this.nextProposal();
  }

  refuseProposal(): void {
    const proposal = this.meant;
    if (proposal === null || this.needs.store.state.mode !== 'annotate') {
      this.needs.store.notify('No range is proposed to be discarded here.');
      return;
    }
    const act = { kind: 'proposal', id: proposal.id, state: 'refused' } as const;
    this.post(crypto.randomUUID(), act, []);
    this.said(proposal.id, 'refused');
    this.nextProposal();
  }

  private said(id: number, state: DiscardProposal['state']): void {
    const proposals = this.state.proposals.map((p) => (p.id === id ? { ...p, state } : p));
    this.api.setState({ proposals, proposal: null });
  }

  // What the server said

  private waits(waiting: readonly WaitingRange[]): void {
    // What an earlier visit left behind is shown as it will be.
    for (const { operationId, frames, act } of waiting) {
      if (this.own.has(operationId)) continue;
      this.own.add(operationId);
      this.show(operationId, frames, act);
    }
    this.api.setState({ waiting });
  }

  private sent(done: RangeDone | null, letter: RangeLetter): void {
    this.before.delete(letter.operationId);
    if (done === null) return;
    const { frames } = this.needs;
    const changes = new Map<number, Change>();
    done.frames.forEach((id, i) => {
      changes.set(id, {
        version: done.versions[i] ?? 0,
        state: done.states[i] ?? 'undecided',
        reason: done.reasons[i] ?? null,
        in_playback: (done.playback_fps[i] ?? null) !== null,
      });
    });
    const lost = done.skipped.filter(({ why }) => why !== 'elsewhere');
    for (const { frame_id: id, state, version } of lost) {
      if (state == null || version == null) continue;
      const was = this.kept.get(letter.operationId)?.get(id);
      const reason = state === 'discarded' ? (was?.reason ?? null) : null;
      const in_playback = was?.state === state && was.in_playback;
      changes.set(id, { version, state, reason, in_playback });
    }
    frames.patchItems(changes);
    this.needs.reread(new Set(changes.keys()));
    if (letter.act.kind === 'undo' || (letter.act.kind === 'verdict' && letter.act.proposalId)) {
      void this.readProposals();
    }
    this.tell(done);
  }

  private tell(done: RangeDone): void {
    const { store } = this.needs;
    const left = leftOut(done, store.state.frames);
    this.api.setState({ left });
    const n = count(done.frames.length, 'frame');
    if (left !== null) store.notify(`${n} changed. ${left}`, 'warn');
    else store.notify(`${n} changed.`);
  }

  /** Show what an act will come to, until the server says what it came to. */
  private show(operationId: string, ids: readonly number[], act: RangeAct): void {
    if (act.kind === 'undo' || act.kind === 'proposal') return;
    const { store, frames } = this.needs;
    const wanted = new Set(ids);
    const before = new Map<number, Change>();
    const changes = new Map<number, Change>();
    for (const item of store.state.frames) {
      if (!wanted.has(item.id)) continue;
      const { state, reason, in_playback } = item;
      before.set(item.id, { state, reason, in_playback });
      changes.set(item.id, shownAfter(act, item));
    }
    this.before.set(operationId, before);
    this.kept.set(operationId, before);
    frames.patchItems(changes);
  }

  /** The same, of every act in this visit: what taking it back will come to. */
  private readonly kept = new Map<string, Map<number, Change>>();

  private showAsBefore(operationId: string, of: string): void {
    const before = this.kept.get(of);
    if (before === undefined) return;
    const now = new Map<number, Change>();
    for (const { id, state, reason, in_playback } of this.needs.store.state.frames) {
      if (before.has(id)) now.set(id, { state, reason, in_playback });
    }
    this.kept.set(operationId, now);
    this.before.set(operationId, now);
    this.needs.frames.patchItems(before);
  }
}
