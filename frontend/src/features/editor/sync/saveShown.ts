/** What the editor's corner says: changes, comments and ranges are saved apart, a person has one question. */
import { count } from '@/shared/lib/format';
import type { SaveStatus } from './batch';
import type { WaitingComment } from './comments';
import type { WaitingRange } from './ranges';

export type SaveShown =
  | SaveStatus
  | {
      readonly kind: 'offline' | 'signed-out';
      readonly changes: number;
      readonly comments: number;
      readonly ranges: number;
    }
  | { readonly kind: 'comment-refused'; readonly frames: readonly number[] }
  | { readonly kind: 'range-refused'; readonly message: string };

/** Says `saved` only if the server has every change, every comment and every act on a range. */
export function saveShown(
  save: SaveStatus,
  letters: readonly WaitingComment[],
  acts: readonly WaitingRange[] = [],
): SaveShown {
  const waiting = [...letters, ...acts];
  if (waiting.length === 0 || save.kind === 'conflict' || save.kind === 'refused') return save;
  const [comments, ranges] = [letters.length, acts.length];
  if (save.kind === 'offline' || save.kind === 'signed-out') return { ...save, comments, ranges };
  const refused = letters.filter((letter) => letter.refused !== null);
  if (refused.length > 0) {
    return { kind: 'comment-refused', frames: refused.map(({ frameId }) => frameId) };
  }
  const stopped = acts.find((act) => act.refused !== null);
  if (stopped !== undefined) return { kind: 'range-refused', message: stopped.refused ?? '' };
  const held = waiting.find((letter) => letter.held !== null)?.held;
  const changes = save.kind === 'saving' ? save.changes : 0;
  if (held) return { kind: held === 'signed-out' ? held : 'offline', changes, comments, ranges };
  return { kind: 'saving', changes: changes + waiting.length };
}

/** Such as "2 changes, 1 comment and 1 range". */
export function namedUnsaved(changes: number, comments: number, ranges = 0): string {
  const parts = [
    ...(changes > 0 || comments + ranges === 0 ? [count(changes, 'change')] : []),
    ...(comments > 0 ? [count(comments, 'comment')] : []),
    ...(ranges > 0 ? [count(ranges, 'range')] : []),
  ];
  const last = parts.pop();
  return parts.length === 0 ? (last ?? '') : `${parts.join(', ')} and ${last}`;
}
