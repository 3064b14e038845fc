/** A recording that is cut into parts: which of its moments are this person's to correct. */
import type { FrameItem, RecordingPart } from '@/shared/api/types';

/** Moments `first` to `last`, both included, counted from 0. */
export interface OwnPart {
  readonly id: number;
  /** Counted from 1. */
  readonly number: number;
  readonly of: number;
  readonly first: number;
  readonly last: number;
}

type Placed = Pick<FrameItem, 'moment_index'>;

export const isInPart = ({ moment_index }: Placed, { first, last }: OwnPart): boolean =>
  moment_index >= first && moment_index <= last;

/** A person's parts that are not submitted yet. */
export function ownParts(parts: readonly RecordingPart[], userId: number): OwnPart[] {
  return parts
    .filter(({ person, submitted_at }) => person.id === userId && submitted_at === null)
    .map(({ id, index, first, last }) => ({
      id,
      number: index + 1,
      of: parts.length,
      first,
      last,
    }));
}

/** The part of these that a frame lies in; else the one before, else the first. */
export function partAt(
  own: readonly OwnPart[],
  frame: Placed | null,
  before: OwnPart | null,
): OwnPart | null {
  const here = frame === null ? undefined : own.find((part) => isInPart(frame, part));
  return here ?? own.find(({ id }) => id === before?.id) ?? own[0] ?? null;
}

/** The frames that are somebody's to decide: those of their part, or all. */
export const ownFrames = <F extends Placed>(
  frames: readonly F[],
  part: OwnPart | null,
): readonly F[] => (part === null ? frames : frames.filter((item) => isInPart(item, part)));

/** "part 2 of 3, frames 401–800": people count from 1. */
export function partWords(part: OwnPart, severalCameras: boolean): string {
  const word = severalCameras ? 'moments' : 'frames';
  return `part ${part.number} of ${part.of}, ${word} ${part.first + 1}–${part.last + 1}`;
}

export function whyOutside(frame: Placed | undefined, part: OwnPart | null): string | null {
  if (part === null || frame === undefined || isInPart(frame, part)) return null;
  return `This is outside of your part (${part.first + 1}–${part.last + 1}): somebody else corrects it.`;
}

const cutOf = (parts: readonly RecordingPart[]): string =>
  parts.map(({ first, last, person }) => `${first}-${last}:${person.id}`).join();

/** What a person whose editor is open must know when a recording is cut, joined or given away. */
export function partsNews(
  before: readonly RecordingPart[],
  now: readonly RecordingPart[],
  userId: number,
): string | null {
  if (cutOf(before) === cutOf(now)) return null;
  if (now.length === 0) return 'The recording is one piece again: its parts were joined.';
  const mine = now.filter(({ person }) => person.id === userId);
  const ranges = mine.map(({ first, last }) => `${first + 1}–${last + 1}`).join(' and ');
  const what =
    before.length === 0 ? 'The recording was cut into parts' : 'The parts were given out anew';
  return mine.length === 0
    ? `${what}, and none of them is yours: others correct it now.`
    : `${what}: yours is ${ranges}. Others correct the rest.`;
}
