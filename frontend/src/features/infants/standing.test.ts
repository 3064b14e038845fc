import { describe, expect, it } from 'vitest';
import type { InfantConsents, InfantItem } from '@/shared/api/types';
import { erasedThings } from './Erasure';
import { allows, matching, scopeWords, withdrawal } from './standing';

const infant = (change: Partial<InfantItem> = {}): InfantItem => ({
  id: 1,
  pseudonym: 'INF-7',
  sex: null,
  recordings: 2,
  frames: 120,
  scope: 'research',
  by_recordings: ['internal', 'research'],
  given_on: '2026-11-01',
  document: 'A-12',
  state: 'agreed',
  published: 0,
  ...change,
});

describe('an infant', () => {
  it('is found by a part of its pseudonym or by the document', () => {
    const all = [infant(), infant({ id: 2, pseudonym: 'KIM', document: null, scope: null })];
    const ids = (q: string, shown?: 'withdrawn' | 'no_entry') =>
      matching(all, q, shown).map((one) => one.id);
    expect(ids(' inf')).toEqual([1]);
    expect(ids('a-1')).toEqual([1]);
    expect(ids('', 'no_entry')).toEqual([2]);
    expect(ids('', 'withdrawn')).toEqual([]);
  });

  it('has the scope of its entry, or else what its recordings say', () => {
    expect(scopeWords(infant())).toEqual({ words: 'Research', own: true });
    const without = infant({ scope: null });
    expect(scopeWords(without)).toEqual({ words: 'Internal, Research', own: false });
    expect(scopeWords(infant({ scope: null, by_recordings: [] })).words).toBe('Not recorded');
  });

  it('says how far a withdrawal has come', () => {
    expect(withdrawal(infant())).toBeNull();
    const back = infant({ scope: 'none', state: 'withdrawn', published: 2 });
    expect(withdrawal(back)?.words).toBe(
      'Withdrawn, still in the store, and in 2 published releases',
    );
    expect(withdrawal(infant({ state: 'erased' }))?.tone).toBe('ok');
    expect(withdrawal(infant({ state: 'erased', published: 1 }))).toEqual({
      words: 'Erased, but in 1 published release',
      tone: 'warn',
    });
  });

  it('is allowed to an audience by that scope or a wider one', () => {
    expect(allows('public', 'research')).toBe(true);
    expect(allows('internal', 'research')).toBe(false);
    expect(allows('none', 'internal')).toBe(false);
  });

  it('is erased with everything that is counted', () => {
    const recording = { id: 1, name: 'Visit', frames: 60, videos: 4, scans: 0 };
    const data = {
      infant: infant(),
      recordings: [recording, { ...recording, id: 2, scans: 1 }],
      stored: { exports: 1, uploads: 0 },
    } as InfantConsents;
    expect(erasedThings(data).join(', ')).toBe(
      '2 recordings, 120 images, 8 videos, 1 scan, 1 export',
    );
  });
});
