import { describe, expect, it } from 'vitest';
import type { Dataset, ReleaseItem } from '@/shared/api/types';
import { groupsOf } from './groups';
import { heldRows, movable, shownInfants, sumsOf, unassigned } from './held';
import { nameFrom } from './NewDataset';
import { emptySplits, missingToPublish } from './publication';
import { fileUrl, type Held, type Infant } from './queries';
import { compareVersions, nextVersion, parseVersion } from './versions';

describe('versions', () => {
  it('follow the highest that there is, by number and not by letter', () => {
    expect(nextVersion([], 'major')).toBe('1.0.0');
    expect(nextVersion(['1.10.0', '1.9.3'], 'minor')).toBe('1.11.0');
    expect(nextVersion(['1.10.0', '1.9.3'], 'patch')).toBe('1.10.1');
    expect(nextVersion(['1.10.0'], 'major')).toBe('2.0.0');
    expect(compareVersions('1.9.0', '1.10.0')).toBeLessThan(0);
  });

  it.each(['1.0', '01.0.0', '1.0.0-beta', '', '1.0.0.0'])('are not written %j', (text) => {
    expect(parseVersion(text)).toBeNull();
  });
});

describe('the list', () => {
  const dataset = (id: number) => ({ id, name: `d${id}` }) as Dataset;
  const release = (id: number, of: number, version: string) =>
    ({ id, dataset: dataset(of), version }) as ReleaseItem;

  it('groups by dataset, highest version first, and shows datasets without a release', () => {
    const found = groupsOf(
      [dataset(1), dataset(2)],
      [release(5, 1, '1.2.0'), release(6, 1, '1.10.0')],
    );
    expect(found.map((group) => group.releases.map((r) => r.version))).toEqual([
      ['1.10.0', '1.2.0'],
      [],
    ]);
  });

  it('makes a name of a title', () => {
    expect(nameFrom('Säuglinge at home, 2nd part!')).toBe('sauglinge-at-home-2nd-part');
  });
});

describe('splits', () => {
  const infant = (id: number, frames: number, split: string | null) =>
    ({ id, frames, split }) as Infant;
  const table = [infant(1, 60, 'train'), infant(2, 30, 'test'), infant(3, 10, null)];

  it('are summed in the order of the targets; those without one count in the whole', () => {
    const sums = sumsOf(table, [
      { name: 'test', share: '20' },
      { name: 'train', share: 'x' },
    ]);
    expect(sums).toEqual([
      { name: 'test', frames: 30, infants: 1, share: 0.3, target: 0.2 },
      { name: 'train', frames: 60, infants: 1, share: 0.6, target: null },
    ]);
    expect(unassigned(table).map((row) => row.id)).toEqual([3]);
  });

  it('hold one row for each thing that is balanced', () => {
    const held = (name: string, split: string, amount: number): Held => ({
      kind: 'sex',
      name,
      split,
      amount,
      total: 40,
      target: 0.5,
    });
    const rows = heldRows(
      [held('female', 'train', 30), held('female', 'test', 10), held('male', 'train', 40)],
      ['test', 'train'],
    );
    expect(rows.map((row) => [row.name, row.cells.map((cell) => cell.share)])).toEqual([
      ['female', [0.25, 0.75]],
      ['male', [1]],
    ]);
  });
});

describe('publication', () => {
  it('says everything that is missing', () => {
    expect(missingToPublish('draft', { licence: ' ', contact: '' }, true)).toHaveLength(4);
    expect(missingToPublish('checked', { licence: 'CC0', contact: 'lab' }, false)).toEqual([]);
  });

  it('leads to files by their path, with strange letters escaped', () => {
    expect(fileUrl(3, 'images/a b/1#2.jpg')).toBe(
      '/api/v1/releases/3/files/images/a%20b/1%232.jpg',
    );
  });
});

describe('many infants', () => {
  const infant = (id: number, split: string | null, inherited = false) =>
    ({ id, pseudonym: `INF-${id}`, split, inherited }) as Infant;
  const table = [infant(1, 'train'), infant(2, null), infant(30, 'test', true)];

  it('move together, but for those that are there or stay where they were', () => {
    expect(movable(table, [1, 2, 30, 99], 'train')).toEqual([2]);
    expect(movable(table, [1, 2, 30], null)).toEqual([1]);
  });

  it('are found by pseudonym and by side', () => {
    const ids = (found: Infant[]) => found.map((one) => one.id);
    expect(ids(shownInfants(table, ' inf-3', undefined))).toEqual([30]);
    expect(ids(shownInfants(table, '', null))).toEqual([2]);
    expect(ids(shownInfants(table, '', 'test'))).toEqual([30]);
  });
});

describe('splits that hold nothing', () => {
  it('are named in the order in which they were wanted', () => {
    const wanted = [{ name: 'train' }, { name: 'val' }, { name: 'test' }];
    expect(emptySplits(wanted, [{ name: 'val' }])).toEqual(['train', 'test']);
    expect(emptySplits(wanted, wanted)).toEqual([]);
  });
});
