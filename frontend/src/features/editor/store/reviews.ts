/** Marks and comments: what an inspector says, and what an annotator answers. */
import { api } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { errorMessage } from '@/shared/api/problem';
import { queryClient } from '@/shared/api/queryClient';
import type { Comment, FrameDocument, Mark, RecordingDetail } from '@/shared/api/types';
import type { Event } from '@/shared/domain/rules.gen';
import type { Editor } from './Editor';

/** Mark the frame on the canvas. Shown at once; taken back with a word if it cannot be saved. */
export function setMark(editor: Editor, mark: Mark | null): void {
  const { frame } = editor.state;
  if (frame === null || !editor.settled) return;
  const { id } = frame.doc;
  const before = editor.item?.mark ?? null;
  show(editor, id, mark);
  api.put<{ mark: Mark | null }>(`/frames/${id}/mark`, { mark }).catch((error: unknown) => {
    show(editor, id, before);
    const position = frame.doc.position + 1;
    editor.notify(`The mark on frame ${position} was not saved: ${errorMessage(error)}`, 'warn');
  });
}

function show(editor: Editor, frameId: number, mark: Mark | null): void {
  editor.walk.patchItem(frameId, { mark });
  editor.walk.patchFrame(frameId, (doc) => ({ ...doc, mark }));
}

/** Mark every frame good that has no mark yet. */
export async function markRestGood(editor: Editor): Promise<number> {
  const { recording } = editor.state;
  const { marked } = await api.post<{ marked: number }>(`/recordings/${recording.id}/marks`, {
    mark: 'good',
    only_unmarked: true,
  });
  editor.walk.setFrames(
    editor.state.frames.map((item) => (item.mark === null ? { ...item, mark: 'good' } : item)),
  );
  editor.cache.invalidateAll();
  return marked;
}

export async function addComment(
  editor: Editor,
  frameId: number,
  body: string,
  joint: number | null,
): Promise<void> {
  const comment = await api.post<Comment>(`/frames/${frameId}/comments`, { body, joint });
  changeComments(editor, frameId, (list) => [...list, comment]);
}

export async function setResolved(
  editor: Editor,
  comment: Comment,
  resolved: boolean,
): Promise<void> {
  const saved = await api.patch<Comment>(`/comments/${comment.id}`, { resolved });
  changeComments(editor, comment.frame_id, (list) =>
    list.map((other) => (other.id === saved.id ? saved : other)),
  );
}

export async function deleteComment(editor: Editor, comment: Comment): Promise<void> {
  await api.delete(`/comments/${comment.id}`);
  changeComments(editor, comment.frame_id, (list) => list.filter((c) => c.id !== comment.id));
}

function changeComments(
  editor: Editor,
  frameId: number,
  change: (comments: Comment[]) => Comment[],
): void {
  let open = 0;
  editor.walk.patchFrame(frameId, (doc: FrameDocument) => {
    const comments = change(doc.comments);
    open = comments.filter((c) => c.resolved_at === null).length;
    return { ...doc, comments };
  });
  editor.walk.patchItem(frameId, { comments: open });
}

/** Fire an event of the stage machine; the editor changes its mode with the answer. */
export async function fireEvent(editor: Editor, event: Event, note?: string): Promise<void> {
  const { recording } = editor.state;
  const body = note?.trim() ? { event, note: note.trim() } : { event };
  const detail = await api.post<RecordingDetail>(`/recordings/${recording.id}/events`, body);
  // The page that holds the editor follows the stage and reads the frames again.
  queryClient.setQueryData(keys.recording(recording.id), detail);
}

/** Approve all boxes that are neither flagged nor decided. */
export async function approveRemainingBoxes(editor: Editor): Promise<number> {
  const { recording } = editor.state;
  const path = `/recordings/${recording.id}/boxes/approve-remaining`;
  const { approved } = await api.post<{ approved: number }>(path, { include_flagged: false });
  return approved;
}
