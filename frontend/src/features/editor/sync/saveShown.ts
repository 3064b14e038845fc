/** What the editor's corner says: changes and comments are saved apart, a person has one question. */
import { count } from '@/shared/lib/format';
import type { SaveStatus } from './batch';
import type { WaitingComment } from './comments';

export type SaveShown =
  | SaveStatus
  | { readonly kind: 'offline' | 'signed-out'; readonly changes: number; readonly comments: number }
  | { readonly kind: 'comment-refused'; readonly frames: readonly number[] };

/** Says `saved` only if the server has every change and every comment. */
export function saveShown(save: SaveStatus, letters: readonly WaitingComment[]): SaveShown {
  if (letters.length === 0 || save.kind === 'conflict' || save.kind === 'refused') return save;
  const comments = letters.length;
  if (save.kind === 'offline' || save.kind === 'signed-out') return { ...save, comments };
  const refused = letters.filter((letter) => letter.refused !== null);
  if (refused.length > 0) {
    return { kind: 'comment-refused', frames: refused.map(({ frameId }) => frameId) };
  }
  const held = letters.find((letter) => letter.held !== null)?.held;
  const changes = save.kind === 'saving' ? save.changes : 0;
  if (held) return { kind: held === 'signed-out' ? held : 'offline', changes, comments };
  return { kind: 'saving', changes: changes + comments };
}

/** Such as "2 changes and 1 comment". */
export function namedUnsaved(changes: number, comments: number): string {
  const parts = [
    ...(changes > 0 || comments === 0 ? [count(changes, 'change')] : []),
    ...(comments > 0 ? [count(comments, 'comment')] : []),
  ];
  return parts.join(' and ');
}
