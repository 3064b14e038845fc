/**
 * Three-way merge of one frame: what both sides started from, what I did, what somebody else did.
 *
 * Joints merge one by one, the box as a whole; where both changed the same differently a person is
 * asked.
 */
import type { Mark } from '@/shared/api/types';
import { N_JOINTS } from '@/shared/domain/rules.gen';
import {
  countPresent,
  emptySkeleton,
  isKept,
  isPresent,
  jointAt,
  sameBox,
  sameDecision,
  sameJoint,
  sameSkeleton,
  swapped,
} from '../document/skeleton';
import {
  type Decision,
  type Document,
  type DrawnBox,
  type Joint,
  type Skeleton,
  UNDECIDED,
} from '../document/types';

export type Conflict =
  | {
      readonly kind: 'joint';
      readonly joint: number;
      readonly mine: Joint;
      readonly theirs: Joint;
    }
  | {
      readonly kind: 'skeleton';
      readonly mine: { candidateId: number | null; skeleton: Skeleton | null };
      readonly theirs: { candidateId: number | null; skeleton: Skeleton | null };
    }
  | { readonly kind: 'verdict'; readonly mine: Decision; readonly theirs: Decision }
  | { readonly kind: 'box'; readonly mine: DrawnBox | null; readonly theirs: DrawnBox | null }
  | { readonly kind: 'mark'; readonly mine: Mark | null; readonly theirs: Mark | null };

export interface Merge {
  /** Everything that could be joined; each conflict stands as theirs until it is answered. */
  readonly document: Document;
  readonly conflicts: readonly Conflict[];
  /** The box where the frame comes to be kept by an answer. */
  readonly box: DrawnBox | null;
}

export type Side = 'mine' | 'theirs';

/** A name for one conflict, stable while the person answers. */
export const conflictKey = (conflict: Conflict): string =>
  conflict.kind === 'joint' ? `joint-${conflict.joint}` : conflict.kind;

export function merge(base: Document, mine: Document, theirs: Document): Merge {
  const conflicts: Conflict[] = [];
  const body = mergeBody(base, mine, theirs, conflicts);
  const decision = mergeDecision(base.decision, mine.decision, theirs.decision, conflicts);
  const box = mergeBox(base, mine, theirs, conflicts);
  const mark = mergeMark(base, mine, theirs, conflicts);
  return { document: keepable({ ...body, decision, box, mark }), conflicts, box };
}

/** Put the answers in. Conflicts without an answer stay as theirs. */
export function resolve(merged: Merge, answers: ReadonlyMap<string, Side>): Document {
  let document: Document = { ...merged.document, box: merged.box };
  for (const conflict of merged.conflicts) {
    if (answers.get(conflictKey(conflict)) !== 'mine') continue;
    if (conflict.kind === 'skeleton') {
      document = { ...document, ...conflict.mine };
    } else if (conflict.kind === 'verdict') {
      document = { ...document, decision: conflict.mine };
    } else if (conflict.kind === 'box') {
      document = { ...document, box: conflict.mine };
    } else if (conflict.kind === 'mark') {
      document = { ...document, mark: conflict.mine };
    } else {
      const skeleton = (document.skeleton ?? []).map((joint, i) =>
        i === conflict.joint ? conflict.mine : joint,
      );
      document = { ...document, skeleton };
    }
  }
  return keepable(document);
}

type Body = Pick<Document, 'candidateId' | 'skeleton'>;

const sameBody = (a: Body, b: Body): boolean =>
  a.candidateId === b.candidateId && sameSkeleton(a.skeleton, b.skeleton);

const bodyOf = ({ candidateId, skeleton }: Body): Body => ({ candidateId, skeleton });

