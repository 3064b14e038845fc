/** Joints take their places from the views that see them. */
import { JOINT_LABELS, N_JOINTS } from '@/shared/domain/rules.gen';
import { count } from '@/shared/lib/format';
import { jointAt } from '../document/skeleton';
import type { Operation } from '../document/types';
import { insideImage } from '../store/geometry';
import { type Consensus, isByPerson, placeIn } from './consensus';

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

/** What accepting comes to in all panes that it is asked for, and what the person is told. */
export interface Accepted {
  readonly changes: readonly { frameId: number; camera: number; operations: Operation[] }[];
  readonly label: string;
  /** How many joints are taken over; or why there are none. */
  readonly words: string;
  readonly tone: 'info' | 'warn';
  /** What is not taken over, as a sentence to add; may be empty. */
  readonly left: string;
}

const nothing = (words: string, tone: 'info' | 'warn' = 'info'): Accepted => ({
  changes: [],
  label: '',
  words,
  tone,
  left: '',
});

/** Accept a joint or the whole body, in the active pane (`here`) or in all of them. */
export function acceptance(
  consensus: Consensus,
  { joints, panes }: Scope,
  { selected, here }: { selected: number | null; here: number | null },
): Accepted {
  if (consensus.joints.length === 0) {
    return nothing(
      'Nothing can be taken from the other views without a calibration in use.',
      'warn',
    );
  }
  if (joints === 'selected' && selected === null) {
    return nothing('Select a joint first.');
  }
  const wanted =
    joints === 'selected' && selected !== null
      ? [selected]
      : Array.from({ length: N_JOINTS }, (_, i) => i);
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
  if (changes.length === 0) return nothing(whyNothing(consensus, wanted, what));
  const n = changes.reduce((sum, change) => sum + change.operations.length, 0);
  const unsure = wanted.filter((joint) => {
    const found = consensus.joints[joint];
    return found !== undefined && found.point !== null && !found.agreed;
  }).length;
  return {
    changes,
    label: `Accept ${what} from the other views`,
    words: `${count(n, 'joint')} taken from the other views`,
    tone: 'info',
    left: unsure > 0 ? ` ${count(unsure, 'joint')} left out: no two views agree.` : '',
  };
}

function whyNothing(consensus: Consensus, joints: readonly number[], what: string): string {
  const agreed = joints.some((joint) => consensus.joints[joint]?.agreed);
  if (agreed)
    return `Nothing to take over: ${what} is already where the other views place it, or outside the image.`;
  const marked = joints.some((joint) => consensus.joints[joint]?.point !== null);
  return marked
    ? `The views do not agree on the ${what}: correct one of them first.`
    : `Two views must have the ${what} before it can be taken over.`;
}
