import { describe, expect, it } from 'vitest';
import type { Board, Entry } from './queries';
import { byVersion, chooseSplit, historyOf, shownOfUnfinished, sortRows } from './rows';

let nextId = 100;

function entry(changes: Partial<Entry> & { AP?: number }): Entry {
  const { AP = 0.5, ...rest } = changes;
  nextId -= 1;
  return {
    id: nextId,
    release_id: 1,
    version: '1.0.0',
    split: 'test',
    model: 'net',
    setting: 'zero-shot',
    kind: 'joints',
    note: '',
    licence: '',
    url: '',
    file_name: 'results.json',
    file_sha256: 'a',
    file_bytes: 1,
    created_at: '2026-11-01T00:00:00Z',
    created_by: null,
    evaluated_at: '2026-11-01T00:00:00Z',
    job: null,
    measures: { AP: { value: AP, interval: null } },
    ...rest,
  };
}

const board = (changes: Partial<Board>): Board => ({
  release_id: 1,
  dataset: 'crawlers',
  version: '1.1.0',
  state: 'published',
  refuses: null,
  splits: [{ name: 'test', frames: 4, infants: 2, bodies: 0 }],
  entries: [],
  unfinished: [],
  baselines: [],
  elsewhere: [],
  ...changes,
});

describe('rows of a leaderboard', () => {
  it('puts a model’s two settings side by side with what training brought', () => {
    const { pairs } = sortRows(
      [entry({ AP: 0.7, setting: 'fine-tuned' }), entry({ AP: 0.4 })],
      'joints',
    );
    expect(pairs).toHaveLength(1);
    expect(pairs[0]?.gain).toBeCloseTo(0.3);
  });

  it('names no gain where one setting is missing', () => {
    expect(sortRows([entry({})], 'joints').pairs[0]?.gain).toBeNull();
  });

  it('counts fewer millimetres as a gain', () => {
    const mm = (value: number, setting: Entry['setting']) =>
      entry({ kind: 'bodies', setting, measures: { MPJPE: { value, interval: null } } });
    const { pairs } = sortRows([mm(40, 'fine-tuned'), mm(60, 'zero-shot')], 'bodies');
    expect(pairs[0]?.gain).toBeCloseTo(20);
  });

  it('shows the newest file of a model, and keeps the older ones apart', () => {
    const [newer, old] = [entry({ AP: 0.3 }), entry({ AP: 0.9 })];
    const { pairs, older } = sortRows([newer, old], 'joints');
    expect(pairs[0]?.entries['zero-shot']).toBe(newer);
    expect(older).toEqual([old]);
  });

  it('has the best model first, by its better setting', () => {
    const { pairs } = sortRows(
      [
        entry({ model: 'low', AP: 0.2 }),
        entry({ model: 'tuned', AP: 0.8, setting: 'fine-tuned' }),
        entry({ model: 'tuned', AP: 0.1 }),
        entry({ model: 'middle', AP: 0.6 }),
      ],
      'joints',
    );
    expect(pairs.map((pair) => pair.model)).toEqual(['tuned', 'middle', 'low']);
  });
});

describe('the history of a model', () => {
  it('holds models of several versions, in the order of versions', () => {
    const found = historyOf(
      board({
        entries: [entry({ version: '1.10.0' }), entry({ version: '1.10.0', model: 'new' })],
        elsewhere: [entry({ version: '1.9.0' }), entry({ version: '1.9.0', split: 'val' })],
      }),
      'test',
      'joints',
    );
    expect(found.versions).toEqual(['1.9.0', '1.10.0']);
    expect(found.rows.map((row) => row.model)).toEqual(['net']);
  });

  it('orders versions by their numbers', () => {
    expect(['2.0.0', '1.10.0', '1.9.1'].sort(byVersion)).toEqual(['1.9.1', '1.10.0', '2.0.0']);
  });
});

it('opens the test split unless another is asked for', () => {
  const both = board({
    splits: ['test', 'val'].map((name) => ({ name, frames: 1, infants: 1, bodies: 0 })),
  });
  expect(chooseSplit(both, undefined)).toBe('test');
  expect(chooseSplit(both, 'val')).toBe('val');
  expect(chooseSplit(both, 'vault')).toBe('test');
});

describe('files that are not measured', () => {
  const job = (state: 'failed' | 'running') => ({ state }) as Entry['job'];

  it('shows what is under way and the latest two that failed', () => {
    const failed = [1, 2, 3, 4].map(() => entry({ job: job('failed') }));
    const running = entry({ job: job('running') });
    const found = shownOfUnfinished([...failed, running]);
    expect(found.shown).toEqual([running, failed[0], failed[1]]);
    expect(found.hidden).toBe(2);
  });

  it('hides nothing where little failed', () => {
    const failed = [entry({ job: job('failed') }), entry({ job: null })];
    expect(shownOfUnfinished(failed)).toEqual({ shown: failed, hidden: 0 });
  });
});
