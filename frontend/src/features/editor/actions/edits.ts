/** What keys and buttons do to the frame on the canvas. */

import {
  type DiscardReason,
  JOINT_LABELS,
  N_JOINTS,
  type Visibility,
} from '@/shared/domain/rules.gen';
import { REASON_LABELS } from '@/shared/domain/words';
import { count } from '@/shared/lib/format';
import { countPresent, emptySkeleton, isPresent, jointAt } from '../document/skeleton';
import type { Operation, Skeleton } from '../document/types';
import { needsMe, nextNeeding, stepFrom, stepMoments } from '../frames/navigation';
import { ownFrames } from '../parts/part';
import type { Editor } from '../store/Editor';
import { NOTHING } from '../store/hit';

/** The key for an action in brackets, for sentences; nothing where it has none. */
export function by(editor: Editor, action: string): string {
  const key = editor.keyOf(action);
  return key === null ? '' : ` (${key})`;
}

export function step(editor: Editor, steps: number, since?: number): void {
  const { order, index, frames } = editor.state;
  const next = editor.views.on
    ? stepMoments(frames, order, index, steps)
    : stepFrom(order, index, steps);
  if (next !== null && next !== index) editor.go(next, since);
  else if (order.length === 0) editor.notify('No frame matches the filter.');
  else {
    const what = editor.views.on ? 'moment' : 'frame';
    editor.notify(steps > 0 ? `This is the last ${what}.` : `This is the first ${what}.`);
  }
}

export function jumpToNext(editor: Editor, direction: 1 | -1, since?: number): void {
  const { frames, order, index, mode, recording } = editor.state;
  const work = { mode, stage: recording.stage };
  const next = nextNeeding(frames, order, index, work, direction);
  if (next !== null) editor.go(next, since);
  else editor.notify(NOTHING_LEFT[mode]);
}

const NOTHING_LEFT = {
  annotate: 'Every other frame is decided.',
  inspect: 'Every other frame has a mark.',
  boxes: 'Every other box is decided.',
  read: 'Nothing here is waiting for you.',
} as const;

/** After a decision: the next frame, or what is still to do where there is none. */
function onward(editor: Editor, decided: boolean, since?: number): void {
  const { order, index, frames, mode, recording } = editor.state;
  const next = stepFrom(order, index, 1);
  const to = next === null ? undefined : frames[next]?.id;
  if (next !== null && next !== index && to !== undefined) {
    if (decided) editor.edits.rememberDecision(to);
    editor.go(next, since);
    return;
  }
  const own = ownFrames(frames, editor.state.part);
  const left = own.filter((item) => needsMe(item, { mode, stage: recording.stage })).length;
  editor.notify(
    left === 0
      ? `That was the last frame, and nothing is left to decide. You can ${editor.alone ? 'hand in' : mode === 'annotate' ? 'submit' : 'return or approve'}.`
      : `That was the last frame. ${count(left, 'frame')} still ${left === 1 ? 'needs' : 'need'} you${by(editor, 'nextOpen')}.`,
  );
}

/** A discard is taken back by a key of its own: Space in passing must not undo a decision. */
function staysDiscarded(editor: Editor, reason: DiscardReason | null): string {
  const why = reason === null ? '' : ` (${REASON_LABELS[reason]})`;
  const back = `To keep it, take the discard back first${by(editor, 'undecide')}`;
  return editor.item?.returned === true
    ? `This frame was discarded${why}, and sent back. ${back}; to leave it out, discard it again${by(editor, 'discard')}.`
    : `This frame is discarded${why}, and stays so. ${back}; or go on${by(editor, 'next')}.`;
}

/** Keep the frame as it is, and go on. */
export function accept(editor: Editor, since?: number): void {
  const { document, frame } = editor.state;
  if (document === null || frame === null || !editor.settled) return;
  if (document.decision.verdict === 'discard') {
    editor.notify(staysDiscarded(editor, document.decision.reason), 'warn');
    return;
  }
  const operations: Operation[] = [];
  if (document.skeleton === null) {
    const likeliest = [...frame.doc.candidates].sort((a, b) => a.rank - b.rank)[0];
    if (likeliest !== undefined) {
      operations.push({ type: 'chooseCandidate', candidateId: likeliest.id });
    }
  }
  if (operations.length === 0 && countPresent(document.skeleton) === 0) {
    editor.notify(
      `There is no infant to keep: place joints${by(editor, 'tool.nothing')}, or discard the frame${by(editor, 'discard')}.`,
      'warn',
    );
    return;
  }
  const { returned, quick, in_playback } = editor.item ?? {};
  // What was accepted without a look is accepted anew by whoever looks at it, or is asked again.
  const asked = editor.item !== null && editor.travel.answersAgain(editor.item.id);
  const again = returned === true || quick === true || in_playback === true || asked;
  const untouched = document.decision.verdict === 'keep' && !again;
  if (!untouched) {
    operations.push({ type: 'setVerdict', verdict: 'keep' });
    if (!editor.perform(operations, 'Accept')) return;
  }
  onward(editor, !untouched, since);
  if (returned === true) {
    const number = frame.doc.position + 1;
    const back = by(editor, 'undo');
    editor.notify(
      `Frame ${number} was sent back, and is kept without a change${back && `; ${back.slice(2, -1)} takes that back`}.`,
    );
  }
}

