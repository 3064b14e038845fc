/** What the editor asks the server about one frame. */
import { answer, blobAt, http } from '@/shared/api/client';
import type { FrameDocument } from '@/shared/api/types';
import type { FrameImage } from './FrameCache';

/** The parameters of a request about a frame. */
export const ofFrame = (frameId: number) => ({ path: { frame_id: frameId } });

/** The version that a write builds on; null: there is nothing yet. */
export const builtOn = (version: number | null) => ({
  'if-match': version === null ? '*' : `"${version}"`,
});

export const readFrame = (frameId: number): Promise<FrameDocument> =>
  answer(http.GET('/api/v1/frames/{frame_id}', { params: ofFrame(frameId) }));

/** Fetch and decode off the main thread, so that painting later costs next to nothing. */
export async function decodeImage(url: string): Promise<FrameImage> {
  return createImageBitmap(await blobAt(url));
}
