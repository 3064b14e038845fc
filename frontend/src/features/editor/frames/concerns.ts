/** What deserves a second look in a frame: checks while the hand drags, and the suspicion queue. */
import type { FrameDocument, FrameItem } from '@/shared/api/types';
import { AROUND } from '@/shared/domain/rules.gen';
import { isModified } from '../document/skeleton';
import type { Document, Skeleton } from '../document/types';
import type { Consensus } from '../multiview/consensus';
import type { EditorState } from '../store/state';
import { openJoints } from '../suspicion/book';
import { type Worry, worriesAbout } from '../suspicion/worries';
import type { Around, Neighbour } from './around';
import { checksOf, doubtfulJoints } from './checks';
import type { LoadedFrame } from './FrameCache';
import { isUnscored } from './scores';

export interface Concerns {
  /** Hints and doubts, the most doubted first; those that were waved through last. */
  readonly worries: readonly Worry[];
  /** Joints of open worries, and of low confidence where nobody moved them. */
  readonly concerned: ReadonlySet<number>;
  /** The model's scores of the chosen person; null where a person placed the joints. */
  readonly scores: readonly number[] | null;
  readonly modified: boolean;
}

export const NO_CONCERNS: Concerns = {
  worries: [],
  concerned: new Set(),
  scores: null,
  modified: false,
};

/** What concerns are made of: as long as none of these changes, they stay. */
export interface Seen {
  readonly document: Document | null;
  readonly frame: LoadedFrame | null;
  /** The joints are another machine's word. */
  readonly inferred: boolean;
  readonly suspicions: EditorState['suspicions'];
  readonly grounds: EditorState['grounds'];
  readonly consensus: Consensus;
}

export const seenIn = (state: EditorState, consensus: Consensus): Seen => ({
  document: state.document,
  frame: state.frame,
  inferred: state.inferred !== null,
  suspicions: state.suspicions,
  grounds: state.grounds,
  consensus,
});

/** Those of the frames on the screen: several components ask for the same. */
const made = new WeakMap<LoadedFrame, { seen: Seen; concerns: Concerns }>();

const isSame = (a: Seen, b: Seen): boolean =>
  (Object.keys(a) as (keyof Seen)[]).every((key) => a[key] === b[key]);

/** What this tab knows of a frame besides. */
export interface Beside {
  readonly skeleton: Skeleton;
  /** Null where only its joints are known. */
  readonly picture: Pick<FrameDocument, 'sharpness' | 'mean_luma'> | null;
}

export type Known = (frameId: number) => Beside | null;

export function concernsIn(
  seen: Seen,
  { frames, index }: Pick<EditorState, 'frames' | 'index'>,
  known: Known,
): Concerns {
  const { document, frame } = seen;
  if (document === null || frame === null) return NO_CONCERNS;
  const last = made.get(frame);
  if (last !== undefined && isSame(last.seen, seen)) return last.concerns;
  const at = frames[frame.doc.position]?.id === frame.doc.id ? frame.doc.position : index;
  const concerns = concernsOf({ ...seen, document, frame }, frames, at, known);
  made.set(frame, { seen, concerns });
  return concerns;
}

function concernsOf(
  seen: Seen & { document: Document; frame: LoadedFrame },
  frames: readonly FrameItem[],
  at: number,
  known: Known,
): Concerns {
  const { document, frame, suspicions, grounds, inferred } = seen;
  const { doc, candidates } = frame;
  const { skeleton } = document;
  const person = doc.candidates.find((candidate) => candidate.id === document.candidateId);
  const machine = candidates.get(document.candidateId ?? -1) ?? null;
  const scores = person && !isUnscored(person) ? person.scores : null;
  const checks = checksOf(
    skeleton,
    doc,
    keptBefore(frames, at, known),
    aroundOf(seen, frames, at, known),
  );
  const worries =
    document.decision.verdict === 'discard'
      ? []
      : worriesAbout({
          checks,
          skeleton,
          doubted: suspicions.get(doc.id) ?? [],
          words: grounds.words.get(doc.id) ?? [],
        });
  const answered = new Set(
    worries.flatMap(({ waived, joints }) => (waived === null ? [] : joints)),
  );
  const concerned = new Set([
    ...worries.flatMap(({ waived, joints }) => (waived === null ? joints : [])),
    ...doubtfulJoints(skeleton, machine, scores).filter((joint) => !answered.has(joint)),
  ]);
  // Nobody moved what was inferred: it is another machine's word.
  return { worries, concerned, scores, modified: !inferred && isModified(document, candidates) };
}

function aroundOf(
  { frame, suspicions, grounds, consensus }: Seen & { frame: LoadedFrame },
  frames: readonly FrameItem[],
  at: number,
  known: Known,
): Around {
  const { doc, candidates } = frame;
  const view = consensus.views.findIndex(({ camera }) => camera === doc.camera_id);
  const beside = (step: 1 | -1): Neighbour | null => {
    const here = frames[at];
    const next = besides(frames, at, step);
    const there = next === null ? null : known(next.id);
    if (here === undefined || next === null || there === null) return null;
    const doubted = openJoints(suspicions, next.id).map(({ joint }) => joint);
    return {
      skeleton: there.skeleton.map((joint, i) => (doubted.includes(i) ? GONE : joint)),
      apart: Math.abs(next.time_s - here.time_s),
      samePicture: there.picture === null || isSamePicture(doc, there.picture),
    };
  };
  const box = doc.box?.status === 'sent_back' ? null : doc.box;
  return {
    before: beside(-1),
    after: beside(1),
    usual: grounds.usuals.get(doc.camera_id) ?? null,
    people: doc.candidates.flatMap(({ id, scores }) => {
      const skeleton = candidates.get(id);
      return skeleton === undefined ? [] : [{ skeleton, scores }];
    }),
    box: box ? [box.x, box.y, box.width, box.height] : null,
    views: consensus.joints.map(({ errors, agreed }) =>
      agreed && view >= 0 ? overLimit(errors[view] ?? null, consensus.limit) : null,
    ),
  };
}

const GONE = { x: 0, y: 0, v: 0 } as const;
const overLimit = (error: number | null, limit: number): number | null =>
  error === null ? null : error / limit;

/** How many frames away one of the same camera still counts as beside. */
const NEAR = 8;

/** The same camera's frame before or after; null where none is near, or it was thrown away. */
function besides(frames: readonly FrameItem[], at: number, step: 1 | -1): FrameItem | null {
  const camera = frames[at]?.camera_id;
  for (let n = 1; n <= NEAR; n++) {
    const item = frames[at + n * step];
    if (item === undefined) return null;
    if (item.camera_id === camera) return item.state === 'discarded' ? null : item;
  }
  return null;
}

/** The same camera's frame before, where somebody kept it. */
function keptBefore(frames: readonly FrameItem[], at: number, known: Known): Skeleton | null {
  const item = besides(frames, at, -1);
  return item?.state === 'accepted' || item?.state === 'corrected'
    ? (known(item.id)?.skeleton ?? null)
    : null;
}

type Picture = NonNullable<Beside['picture']>;

const isSamePicture = (a: Picture, b: Picture): boolean =>
  Math.abs(a.sharpness - b.sharpness) <= AROUND.SAME_SHARPNESS * Math.abs(b.sharpness) &&
  Math.abs(a.mean_luma - b.mean_luma) <= AROUND.SAME_LUMA;
