/** What the editor's corner says: changes and comments are saved apart, a person has one question. */
import { count } from '@/shared/lib/format';
import type { SaveStatus } from './batch';
import type { WaitingComment } from './comments';
import type { Letter, Waiting } from './letters';

export type SaveShown =
  | SaveStatus
  | { readonly kind: 'offline' | 'signed-out'; readonly changes: number; readonly comments: number }
  | { readonly kind: 'comment-refused'; readonly frames: readonly number[] }
  | { readonly kind: 'act-refused'; readonly acts: number; readonly message: string };

/** What of whole acts on their way is shown, whatever they are about. */
export type ActOnItsWay = Pick<Waiting<Letter>, 'refused' | 'held'>;

/** Says `saved` only if acts such as ranges and postures have arrived as well. */
export function saveShown(
  save: SaveStatus,
  letters: readonly WaitingComment[],
  acts: readonly ActOnItsWay[] = [],
): SaveShown {
  const shown = withComments(save, letters);
  if (acts.length === 0) return shown;
  if (shown.kind === 'offline' || shown.kind === 'signed-out') {
    return { ...shown, changes: shown.changes + acts.length };
  }
  if (shown.kind !== 'saved' && shown.kind !== 'saving') return shown;
  const refused = acts.flatMap((act) => act.refused ?? []);
  const [message] = refused;
  if (message !== undefined) return { kind: 'act-refused', acts: refused.length, message };
  const changes = acts.length + (shown.kind === 'saving' ? shown.changes : 0);
  const held = acts.find((act) => act.held !== null)?.held;
  if (held) return { kind: held === 'signed-out' ? held : 'offline', changes, comments: 0 };
  return { kind: 'saving', changes };
}

/** Says `saved` only if the server has every change and every comment. */
function withComments(save: SaveStatus, letters: readonly WaitingComment[]): SaveShown {
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
