/** Comments on their way to the server: see `letters.ts`. */
import { answer, http } from '@/shared/api/client';
import type { Comment } from '@/shared/api/types';
import { ofFrame } from '../frames/requests';
import {
  IndexedDbLetters,
  type Letter,
  type LetterMemory,
  LetterQueue,
  type Waiting,
} from './letters';

/** A comment that the server may not have yet. */
export interface CommentLetter extends Letter {
  readonly frameId: number;
  readonly joint: number | null;
  readonly body: string;
  /** Who is to see it; absent in letters of an earlier version. */
  readonly mentions?: readonly number[] | undefined;
  /** The last of several frames that it is about; null or absent: it is about one. */
  readonly untilFrameId?: number | null | undefined;
  /** The comment that it answers; none for one that begins a thread. */
  readonly replyTo?: number | undefined;
  /** The comment that this marks as done, or opens again; `body` is its own then. */
  readonly settles?: { readonly id: number; readonly resolved: boolean } | undefined;
}

export type WaitingComment = Waiting<CommentLetter>;

export type SendComment = (letter: CommentLetter) => Promise<Comment>;

export class CommentQueue extends LetterQueue<CommentLetter, Comment> {
  constructor(options: {
    readonly send: SendComment;
    readonly memory: LetterMemory<CommentLetter>;
    readonly userId: number;
  }) {
    super({
      ...options,
      stillWaiting: 'A comment is still waiting on this computer; you find it beside its frame.',
    });
  }
}

export const commentsKept = (name = 'infantnet-comments') =>
  new IndexedDbLetters<CommentLetter>(name, 'comments');

/** The door to the server. */
export const sendComment: SendComment = (letter) => {
  const { frameId, body, joint, operationId, replyTo, settles, untilFrameId } = letter;
  const mentions = [...(letter.mentions ?? [])];
  if (settles !== undefined) {
    return answer(
      http.PATCH('/api/v1/comments/{comment_id}', {
        params: { path: { comment_id: settles.id } },
        body: { resolved: settles.resolved },
      }),
    );
  }
  if (replyTo !== undefined) {
    return answer(
      http.POST('/api/v1/comments/{comment_id}/replies', {
        params: { path: { comment_id: replyTo } },
        body: { body, mentions, operation_id: operationId },
      }),
    );
  }
  return answer(
    http.POST('/api/v1/frames/{frame_id}/comments', {
      params: ofFrame(frameId),
      body: {
        body,
        joint,
        mentions,
        until_frame_id: untilFrameId ?? null,
        operation_id: operationId,
      },
    }),
  );
};
