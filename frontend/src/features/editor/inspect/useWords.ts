import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { keys } from '@/shared/api/keys';
import { onLogin } from '@/shared/api/loginHint';
import { useMe } from '@/shared/api/queries/accounts';
import type { Comparison, FrameItem, Mark } from '@/shared/api/types';
import { toast } from '@/shared/ui';
import type { Waiting } from '../sync/letters';
import { type Word, type WordLetter, wordsOf } from './letters';

const SETTLE_MS = 600;

/** What a word makes of a comparison before the server has said so. */
export function spoken(shown: Comparison, word: Word): Comparison {
  if (word.kind === 'mark') {
    const wrong = word.mark === 'revise' ? shown.marks.wrong : [];
    return { ...shown, mark: word.mark, marks: { ...shown.marks, wrong, mark: word.mark } };
  }
  if (word.kind !== 'joints') return shown;
  const had = shown.marks.wrong.length > 0;
  const mark: Mark | null = word.wrong.length > 0 ? 'revise' : had ? null : shown.mark;
  return {
    ...shown,
    mark,
    marks: { ...shown.marks, mark, wrong: [...word.wrong], right: [...word.right] },
  };
}

export interface Words {
  readonly say: (word: Word) => void;
  readonly waiting: readonly Waiting<WordLetter>[];
  /** Resolves when the server has everything; throws what stands in the way. */
  readonly drained: () => Promise<void>;
  readonly abandon: (operationId: string) => void;
}

/** Says words about a recording: kept on this computer first, shown at once, then sent. */
export function useWords(recordingId: number): Words {
  const me = useMe();
  const client = useQueryClient();
  const [waiting, setWaiting] = useState<readonly Waiting<WordLetter>[]>([]);
  const settle = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const queue = useMemo(() => wordsOf(me.id), [me.id]);

  useEffect(() => {
    queue.onWaiting = (letters) =>
      setWaiting(letters.filter((letter) => letter.recordingId === recordingId));
    queue.onSent = (_, { word }) => {
      if (word.kind === 'remark' || word.kind === 'reply' || word.kind === 'resolve') {
        void client.invalidateQueries({ queryKey: keys.recordingComments(recordingId) });
      }
      clearTimeout(settle.current);
      settle.current = setTimeout(() => {
        void client.invalidateQueries({ queryKey: keys.vouching(recordingId) });
        void client.invalidateQueries({ queryKey: keys.inspectionFacts(recordingId) });
      }, SETTLE_MS);
    };
    queue.restore().catch(() => undefined);
    const again = (): void => queue.retry();
    const stopLogin = onLogin(again);
    window.addEventListener('online', again);
    return () => {
      stopLogin();
      window.removeEventListener('online', again);
      clearTimeout(settle.current);
      queue.onWaiting = () => undefined;
      queue.onSent = () => undefined;
    };
  }, [queue, client, recordingId]);

  return useMemo(
    () => ({
      waiting,
      say: (word: Word) => {
        const known = client.setQueryData<Comparison>(keys.comparison(word.frameId), (shown) =>
          shown ? spoken(shown, word) : shown,
        );
        if (word.kind === 'mark' || word.kind === 'joints') {
          const mark = word.kind === 'mark' ? word.mark : (known?.mark ?? null);
          client.setQueryData<FrameItem[]>(keys.frames(recordingId), (frames) =>
            frames?.map((frame) => (frame.id === word.frameId ? { ...frame, mark } : frame)),
          );
        }
        const more =
          word.kind === 'remark' ? 1 : word.kind !== 'resolve' ? 0 : word.resolved ? -1 : 1;
        if (more !== 0) {
          client.setQueryData<FrameItem[]>(keys.frames(recordingId), (frames) =>
            frames?.map((frame) =>
              frame.id === word.frameId
                ? { ...frame, comments: Math.max(0, frame.comments + more) }
                : frame,
            ),
          );
        }
        queue.add({ recordingId, word }).catch(() => toast.error('That could not be kept'));
      },
      drained: () => queue.drained(recordingId),
      abandon: (operationId: string) => queue.abandon(operationId),
    }),
    [queue, client, recordingId, waiting],
  );
}
