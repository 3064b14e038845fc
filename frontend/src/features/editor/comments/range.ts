/** Which frames a remark is about: one, or a range of one camera. */
import type { Comment, FrameItem } from '@/shared/api/types';

type Place = Pick<FrameItem, 'id' | 'camera_id' | 'position'>;

/** Whether a remark is on the frame, on a joint of it, or on a range that holds it. */
export function isAbout(
  comment: Pick<Comment, 'frame_id' | 'until_frame_id'>,
  frame: Place,
  byId: ReadonlyMap<number, Place>,
): boolean {
  if (comment.frame_id === frame.id) return true;
  const first = byId.get(comment.frame_id);
  const last = byId.get(comment.until_frame_id ?? -1);
  return (
    first !== undefined &&
    last !== undefined &&
    first.camera_id === frame.camera_id &&
    first.position <= frame.position &&
    frame.position <= last.position
  );
}

/** The frames that a remark is about, of those that are known. */
export function framesOf(
  comment: Pick<Comment, 'frame_id' | 'until_frame_id'>,
  frames: readonly Place[],
): number[] {
  if (comment.until_frame_id === null) return [comment.frame_id];
  const byId = new Map(frames.map((frame) => [frame.id, frame]));
  return frames.filter((frame) => isAbout(comment, frame, byId)).map(({ id }) => id);
}