/** Keep the frames of all cameras of the moment that have an infant, and go to the next moment. */
export function acceptMoment(editor: Editor, since?: number): void {
  if (!editor.settled) return;
  const frames = [editor.frameId, ...editor.panes.frames].filter((id) => id !== null);
  const changes = frames.flatMap((frameId) => {
    const document =
      frameId === editor.frameId
        ? editor.state.document
        : (editor.store.shown(frameId)?.document ?? null);
    const item = editor.state.frames.find(({ id }) => id === frameId);
    const verdict = document?.decision.verdict;
    const open = verdict === 'undecided' || (verdict === 'keep' && item?.returned === true);
    if (!open || countPresent(document?.skeleton ?? null) === 0) return [];
    const operations: Operation[] = [{ type: 'setVerdict', verdict: 'keep' }];
    return [{ frameId, operations }];
  });
  if (changes.length > 0 && !editor.edits.performTogether(changes, 'Accept the moment')) return;
  const empty = frames.length - changes.length;
  const { index: before, order, frames: items } = editor.state;
  const to = items[stepMoments(items, order, before, 1) ?? before];
  if (changes.length > 0 && to !== undefined && to !== items[before]) {
    editor.edits.rememberDecision(to.id);
  }
  step(editor, 1, since);
  if (editor.state.index !== before && empty > 0 && changes.length > 0) {
    const left = editor.state.frames.filter(
      (item) => frames.includes(item.id) && item.state === 'undecided',
    ).length;
    if (left > 0) {
      const lack = left === 1 ? 'lacks joints and is' : 'lack joints and are';
      editor.notify(`${count(left, 'frame')} of the previous moment ${lack} still undecided.`);
    }
  }
}

export function discard(editor: Editor, reason: DiscardReason, text: string | null): void {
  const operation: Operation = { type: 'setVerdict', verdict: 'discard', reason, text };
  if (!editor.perform([operation], 'Discard')) return;
  onward(editor, true);
}

export function undecide(editor: Editor): void {
  if (editor.state.document?.decision.verdict === 'undecided') return;
  editor.perform([{ type: 'setVerdict', verdict: 'undecided' }], 'Clear the verdict');
}

/** The inspector's yes: mark good, and go on. */
export function markAndGo(editor: Editor, since?: number): void {
  if (!editor.settled) return;
  editor.reviews.setMark('good');
  onward(editor, true, since);
}

/** Boxes: decide, and go on to the next in the order of doubt. */
export function decideBox(editor: Editor, status: 'approved' | 'sent_back', since?: number): void {
  if (!editor.settled) return;
  if (editor.boxes.current === null) {
    editor.notify(
      `No box yet: draw it, or start from one around the joints${by(editor, 'box.aroundJoints')}.`,
      'warn',
    );
    return;
  }
  if (status === 'approved' && editor.boxes.current.stale) {
    editor.notify(
      `The joints changed after this box was made: make a new mask${by(editor, 'box.rerun')}, drag it into place, or keep it if it still fits${by(editor, 'box.keep')}.`,
      'warn',
    );
    return;
  }
  if (editor.boxes.current.status !== status && !editor.boxes.judge(status)) return;
  onward(editor, true, since);
}

/** Set the selected joint's visibility; a joint without a place is placed next. */
/** The joint that a key means: the one under the pointer, or else the selected one. */
export function meantJoint({ state }: Editor): number | null {
  return state.hover.kind === 'joint' ? state.hover.joint : state.selected;
}

export function setVisibility(editor: Editor, visibility: Visibility): void {
  const meant = meantJoint(editor);
  if (meant === null) {
    editor.notify(
      `Point at a joint, or select one: click it, or step through them${by(editor, 'joint.next')}.`,
    );
    return;
  }
  setVisibilityOf(editor, meant, visibility);
}

