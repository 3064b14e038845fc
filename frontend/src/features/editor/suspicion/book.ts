/** The suspicion queue as pages know it: which joints probably need a hand, and who said otherwise. */
import type { DoubtedJoint, FrameItem, Suspicions } from '@/shared/api/types';
import { DOUBT_NAMES, DOUBTS, type Doubt } from '@/shared/domain/rules.gen';

/** The doubted joints of each frame, the most doubted first; waved through ones too. */
export type Book = ReadonlyMap<number, readonly DoubtedJoint[]>;

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

/**
 * The next joint of the queue: the other ones of this frame, then the frames in order of doubt,
 * going round once; null where nothing is left.
 */
export function nextSuspicious(
  book: Book,
  frames: readonly FrameItem[],
  here: { readonly index: number; readonly joint: number | null },
  direction: 1 | -1,
): Place | null {
  const queue = mostDoubtedFirst(
    frames,
    frames.flatMap((item, i) => ((item.doubts ?? 0) > 0 ? [i] : [])),
  ).flatMap((index) =>
    openJoints(book, frames[index]?.id ?? -1).map(({ joint }): Place => ({ index, joint })),
  );
  if (queue.length === 0) return null;
  const at = queue.findIndex(({ index, joint }) => index === here.index && joint === here.joint);
  if (at >= 0) return queue.at((at + direction) % queue.length) ?? null;
  const first = queue.find(({ index }) => index === here.index);
  return first ?? (direction === 1 ? queue[0] : queue.at(-1)) ?? null;
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
