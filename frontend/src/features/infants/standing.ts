/** How an infant stands: what may be shown of it, and how far a withdrawal has come. */
import type { ConsentScope, InfantItem } from '@/shared/api/types';
import { SCOPE_LABELS } from '@/shared/domain/words';
import { count } from '@/shared/lib/format';
import type { Tone } from '@/shared/ui';

export const SHOWN = ['withdrawn', 'no_entry'] as const;
export type Shown = (typeof SHOWN)[number];

const ORDER: readonly ConsentScope[] = ['none', 'internal', 'research', 'public'];

/** Releases are made for one of these. */
export const AUDIENCES: readonly ConsentScope[] = ORDER.slice(1);

export function allows(scope: ConsentScope, audience: ConsentScope): boolean {
  return ORDER.indexOf(scope) >= ORDER.indexOf(audience);
}

/** Infants of the list whose pseudonym or document holds what is typed. */
export function matching(
  infants: readonly InfantItem[],
  q: string,
  shown: Shown | undefined,
): InfantItem[] {
  const wanted = q.trim().toLowerCase();
  return infants.filter((infant) => {
    if (shown === 'withdrawn' && infant.scope !== 'none') return false;
    if (shown === 'no_entry' && infant.scope !== null) return false;
    return (
      !wanted ||
      infant.pseudonym.toLowerCase().includes(wanted) ||
      (infant.document ?? '').toLowerCase().includes(wanted)
    );
  });
}

/** The scope that counts, in words; `own` where only the recordings' consents say it. */
export function scopeWords(infant: InfantItem): { words: string; own: boolean } {
  if (infant.scope !== null) return { words: SCOPE_LABELS[infant.scope], own: true };
  const scopes = infant.by_recordings.map((scope) => SCOPE_LABELS[scope]);
  return { words: scopes.length ? scopes.join(', ') : 'Not recorded', own: false };
}

/** The same for a narrow column. */
export function withdrawalInShort(infant: InfantItem): string {
  const out = infant.published ? `, in ${count(infant.published, 'release')}` : '';
  const done = { agreed: '', withdrawn: 'Withdrawn', erasing: 'Being erased', erased: 'Erased' };
  return infant.state === 'erasing' ? done.erasing : `${done[infant.state]}${out}`;
}

/** How far a withdrawal has come; null where there is none. */
export function withdrawal(infant: InfantItem): { words: string; tone: Tone } | null {
  if (infant.state === 'agreed') return null;
  const out = infant.published ? `, and in ${count(infant.published, 'published release')}` : '';
  if (infant.state === 'erasing') return { words: 'Being erased', tone: 'accent' };
  if (infant.state === 'erased') {
    return out
      ? { words: `Erased, but in ${count(infant.published, 'published release')}`, tone: 'warn' }
      : { words: 'Erased', tone: 'ok' };
  }
  return { words: `Withdrawn, still in the store${out}`, tone: 'warn' };
}