function mergeBody(base: Body, mine: Body, theirs: Body, conflicts: Conflict[]): Body {
  if (sameBody(mine, base) || sameBody(mine, theirs)) return bodyOf(theirs);
  if (sameBody(theirs, base)) return bodyOf(mine);
  // Another person, or no skeleton any more: single joints of two people make no body.
  const replaced =
    mine.candidateId !== base.candidateId ||
    theirs.candidateId !== base.candidateId ||
    mine.skeleton === null ||
    theirs.skeleton === null;
  if (replaced || mine.skeleton === null || theirs.skeleton === null) {
    conflicts.push({ kind: 'skeleton', mine: bodyOf(mine), theirs: bodyOf(theirs) });
    return bodyOf(theirs);
  }
  // Exchanged sides meet moved joints: exchange the moved ones too.
  const b = base.skeleton ?? emptySkeleton();
  const exchanged = swapped(b);
  if (sameSkeleton(mine.skeleton, exchanged)) {
    return { candidateId: theirs.candidateId, skeleton: swapped(theirs.skeleton) };
  }
  if (sameSkeleton(theirs.skeleton, exchanged)) {
    return { candidateId: theirs.candidateId, skeleton: swapped(mine.skeleton) };
  }
  const { skeleton: m } = mine;
  const { skeleton: t } = theirs;
  const skeleton = Array.from({ length: N_JOINTS }, (_, i) =>
    mergeJoint(i, jointAt(b, i), jointAt(m, i), jointAt(t, i), conflicts),
  );
  return { candidateId: theirs.candidateId, skeleton };
}

function mergeJoint(
  index: number,
  base: Joint,
  mine: Joint,
  theirs: Joint,
  conflicts: Conflict[],
): Joint {
  if (sameJoint(mine, base) || sameJoint(mine, theirs)) return theirs;
  if (sameJoint(theirs, base)) return mine;
  // One moved it, the other said whether it is seen: both are right.
  if (isPresent(base) && isPresent(mine) && isPresent(theirs)) {
    const iMoved = mine.x !== base.x || mine.y !== base.y;
    const theyMoved = theirs.x !== base.x || theirs.y !== base.y;
    const samePlace = mine.x === theirs.x && mine.y === theirs.y;
    const iMarked = mine.v !== base.v;
    const theyMarked = theirs.v !== base.v;
    if ((!iMoved || !theyMoved || samePlace) && (!iMarked || !theyMarked || mine.v === theirs.v)) {
      const place = iMoved ? mine : theirs;
      return { x: place.x, y: place.y, v: iMarked ? mine.v : theirs.v };
    }
  }
  conflicts.push({ kind: 'joint', joint: index, mine, theirs });
  return theirs;
}

function mergeDecision(
  base: Decision,
  mine: Decision,
  theirs: Decision,
  conflicts: Conflict[],
): Decision {
  if (sameDecision(mine, base) || sameDecision(mine, theirs)) return theirs;
  if (sameDecision(theirs, base)) return mine;
  conflicts.push({ kind: 'verdict', mine, theirs });
  return theirs;
}

/**
 * A box is merged as a whole: a judgement is one of the box that was seen, so that a box moved by
 * one and judged by the other asks, too. Who does not keep the frame says nothing about its box.
 */
function mergeBox(
  base: Document,
  mine: Document,
  theirs: Document,
  conflicts: Conflict[],
): DrawnBox | null {
  if (!isKept(theirs)) return mine.box;
  if (!isKept(mine)) return theirs.box;
  if (sameBox(mine.box, base.box) || sameBox(mine.box, theirs.box)) return theirs.box;
  if (sameBox(theirs.box, base.box)) return mine.box;
  conflicts.push({ kind: 'box', mine: mine.box, theirs: theirs.box });
  return theirs.box;
}

/** A mark is about the joints that its inspector saw: where they changed since, it asks. */
function mergeMark(
  base: Document,
  mine: Document,
  theirs: Document,
  conflicts: Conflict[],
): Mark | null {
  if (mine.mark === base.mark || mine.mark === theirs.mark) return theirs.mark;
  const asSeen = sameBody(base, theirs) && sameDecision(base.decision, theirs.decision);
  if (theirs.mark === base.mark && asSeen) return mine.mark;
  conflicts.push({ kind: 'mark', mine: mine.mark, theirs: theirs.mark });
  return theirs.mark;
}

/**
 * A frame kept by one and emptied by the other goes back to undecided, for a person to look at; a
 * frame that is not kept shows no box.
 */
function keepable(document: Document): Document {
  const kept = isKept(document) && countPresent(document.skeleton) > 0;
  if (kept) return document;
  const { decision } = document;
  return { ...document, decision: isKept(document) ? UNDECIDED : decision, box: null };
}
