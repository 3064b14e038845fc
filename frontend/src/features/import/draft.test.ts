// @vitest-environment jsdom

import { beforeEach, describe, expect, it } from 'vitest';
import type { Inspection } from '@/shared/api/types';
import {
  type Draft,
  EMPTY_DRAFT,
  faultsOf,
  loadDraft,
  saveDraft,
  suggestedBy,
  toRequest,
} from './draft';

const video: Draft = {
  ...EMPTY_DRAFT,
  videos: ['a'],
  name: ' Visit 3 ',
  source: 'home_visit',
  pseudonym: 'P07',
  consent: 'research',
};
const ids: Record<string, number> = { a: 11, b: 12, c: 13 };
const idOf = (file: string) => ids[file] ?? 0;

describe('an import draft', () => {
  it('of a video needs no more than files and facts', () => {
    expect(faultsOf(video)).toEqual({});
  });

  it('says everything that is missing at once', () => {
    expect(Object.keys(faultsOf(EMPTY_DRAFT)).sort()).toEqual(
      ['consent', 'files', 'name', 'pseudonym', 'source'].sort(),
    );
  });

  it('wants cameras of different names', () => {
    const cameras = [
      { name: 'Front', files: ['a'] },
      { name: 'front ', files: ['b'] },
    ];
    expect(faultsOf({ ...video, cameras }).cameras).toMatch(/same name/);
  });

  it('takes only whole steps from frame to frame', () => {
    expect(faultsOf({ ...video, every: '2.5' }).sampling).toBeDefined();
    expect(faultsOf({ ...video, sampling: 'fps', fps: '2.5' }).sampling).toBeUndefined();
    expect(faultsOf({ ...video, sampling: 'fps', fps: '0' }).sampling).toBeDefined();
  });

  it('of labels needs a file of labels, or an archive that holds them', () => {
    const labels: Draft = { ...video, kind: 'labels', videos: [] };
    expect(faultsOf(labels).labels).toBeDefined();
    expect(faultsOf({ ...labels, images: ['b'] })).toEqual({});
    expect(faultsOf({ ...labels, labels: ['c'] })).toEqual({});
  });

  it('is named after its first file, unless a person named it', () => {
    const first = new File([], 'crib.mp4');
    const named = { ...EMPTY_DRAFT, ...suggestedBy(EMPTY_DRAFT, first) };
    expect(named.name).toBe('crib');
    // The file was taken away again: another gives its name.
    expect(suggestedBy(named, new File([], 'mat.zip'))).toMatchObject({ name: 'mat' });
    expect(suggestedBy({ ...named, videos: ['a'] }, new File([], 'mat.mp4'))).toEqual({});
    expect(suggestedBy({ ...named, name: 'Visit 3' }, new File([], 'mat.zip'))).toEqual({});
  });

  it('becomes the request that the server expects', () => {
    const files = [11, 12].map((upload_id) => ({ upload_id, start_s: 0, gap_s: 0 }));
    const seen = { cameras: [{ name: 'front', files }] } as unknown as Inspection;
    expect(toRequest({ ...video, age: '7.5' }, idOf, { seen })).toMatchObject({
      kind: 'video',
      name: 'Visit 3',
      age_months: 7.5,
      cameras: [{ name: 'front', upload_ids: [11, 12] }],
      sampling: { mode: 'every', value: 10 },
    });
    const labels: Draft = { ...video, kind: 'labels', images: ['b'], labels: ['c'] };
    expect(toRequest(labels, idOf, { seen: null })).toMatchObject({
      cameras: [],
      upload_ids: [12],
      label_upload_ids: [13],
    });
  });
});

describe('a kept draft', () => {
  beforeEach(() => sessionStorage.clear());

  it('survives a reload without its files', () => {
    saveDraft({ ...video, cameras: [{ name: 'front', files: ['a'] }] });
    expect(loadDraft()).toEqual({ ...video, videos: [] });
  });

  it('starts empty when what was kept is broken', () => {
    sessionStorage.setItem('infantnet.import', '{');
    expect(loadDraft()).toEqual(EMPTY_DRAFT);
  });
});
