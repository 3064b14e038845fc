/** A remark, and whom it can be for. */
import type { Comment, Person, RecordingDetail } from '@/shared/api/types';

/** A remark as it was written. */
export interface Written {
  readonly body: string;
  readonly mentions: readonly number[];
  /** The frame that it is about, or the first of several. */
  readonly frameId: number;
  /** The last of several; null where it is about one. */
  readonly untilFrameId: number | null;
}

/** Everybody who has to do with a recording, but for oneself. */
export function peopleOf(
  recording: RecordingDetail,
  wrote: readonly Person[],
  me: number,
): Person[] {
  const all = [recording.annotator, recording.inspector, ...wrote].filter((p) => p !== null);
  const byId = new Map(all.map((person) => [person.id, person]));
  byId.delete(me);
  return [...byId.values()];
}

/** Who wrote comments, and who answered. */
export const authorsOf = (comments: readonly Comment[]): Person[] =>
  comments.flatMap(({ author, replies }) => [author, ...(replies ?? []).map((r) => r.author)]);
