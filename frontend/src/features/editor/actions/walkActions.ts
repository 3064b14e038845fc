/** To the next frame of a kind, in the order in which one steps. */
import type { FrameItem } from '@/shared/api/types';
import { readFrame } from '../frames/requests';
import type { Editor } from '../store/Editor';
import type { Action } from './action';

/** The next frame that fits, going round once; the person is told where there is none. */
function goToNext(
  editor: Editor,
  fits: (item: FrameItem) => boolean,
  none: string,
  since?: number,
): void {
  const { order, index, frames } = editor.state;
  const at = order.indexOf(index);
  const ahead = [...order.slice(at + 1), ...order.slice(0, Math.max(at, 0))];
  const next = ahead.find((i) => frames[i] !== undefined && fits(frames[i]));
  if (next === undefined) editor.notify(none);
  else editor.go(next, since);
}

const isReturned = (item: FrameItem): boolean =>
  item.returned || item.mark === 'revise' || item.box?.status === 'sent_back';

/** Frames asked at once, and how far to look: who wrote to a frame stands in the frame itself. */
const ASKED_AT_ONCE = 8;
const LOOK_AHEAD = 400;

async function goToNextNotMine(editor: Editor, since?: number): Promise<void> {
  const { order, index, frames, me } = editor.state;
  const at = order.indexOf(index);
  const ahead = [...order.slice(at + 1), ...order.slice(0, Math.max(at, 0))]
    .filter((i) => frames[i]?.state !== 'undecided')
    .slice(0, LOOK_AHEAD);
  const isOthers = async (i: number): Promise<boolean> => {
    const id = frames[i]?.id;
    if (id === undefined) return false;
    const by = (editor.cache.document(id) ?? (await readFrame(id))).annotation.updated_by;
    return by !== null && by.id !== me.id && editor.queue.pendingOf(id) === 0;
  };
  for (let n = 0; n < ahead.length; n += ASKED_AT_ONCE) {
    const some = ahead.slice(n, n + ASKED_AT_ONCE);
    const others = await Promise.all(some.map(isOthers));
    if (editor.state.index !== index) return;
    const next = some[others.indexOf(true)];
    if (next !== undefined) {
      editor.go(next, since);
      return;
    }
  }
  editor.notify('No frame ahead was decided by anybody else.');
}

export const WALK_ACTIONS: readonly Action[] = [
  {
    id: 'next.undecided',
    label: 'Next undecided frame',
    words: 'jump go open left',
    group: 'Move between frames',
    keys: ['Shift+U'],
    held: 'steps',
    perform: (e, t) =>
      goToNext(e, ({ state }) => state === 'undecided', 'No other frame is undecided.', t),
  },
  {
    id: 'next.returned',
    label: 'Next frame to revise',
    words: 'jump go returned sent back marked',
    group: 'Move between frames',
    keys: ['Shift+R'],
    held: 'steps',
    perform: (e, t) => goToNext(e, isReturned, 'No other frame is to be revised.', t),
  },
  {
    id: 'next.comment',
    label: 'Next frame with an open comment',
    words: 'jump go commented thread',
    group: 'Move between frames',
    keys: ['Alt+M'],
    held: 'steps',
    perform: (e, t) =>
      goToNext(e, ({ comments }) => comments > 0, 'No other frame has an open comment.', t),
  },
  {
    id: 'next.notMine',
    label: 'Next frame that somebody else decided',
    words: 'jump go other person not mine',
    group: 'Move between frames',
    keys: ['Alt+N'],
    perform: (e, t) => {
      goToNextNotMine(e, t).catch(() => e.notify('The frames ahead could not be read.', 'warn'));
    },
  },
];
