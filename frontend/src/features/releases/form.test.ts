import { describe, expect, it } from 'vitest';
import type { Release } from '@/shared/api/types';
import {
  changesOf,
  editOf,
  effectAskedBy,
  type Form,
  faultsOf,
  formOf,
  sidesOf,
  sumOfShares,
} from './form';

const RELEASE = {
  version: '1.0.0',
  audience: 'internal',
  licence: '',
  contact: '',
  citation: '',
  notes: '',
  settings: {
    selection: { consented_only: true, demo: false, every_nth: 1, near_duplicates: true },
    splitting: {
      seed: 1,
      targets: [
        { name: 'train', share: 0.8 },
        { name: 'test', share: 0.2 },
      ],
    },
    packaging: { images: 'stored', fits: true, provenance: true },
  },
} as unknown as Release;

const saved = formOf(RELEASE);
const form = (change: Partial<Form> = {}): Form => ({ ...saved, ...change });

describe('a draft as it is edited', () => {
  it('shows shares as percent, without the dust of floating point', () => {
    expect(saved.targets.map((target) => target.share)).toEqual(['80', '20']);
    expect(sumOfShares(saved.targets)).toBe(100);
  });

  it('has no unsaved change where something was typed back', () => {
    expect(changesOf(saved, { everyNth: '3' })).toEqual({ everyNth: '3' });
    expect(changesOf(saved, { everyNth: '1', sources: null })).toEqual({});
  });

  it('saves words one by one, and settings as a whole', () => {
    const words = { notes: ' first ' };
    expect(editOf(form(words), words)).toEqual({ notes: 'first' });
    const rule = { everyNth: '5' };
    const edit = editOf(form(rule), rule);
    expect(Object.keys(edit)).toEqual(['settings']);
    expect(edit.settings?.selection?.every_nth).toBe(5);
    expect(edit.settings?.splitting?.targets).toEqual(RELEASE.settings.splitting?.targets);
  });

  it('comes back from its own settings unchanged', () => {
    const rule = { minAge: '2.5', maxShare: '12.5', withoutFlags: ['dark'] as const };
    const { settings } = editOf(form(rule), rule);
    const again = formOf({ ...RELEASE, settings: settings ?? {} });
    expect(again).toEqual(form(rule));
  });

  it.each([
    [{ version: '1.0' }, 'version'],
    [{ everyNth: '' }, 'everyNth'],
    [{ everyNth: '1.5' }, 'everyNth'],
    [{ minAge: '-1' }, 'minAge'],
    [{ minAge: '9', maxAge: '3' }, 'maxAge'],
    [{ maxShare: '0' }, 'maxShare'],
    [{ maxShare: '101' }, 'maxShare'],
    [{ seed: 'x' }, 'seed'],
    [{ sources: [] }, 'sources'],
    [{ recordings: [] }, 'recordings'],
    [{ targets: [{ name: 'train', share: '90' }] }, 'targets'],
    [{ targets: [{ name: 'Train', share: '100' }] }, 'targets'],
    [
      {
        targets: [
          { name: 'a', share: '100' },
          { name: 'b', share: '0' },
        ],
      },
      'targets',
    ],
    [
      {
        targets: [
          { name: 'a', share: '50' },
          { name: 'a', share: '50' },
        ],
      },
      'targets',
    ],
  ] as [Partial<Form>, keyof Form][])('finds fault with %j', (change, field) => {
    expect(Object.keys(faultsOf(form(change)))).toEqual([field]);
  });

  it('finds no fault with thirds', () => {
    const thirds = ['33.33', '33.33', '33.34'].map((share, i) => ({ name: `fold${i}`, share }));
    expect(faultsOf(form({ targets: thirds }))).toEqual({});
  });

  it('asks for folds as targets of one size, and forgets shares of sources', () => {
    const folds = form({ folds: '3', bySource: { youtube: { train: '100' } } });
    expect(faultsOf(folds)).toEqual({});
    expect(sidesOf(folds).map((side) => side.name)).toEqual(['fold_1', 'fold_2', 'fold_3']);
    const { settings } = editOf(folds, { folds: '3' });
    expect(settings?.splitting).toMatchObject({ folds: 3, by_source: {} });
    const again = formOf({ ...RELEASE, settings: settings ?? {} });
    expect(again.folds).toBe('3');
    expect(Object.keys(faultsOf(form({ folds: '1' })))).toEqual(['folds']);
    expect(sidesOf(form({ folds: 'x' }))).toEqual([]);
  });

  it('keeps shares of a source for the splits that there are', () => {
    const own = form({ bySource: { youtube: { train: '50', test: '50', old: '3' } } });
    expect(faultsOf(own)).toEqual({});
    const { settings } = editOf(own, { bySource: own.bySource });
    expect(settings?.splitting?.by_source).toEqual({ youtube: { train: 0.5, test: 0.5 } });
    const half = form({ bySource: { youtube: { train: '50' } } });
    expect(faultsOf(half).bySource).toBe('The shares of YouTube add up to 50 %, not to 100 %.');
  });

  it('asks for no effect of a rule that cannot be read, whatever the words say', () => {
    expect(effectAskedBy(form({ everyNth: '' }))).toBeNull();
    expect(effectAskedBy(form({ version: 'soon' }))?.audience).toBe('internal');
  });
});
