import { describe, expect, it } from 'vitest';
import file from '../../../../../tests/vectors/checks.json';
import type { Joint, Skeleton } from '../document/types';
import { type Check, checksOf, doubtfulJoints } from './checks';

type Triples = number[][] | null;

interface Vectors {
  width: number;
  height: number;
  cases: { name: string; joints: Triples; before: Triples; checks: Check[] }[];
  doubtful: {
    name: string;
    joints: Triples;
    machine: Triples;
    scores: number[] | null;
    doubtful: number[];
  }[];
}

const vectors = file as Vectors;

const skeleton = (triples: Triples): Skeleton | null =>
  triples?.map(([x, y, v]) => ({ x, y, v }) as Joint) ?? null;

describe('labels give the same hints as on the server', () => {
  it.each(vectors.cases.map((c) => [c.name, c] as const))('%s', (_, c) => {
    expect(checksOf(skeleton(c.joints), vectors, skeleton(c.before))).toEqual(c.checks);
  });

  it.each(vectors.doubtful.map((c) => [c.name, c] as const))('%s', (_, c) => {
    const found = doubtfulJoints(skeleton(c.joints), skeleton(c.machine), c.scores);
    expect(found).toEqual(c.doubtful);
  });
});
