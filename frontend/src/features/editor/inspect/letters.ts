/** An inspector's words on their way to the server: see `../sync/letters.ts`. */
import { answer, http } from '@/shared/api/client';
import type { Mark, QuickReason } from '@/shared/api/types';
import { IndexedDbLetters, type Letter, type LetterMemory, LetterQueue } from '../sync/letters';

interface JointWords {
  readonly kind: 'joints';
  readonly frameId: number;
  readonly round: number;
  readonly wrong: readonly number[];
  readonly right: readonly number[];
}

interface MarkWord {
  readonly kind: 'mark';
  readonly frameId: number;
  readonly mark: Mark | null;
}

export interface Remark {
  readonly kind: 'remark';
  readonly frameId: number;
  readonly joint: number | null;
  readonly untilFrameId: number | null;
  readonly reason: QuickReason | null;
  readonly mentions: readonly number[];
  readonly body: string;
}

export interface Answer {
  readonly kind: 'reply';
  readonly frameId: number;
  readonly commentId: number;
  readonly mentions: readonly number[];
  readonly body: string;
}

interface Settled {
  readonly kind: 'resolve';
  readonly frameId: number;
  readonly commentId: number;
  readonly resolved: boolean;
}

export type Word = JointWords | MarkWord | Remark | Answer | Settled;

export interface WordLetter extends Letter {
  readonly word: Word;
}

export class WordQueue extends LetterQueue<WordLetter, void> {
  constructor(options: {
    readonly send: (letter: WordLetter) => Promise<void>;
    readonly memory: LetterMemory<WordLetter>;
    readonly userId: number;
  }) {
    super({
      ...options,
      stillWaiting: 'Something that you said is still waiting on this computer.',
    });
  }
}

export const wordsKept = (name = 'infantnet-inspection') => new IndexedDbLetters<WordLetter>(name);

let open: { readonly userId: number; readonly queue: WordQueue } | null = null;

/**
 * One queue for the whole tab, whichever page is open: of two, the slower might send an older mark
 * after the one that replaced it.
 */
export function wordsOf(userId: number): WordQueue {
  if (open?.userId !== userId) {
    void open?.queue.close();
    open = { userId, queue: new WordQueue({ send: sendWord, memory: wordsKept(), userId }) };
  }
  return open.queue;
}

/** The door to the server; each of these may be said twice without being done twice. */
async function sendWord({ word, operationId }: WordLetter): Promise<void> {
  const frame = { path: { frame_id: word.frameId } };
  switch (word.kind) {
    case 'joints':
      await answer(
        http.PUT('/api/v1/frames/{frame_id}/joints/marks', {
          params: frame,
          body: { round: word.round, wrong: [...word.wrong], right: [...word.right] },
        }),
      );
      return;
    case 'mark':
      await answer(
        http.PUT('/api/v1/frames/{frame_id}/mark', { params: frame, body: { mark: word.mark } }),
      );
      return;
    case 'remark':
      await answer(
        http.POST('/api/v1/frames/{frame_id}/comments', {
          params: frame,
          body: {
            body: word.body,
            joint: word.joint,
            reason: word.reason,
            until_frame_id: word.untilFrameId,
            mentions: [...word.mentions],
            operation_id: operationId,
          },
        }),
      );
      return;
    case 'reply':
      await answer(
        http.POST('/api/v1/comments/{comment_id}/replies', {
          params: { path: { comment_id: word.commentId } },
          body: { body: word.body, mentions: [...word.mentions], operation_id: operationId },
        }),
      );
      return;
    case 'resolve':
      await answer(
        http.PATCH('/api/v1/comments/{comment_id}', {
          params: { path: { comment_id: word.commentId } },
          body: { resolved: word.resolved },
        }),
      );
  }
}