/** A joint that was taken away comes back where it was; one that never had a place is placed next. */
export function setVisibilityOf(editor: Editor, meant: number, visibility: Visibility): void {
  const { document } = editor.state;
  const joint = jointAt(document?.skeleton ?? null, meant);
  const word = visibility === 2 ? 'visible' : visibility === 1 ? 'occluded' : 'not present';
  const label = `${JOINT_LABELS[meant]} ${word}`;
  if (!isPresent(joint)) {
    if (visibility === 0) return;
    const place = editor.edits.lastPlaceOf(meant);
    if (place !== null) {
      editor.perform([{ type: 'placeJoint', joint: meant, ...place, visibility }], label);
      return;
    }
    editor.select(meant);
    editor.tools.setTool('place');
    return;
  }
  if (joint.v === visibility) return;
  editor.perform([{ type: 'setVisibility', joint: meant, visibility }], label);
}

export function toggleOccluded(editor: Editor): void {
  const now = jointAt(editor.state.document?.skeleton ?? null, meantJoint(editor) ?? -1);
  setVisibility(editor, now.v === 1 ? 2 : 1);
}

/** Every placed joint is seen: for a model that takes doubt for occlusion. */
export function allVisible(editor: Editor): void {
  const joints = editor.state.document?.skeleton ?? [];
  const operations = joints.flatMap((joint, i): Operation[] =>
    joint.v === 1 ? [{ type: 'setVisibility', joint: i, visibility: 2 }] : [],
  );
  if (operations.length === 0) editor.notify('No joint is marked occluded.');
  else editor.perform(operations, 'All joints visible');
}

/** Select by key: from now on keys mean this joint, wherever the pointer rests. */
export function selectJoint(editor: Editor, joint: number): void {
  editor.set({ hover: NOTHING });
  editor.select(joint);
  if (!isPresent(jointAt(editor.state.document?.skeleton ?? null, joint))) {
    editor.notify(`${JOINT_LABELS[joint]} is not present.`);
  }
}

let lastNudge = { joint: -1, frame: -1, at: 0 };
const ONE_NUDGE_MS = 800;

export function nudge(editor: Editor, dx: number, dy: number): void {
  const { selected, document, frame } = editor.state;
  if (selected === null || frame === null) return;
  const joint = jointAt(document?.skeleton ?? null, selected);
  if (!isPresent(joint)) return;
  const { x, y } = editor.tools.clamp({ x: joint.x + dx, y: joint.y + dy });
  const label = `Nudge ${JOINT_LABELS[selected]}`;
  const goesOn =
    lastNudge.joint === selected &&
    lastNudge.frame === frame.doc.id &&
    performance.now() - lastNudge.at < ONE_NUDGE_MS &&
    editor.edits.lastStep === label;
  if (!editor.perform([{ type: 'moveJoint', joint: selected, x, y }], label)) return;
  if (goesOn) editor.edits.joinSteps();
  lastNudge = { joint: selected, frame: frame.doc.id, at: performance.now() };
}

export function cycleJoint(editor: Editor, direction: 1 | -1): void {
  const { selected } = editor.state;
  const from = selected ?? (direction > 0 ? -1 : N_JOINTS);
  selectJoint(editor, (from + direction + N_JOINTS) % N_JOINTS);
}

export function cycleCandidate(editor: Editor, direction: 1 | -1): void {
  const { frame, document } = editor.state;
  const people = [...(frame?.doc.candidates ?? [])].sort((a, b) => a.rank - b.rank);
  if (people.length === 0) {
    editor.notify(
      `The model found nobody in this frame: place joints from scratch${by(editor, 'tool.nothing')}.`,
    );
    return;
  }
  const at = people.findIndex((person) => person.id === document?.candidateId);
  const next = people[(at + direction + people.length) % people.length];
  if (next === undefined || next.id === document?.candidateId) {
    editor.notify('The model found only this person.');
    return;
  }
  editor.perform([{ type: 'chooseCandidate', candidateId: next.id }], 'Choose the infant');
}

/** Begin a skeleton from scratch. */
export function startFromNothing(editor: Editor): void {
  const { document } = editor.state;
  editor.select(null);
  if (document?.skeleton?.some(isPresent)) {
    const operations: Operation[] =
      document.decision.verdict === 'keep' ? [{ type: 'setVerdict', verdict: 'undecided' }] : [];
    operations.push({ type: 'setSkeleton', candidateId: null, joints: emptySkeleton() });
    if (!editor.perform(operations, 'Start from scratch')) return;
  }
  editor.tools.setTool('place');
}

export function copyPose(editor: Editor): void {
  const skeleton = editor.state.document?.skeleton ?? null;
  if (skeleton === null) return;
  editor.set({ pose: skeleton });
  editor.notify(`Pose copied; paste it into another frame${by(editor, 'pose.paste')}.`);
}

export function pastePose(editor: Editor, pose: Skeleton | null, label: string): void {
  if (pose === null) return;
  editor.perform([{ type: 'setSkeleton', candidateId: null, joints: pose }], label);
}
