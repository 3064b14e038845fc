/** Joints take their places from the views that see them. */
import { JOINT_LABELS, N_JOINTS } from '@/shared/domain/rules.gen';
import { count } from '@/shared/lib/format';
import { jointAt } from '../document/skeleton';
import type { Operation } from '../document/types';
import type { Editor } from '../store/Editor';
import { insideImage } from '../store/geometry';
import { type Consensus, isByPerson, placeIn } from './consensus';
import { activeCamera } from './panes';

export interface Scope {
  readonly joints: 'selected' | 'body';
  readonly panes: 'active' | 'all';
}

/** Nearer than this a joint is where the others say already. */
const SAME_PX = 0.5;

/**
 * What accepting comes to in one view.
 *
 * Absent joints are placed as occluded, occluded ones are moved and stay occluded. A visible joint
 * stays visible; it is moved only if it was asked for by itself, or if the machine placed it and
 * the views disagree with it. What falls outside of the image is left alone.
 */
function operationsFor(
  consensus: Consensus,
  camera: number,
  joints: readonly number[],
  asked: boolean,
): Operation[] {
  const at = consensus.views.findIndex((view) => view.camera === camera);
  const view = consensus.views[at];
  if (view === undefined || view.document === null) return [];
  const { document, frame, model } = view;
  return joints.flatMap((joint): Operation[] => {
    const place = placeIn(consensus, camera, joint);
    if (place === null || !model.sees(place)) return [];
    const { x, y } = insideImage(place, model);
    const now = jointAt(document.skeleton, joint);
    if (now.v === 0) return [{ type: 'placeJoint', joint, x, y, visibility: 1 }];
    if (Math.hypot(now.x - x, now.y - y) < SAME_PX) return [];
    const disagrees = consensus.joints[joint]?.disagrees[at] === true;
    const kept = now.v === 2 && !asked && !(disagrees && !isByPerson(document, frame, joint));
    return kept ? [] : [{ type: 'moveJoint', joint, x, y }];
  });
}

/** Joints of a view that accepting would place or move: what the others offer it. */
export function offeredTo(consensus: Consensus, camera: number): ReadonlySet<number> {
  const all = Array.from({ length: N_JOINTS }, (_, i) => i);
  return new Set(
    operationsFor(consensus, camera, all, false).flatMap((o) => ('joint' in o ? [o.joint] : [])),
  );
}

/** Accept a joint or the whole body, in the active pane or in all of them, as one step to undo. */
export function acceptFromViews(editor: Editor, { joints, panes }: Scope): void {
  const { selected } = editor.state;
  const consensus = editor.views.consensus();
  if (consensus.joints.length === 0) {
    editor.notify('The other views say nothing without a calibration in use.', 'warn');
    return;
  }
  if (joints === 'selected' && selected === null) {
    editor.notify('Select a joint first: click it, or press Tab.');
    return;
  }
  const wanted =
    joints === 'selected' && selected !== null
      ? [selected]
      : Array.from({ length: N_JOINTS }, (_, i) => i);
  const here = activeCamera(editor.state);
  const cameras = consensus.views
    .map((view) => view.camera)
    .filter((camera) => panes === 'all' || camera === here);
  // A single joint is moved even where it is visible, but only in the pane that one looks at.
  const asked = joints === 'selected' && panes === 'active';
  const changes = cameras.flatMap((camera) => {
    const frameId = consensus.views.find((view) => view.camera === camera)?.frame?.doc.id;
    const operations = operationsFor(consensus, camera, wanted, asked);
    return frameId === undefined || operations.length === 0
      ? []
      : [{ frameId, camera, operations }];
  });
  const what = joints === 'selected' ? (JOINT_LABELS[selected ?? 0] ?? 'joint') : 'whole body';
  if (changes.length === 0) {
    editor.notify(whyNothing(consensus, wanted, what));
    return;
  }
  const label = `Accept ${what} from the other views`;
  const done = editor.edits.performTogether(changes, label);
  const n = changes.reduce((sum, change) => sum + change.operations.length, 0);
  const where = changes.map(({ camera }) => editor.views.nameOf(camera)).join(', ');
  const unsure = wanted.filter((joint) => {
    const found = consensus.joints[joint];
    return found !== undefined && found.point !== null && !found.agreed;
  }).length;
  const left = unsure > 0 ? ` ${count(unsure, 'joint')} left out: no two views agree.` : '';
  if (done) editor.notify(`${count(n, 'joint')} taken from the other views: ${where}.${left}`);
}

function whyNothing(consensus: Consensus, joints: readonly number[], what: string): string {
  const agreed = joints.some((joint) => consensus.joints[joint]?.agreed);
  if (agreed) return `Nothing to take over: ${what} is where the other views say, or outside.`;
  const marked = joints.some((joint) => consensus.joints[joint]?.point !== null);
  return marked
    ? `The views do not agree on the ${what}: correct one of them first.`
    : `Two views must have the ${what} before it can be taken over.`;
}
