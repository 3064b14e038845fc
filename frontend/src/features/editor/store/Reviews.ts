/** Marks and comments: what an inspector says, and what an annotator answers. */
import { answer, http } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { framesQuery, recordingQuery } from '@/shared/api/queries/recordings';
import { queryClient } from '@/shared/api/queryClient';
import type { Comment, FrameDocument, Mark } from '@/shared/api/types';
import type { Event } from '@/shared/domain/rules.gen';
import { framesOf } from '../comments/range';
import type { Written } from '../comments/remark';
import type { FrameCache } from '../frames/FrameCache';
import type { CommentQueue } from '../sync/comments';
import type { SyncQueue } from '../sync/queue';
import type { EditorStore } from './EditorStore';
import type { Edits } from './Edits';
import type { KnownFrames } from './KnownFrames';

const of = (recordingId: number) => ({ path: { recording_id: recordingId } });

export interface ReviewsNeeds {
  readonly store: EditorStore;
  readonly queue: SyncQueue;
  readonly cache: FrameCache;
  readonly frames: KnownFrames;
  readonly edits: Edits;
  readonly comments: CommentQueue;
  /** Whole acts that have to arrive before the recording moves on. */
  readonly letters: readonly { drained(recordingId: number): Promise<void> }[];
}

export class Reviews {
  constructor(private readonly needs: ReviewsNeeds) {
    needs.comments.onWaiting = (letters) => needs.store.set({ letters });
    needs.comments.onSent = (comment) =>
      this.changeComments(comment, (list) => [
        ...list.filter(({ id }) => id !== comment.id),
        comment,
      ]);
  }

  /** Mark the frame on the canvas; it is kept on this computer until the server has it. */
  setMark(mark: Mark | null): void {
    if (this.needs.store.state.document?.mark === mark) return;
    this.needs.edits.perform([{ type: 'setMark', mark }], MARKED[mark ?? 'none']);
  }

  /** Before the server is asked what was looked at, it is told. */
  beforeMarking: () => Promise<void> = async () => undefined;

  /** Mark every frame good that one looked at; gives how many are left that nobody vouches for. */
  async markSeenGood(): Promise<number> {
    await this.needs.queue.drained();
    await this.beforeMarking();
    const { recording } = this.needs.store.state;
    const { unseen } = await answer(
      http.POST('/api/v1/recordings/{recording_id}/marks', {
        params: of(recording.id),
        body: { mark: 'good', only_unmarked: true },
      }),
    );
    this.needs.frames.replace(
      await queryClient.fetchQuery({ ...framesQuery(recording.id), staleTime: 0 }),
    );
    this.needs.cache.invalidateAll();
    return unseen;
  }

  /** Say something; it is kept on this computer until the server has it. */
  addComment(written: Written, joint: number | null): Promise<void> {
    const { comments, store } = this.needs;
    return comments.add({ recordingId: store.state.recording.id, joint, ...written });
  }

  /** Answer a comment; kept like one. */
  reply(comment: Comment, body: string, mentions: readonly number[]): Promise<void> {
    const { comments, store } = this.needs;
    return comments.add({
      recordingId: store.state.recording.id,
      frameId: comment.frame_id,
      body,
      mentions,
      joint: comment.joint,
      replyTo: comment.id,
    });
  }

  /** Mark a comment as done, or open it again; kept like one. */
  setResolved(comment: Comment, resolved: boolean): Promise<void> {
    const { comments, store } = this.needs;
    return comments.add({
      recordingId: store.state.recording.id,
      frameId: comment.frame_id,
      body: comment.body,
      joint: comment.joint,
      settles: { id: comment.id, resolved },
    });
  }

  async deleteComment(comment: Comment): Promise<void> {
    await answer(
      http.DELETE('/api/v1/comments/{comment_id}', {
        params: { path: { comment_id: comment.id } },
      }),
    );
    this.changeComments(comment, (list) => list.filter((c) => c.id !== comment.id));
  }

  /**
   * Fire an event of the stage machine; the editor changes its mode with the answer. What was
   * judged before comes first: afterwards the stage would not permit it any more.
   */
  async fireEvent(event: Event, note?: string): Promise<void> {
    await this.needs.queue.drained();
    const { recording } = this.needs.store.state;
    for (const letters of this.needs.letters) await letters.drained(recording.id);
    const body = { event, note: note?.trim() || null, by_hand: false };
    const detail = await answer(
      http.POST('/api/v1/recordings/{recording_id}/events', { params: of(recording.id), body }),
    );
    // The page that holds the editor follows the stage and reads the frames again.
    queryClient.setQueryData(keys.recording(recording.id), detail);
  }

  /** Be done with one's part; with the last part the recording goes to inspection. */
  async submitPart(partId: number): Promise<void> {
    await this.needs.queue.drained();
    const { recording } = this.needs.store.state;
    for (const letters of this.needs.letters) await letters.drained(recording.id);
    await answer(
      http.POST('/api/v1/parts/{part_id}/submit', { params: { path: { part_id: partId } } }),
    );
    // The page that holds the editor is told what may be done here now, then whose the parts are.
    await queryClient.fetchQuery({ ...recordingQuery(recording.id), staleTime: 0 });
    await queryClient.invalidateQueries({ queryKey: keys.recordingParts(recording.id) });
  }

  /** Approve all boxes that are neither flagged nor decided. */
  async approveRemainingBoxes(): Promise<number> {
    await this.needs.queue.drained();
    const { recording } = this.needs.store.state;
    const { approved } = await answer(
      http.POST('/api/v1/recordings/{recording_id}/boxes/approve-remaining', {
        params: of(recording.id),
        body: { include_flagged: false },
      }),
    );
    return approved;
  }

  /** What is said of a range is known with each of its frames, and counted with the first. */
  private changeComments(
    comment: Comment,
    change: (comments: readonly Comment[]) => Comment[],
  ): void {
    const { frames, store } = this.needs;
    let open: number | null = null;
    for (const frameId of framesOf(comment, store.state.frames)) {
      frames.patch(frameId, (doc: FrameDocument) => {
        const comments = change(doc.comments);
        if (frameId === comment.frame_id)
          open = comments.filter((c) => c.frame_id === frameId && c.resolved_at === null).length;
        return { ...doc, comments };
      });
    }
    if (open !== null) frames.patchItem(comment.frame_id, { comments: open });
  }
}

const MARKED = {
  good: 'Mark as good',
  revise: 'Mark to revise',
  none: 'Clear the mark',
} as const;
