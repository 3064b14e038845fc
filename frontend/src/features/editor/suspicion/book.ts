/** The suspicion queue as pages know it: which joints probably need a hand, and who said otherwise. */
import type { DoubtedJoint, FrameItem, Suspicions } from '@/shared/api/types';
import { DOUBT_NAMES, DOUBTS, type Doubt } from '@/shared/domain/rules.gen';
import type { Usual } from '../frames/around';

/** The doubted joints of each frame, the most doubted first; waved through ones too. */
export type Book = ReadonlyMap<number, readonly DoubtedJoint[]>;

/** A person's word that a joint is right, as long as it lies where it lay. */
export type Word = Suspicions['words'][number];

/** What joints are compared with while a hand drags: people's words by frame, usual sizes by camera. */
export interface Grounds {
  readonly words: ReadonlyMap<number, readonly Word[]>;
  readonly usuals: ReadonlyMap<number, Usual>;
}

export const NO_GROUNDS: Grounds = { words: new Map(), usuals: new Map() };

export function groundsOf({ words, usuals }: Suspicions): Grounds {
  const byFrame = new Map<number, Word[]>();
  for (const word of words)
    byFrame.set(word.frame_id, [...(byFrame.get(word.frame_id) ?? []), word]);
  return { words: byFrame, usuals: new Map(usuals.map((usual) => [usual.camera_id, usual])) };
}

export const EMPTY_BOOK: Book = new Map();

export const bookOf = ({ frames }: Suspicions): Book =>
  new Map(
    frames.flatMap(({ frame_id, joints }) => (joints.length > 0 ? [[frame_id, joints]] : [])),
  );

export const openJoints = (book: Book, frameId: number): readonly DoubtedJoint[] =>
  (book.get(frameId) ?? []).filter(({ waived }) => waived === null);

/** Indices by how doubted frames are; equal ones stay in their order. */
export const mostDoubtedFirst = (
  frames: readonly FrameItem[],
  order: readonly number[],
): readonly number[] =>
  [...order].sort((a, b) => (frames[b]?.percent ?? 0) - (frames[a]?.percent ?? 0) || a - b);

export interface Place {
  readonly index: number;
  readonly joint: number;
}

export interface Here {
  readonly index: number;
  readonly joint: number | null;
  /** What is doubted on the canvas just now, where it is known better than by the book. */
  readonly joints?: readonly number[];
}

/**
 * The next joint of the queue: the other ones of this frame, then the frames in order of doubt,
 * going round once; null where nothing is left. Where all cameras are shown, a moment's frames come
 * one after the other.
 */
export function nextSuspicious(
  book: Book,
  frames: readonly FrameItem[],
  here: Here,
  direction: 1 | -1,
  byMoment = false,
): Place | null {
  const jointsOf = (index: number): readonly number[] =>
    index === here.index && here.joints !== undefined
      ? here.joints
      : openJoints(book, frames[index]?.id ?? -1).map(({ joint }) => joint);
  const doubted = mostDoubtedFirst(
    frames,
    frames.flatMap((item, i) => (item.state !== 'discarded' && jointsOf(i).length > 0 ? [i] : [])),
  );
  const order = byMoment ? momentsTogether(frames, doubted) : doubted;
  const queue = order.flatMap((index) => jointsOf(index).map((joint): Place => ({ index, joint })));
  if (queue.length === 0) return null;
  const at = queue.findIndex(({ index, joint }) => index === here.index && joint === here.joint);
  if (at >= 0) return queue.at((at + direction) % queue.length) ?? null;
  const first = queue.find(({ index }) => index === here.index);
  return first ?? (direction === 1 ? queue[0] : queue.at(-1)) ?? null;
}

/** The same frames, those of one moment beside each other, in the order of each moment's first. */
function momentsTogether(
  frames: readonly FrameItem[],
  order: readonly number[],
): readonly number[] {
  const moments = new Map<number, number[]>();
  for (const index of order) {
    const moment = frames[index]?.moment_id ?? -1;
    moments.set(moment, [...(moments.get(moment) ?? []), index]);
  }
  return [...moments.values()].flat();
}

export interface LeftKind {
  readonly doubt: Doubt;
  readonly name: string;
  readonly joints: number;
  /** Indices of the frames, in working order. */
  readonly frames: readonly number[];
}

/** What is left of the queue, by kind, in the order of kinds. */
export function leftByKind(book: Book, frames: readonly FrameItem[]): LeftKind[] {
  const found = new Map<Doubt, { joints: number; frames: Set<number> }>();
  frames.forEach((item, i) => {
    if (item.state === 'discarded') return;
    for (const { doubt } of openJoints(book, item.id)) {
      const kind = found.get(doubt) ?? { joints: 0, frames: new Set() };
      found.set(doubt, kind);
      kind.joints += 1;
      kind.frames.add(i);
    }
  });
  return DOUBTS.flatMap((doubt) => {
    const kind = found.get(doubt);
    return kind === undefined
      ? []
      : [{ doubt, name: DOUBT_NAMES[doubt], joints: kind.joints, frames: [...kind.frames] }];
  });
}
