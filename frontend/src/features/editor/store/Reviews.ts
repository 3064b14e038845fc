/** Marks and comments: what an inspector says, and what an annotator answers. */
import { answer, http } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { errorMessage } from '@/shared/api/problem';
import { queryClient } from '@/shared/api/queryClient';
import type { Comment, FrameDocument, Mark } from '@/shared/api/types';
import type { Event } from '@/shared/domain/rules.gen';
import type { FrameCache } from '../frames/FrameCache';
import { ofFrame } from '../frames/requests';
import type { BoxEdits } from './BoxEdits';
import type { EditorStore } from './EditorStore';
import type { KnownFrames } from './KnownFrames';

const of = (recordingId: number) => ({ path: { recording_id: recordingId } });

export class Reviews {
  /** Resolves when the last mark is answered; they are sent one by one, in their order. */
  private marks: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: EditorStore,
    private readonly cache: FrameCache,
    private readonly frames: KnownFrames,
    private readonly boxes: BoxEdits,
  ) {}

  /** Mark the frame on the canvas. Shown at once; taken back with a word if it cannot be saved. */
  setMark(mark: Mark | null): void {
    const { frame } = this.store.state;
    if (frame === null || !this.store.settled) return;
    const { id } = frame.doc;
    const before = this.store.item?.mark ?? null;
    this.show(id, mark);
    const send = async (): Promise<void> => {
      try {
        await http.PUT('/api/v1/frames/{frame_id}/mark', {
          params: ofFrame(id),
          body: { mark },
        });
      } catch (error) {
        this.show(id, before);
        const words = `The mark on frame ${frame.doc.position + 1} was not saved`;
        this.store.notify(`${words}: ${errorMessage(error)}`, 'warn');
      }
    };
    this.marks = this.marks.then(send);
  }

  /** Mark every frame good that has no mark yet. */
  async markRestGood(): Promise<number> {
    const { recording } = this.store.state;
    const { marked } = await answer(
      http.POST('/api/v1/recordings/{recording_id}/marks', {
        params: of(recording.id),
        body: { mark: 'good', only_unmarked: true },
      }),
    );
    this.frames.replace(
      this.store.state.frames.map((item) =>
        item.mark === null ? { ...item, mark: 'good' } : item,
      ),
    );
    this.cache.invalidateAll();
    return marked;
  }

  async addComment(frameId: number, body: string, joint: number | null): Promise<void> {
    const comment = await answer(
      http.POST('/api/v1/frames/{frame_id}/comments', {
        params: ofFrame(frameId),
        body: { body, joint },
      }),
    );
    this.changeComments(frameId, (list) => [...list, comment]);
  }

  async setResolved(comment: Comment, resolved: boolean): Promise<void> {
    const saved = await answer(
      http.PATCH('/api/v1/comments/{comment_id}', {
        params: { path: { comment_id: comment.id } },
        body: { resolved },
      }),
    );
    this.changeComments(comment.frame_id, (list) =>
      list.map((other) => (other.id === saved.id ? saved : other)),
    );
  }

  async deleteComment(comment: Comment): Promise<void> {
    await answer(
      http.DELETE('/api/v1/comments/{comment_id}', {
        params: { path: { comment_id: comment.id } },
      }),
    );
    this.changeComments(comment.frame_id, (list) => list.filter((c) => c.id !== comment.id));
  }

  /**
   * Fire an event of the stage machine; the editor changes its mode with the answer. What was
   * judged before comes first: afterwards the stage would not permit it any more.
   */
  async fireEvent(event: Event, note?: string): Promise<void> {
    await Promise.all([this.marks, this.boxes.saved()]);
    const { recording } = this.store.state;
    const body = { event, note: note?.trim() || null, by_hand: false };
    const detail = await answer(
      http.POST('/api/v1/recordings/{recording_id}/events', { params: of(recording.id), body }),
    );
    // The page that holds the editor follows the stage and reads the frames again.
    queryClient.setQueryData(keys.recording(recording.id), detail);
  }

  /** Approve all boxes that are neither flagged nor decided. */
  async approveRemainingBoxes(): Promise<number> {
    const { recording } = this.store.state;
    const { approved } = await answer(
      http.POST('/api/v1/recordings/{recording_id}/boxes/approve-remaining', {
        params: of(recording.id),
        body: { include_flagged: false },
      }),
    );
    return approved;
  }

  private show(frameId: number, mark: Mark | null): void {
    this.frames.patchItem(frameId, { mark });
    this.frames.patch(frameId, (doc) => ({ ...doc, mark }));
  }

  private changeComments(frameId: number, change: (comments: Comment[]) => Comment[]): void {
    let open = 0;
    this.frames.patch(frameId, (doc: FrameDocument) => {
      const comments = change(doc.comments);
      open = comments.filter((c) => c.resolved_at === null).length;
      return { ...doc, comments };
    });
    this.frames.patchItem(frameId, { comments: open });
  }
}
