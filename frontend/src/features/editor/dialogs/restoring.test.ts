import { expect, it } from 'vitest';
import type { Revision } from '@/shared/api/types';
import { INFANT } from '../testing/driver';
import { restoring } from './restoring';

const accepted = {
  candidate_id: 7,
  joints: INFANT,
  verdict: 'keep',
  reason: null,
  reason_text: null,
} as unknown as Revision;
const types = (entry: Revision) => restoring(entry).map(({ type }) => type);

it('joints that were placed come back as they were', () => {
  expect(types({ ...accepted, propagated: null })).toEqual(['setSkeleton', 'setVerdict']);
});

it('joints that were inferred come back as inferred, but for those that a person moved', () => {
  const all = 2 ** 17 - 1;
  const propagated = { sources: [3], solve: 2, joints: all & ~(1 << 9) };
  const operations = restoring({ ...accepted, propagated });
  expect(operations[1]).toMatchObject({ type: 'takeEstimate', sources: [3], solve: 2 });
  expect(operations.filter(({ type }) => type === 'setVisibility')).toEqual([
    { type: 'setVisibility', joint: 9, visibility: INFANT[9]?.v },
  ]);
});
