import { describe, expect, it } from 'vitest';
import file from '../../../../../tests/vectors/checks.json';
import type { Joint, Skeleton } from '../document/types';
import type { Around, Usual } from './around';
import { type Check, checksOf, doubtfulJoints } from './checks';

type Triples = number[][] | null;

interface Frame {
  joints: number[][];
  apart: number;
  samePicture: boolean;
}

interface TripledAround {
  before?: Frame;
  after?: Frame;
  usual?: Usual;
  people?: { joints: number[][]; scores: number[] }[];
  box?: number[];
  views?: (number | null)[];
}

interface Vectors {
  width: number;
  height: number;
  cases: { name: string; joints: Triples; before: Triples; checks: Check[] }[];
  around: { name: string; joints: Triples; around: TripledAround; checks: Check[] }[];
  doubtful: {
    name: string;
    joints: Triples;
    machine: Triples;
    scores: number[] | null;
    doubtful: number[];
  }[];
}

const vectors = file as unknown as Vectors;

const skeleton = (triples: Triples): Skeleton | null =>
  triples?.map(([x, y, v]) => ({ x, y, v }) as Joint) ?? null;

const around = ({ before, after, people, ...rest }: TripledAround): Around => ({
  ...rest,
  before: before ? { ...before, skeleton: skeleton(before.joints) as Skeleton } : null,
  after: after ? { ...after, skeleton: skeleton(after.joints) as Skeleton } : null,
  people: (people ?? []).map((one) => ({ ...one, skeleton: skeleton(one.joints) as Skeleton })),
});

describe('labels give the same hints as on the server', () => {
  it.each(vectors.cases.map((c) => [c.name, c] as const))('%s', (_, c) => {
    expect(checksOf(skeleton(c.joints), vectors, skeleton(c.before))).toEqual(c.checks);
  });

  it.each(vectors.around.map((c) => [c.name, c] as const))('%s', (_, c) => {
    expect(checksOf(skeleton(c.joints), vectors, null, around(c.around))).toEqual(c.checks);
  });

  it.each(vectors.doubtful.map((c) => [c.name, c] as const))('%s', (_, c) => {
    const found = doubtfulJoints(skeleton(c.joints), skeleton(c.machine), c.scores);
    expect(found).toEqual(c.doubtful);
  });
});
