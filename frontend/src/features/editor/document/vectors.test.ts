import { describe, expect, it } from 'vitest';
import file from '../../../../../tests/vectors/operations.json';
import { apply } from './apply';
import { sameDocument } from './skeleton';
import type { Candidates, Document, DrawnBox, Joint, Operation, Skeleton } from './types';

interface Before {
  candidateId: number | null;
  joints: number[][] | null;
  verdict: string;
  reason: string | null;
  text: string | null;
  box?: VectorBox | null;
  mark?: string | null;
}

interface VectorBox {
  madeFrom: number[][];
}

type VectorOperation = {
  type: string;
  joints?: number[][] | number[] | null;
  box?: VectorBox | null;
};

interface Vectors {
  candidates: Record<string, number[][]>;
  cases: {
    name: string;
    before: Before;
    operation: VectorOperation;
    after?: Before;
    error?: string;
    inverse?: VectorOperation;
  }[];
}

const vectors = file as Vectors;

/** Joints are triples in the file, to keep it readable. */
const joints = (triples: number[][] | null): Skeleton | null =>
  triples?.map(([x, y, v]) => ({ x, y, v }) as Joint) ?? null;

const box = (data: VectorBox | null): DrawnBox | null =>
  data && ({ ...data, madeFrom: joints(data.madeFrom) } as DrawnBox);

const document = (data: Before): Document => ({
  candidateId: data.candidateId,
  skeleton: joints(data.joints),
  decision: { verdict: data.verdict, reason: data.reason, text: data.text } as Document['decision'],
  box: box(data.box ?? null),
  mark: (data.mark ?? null) as Document['mark'],
});

/** A whole skeleton, or the numbers of some joints. */
const isSkeleton = (data: VectorOperation): data is { type: string; joints: number[][] | null } =>
  data.type === 'setSkeleton' || data.type === 'takeEstimate';

const operation = (data: VectorOperation): Operation =>
  ({
    ...data,
    ...(isSkeleton(data) ? { joints: joints(data.joints) } : {}),
    ...('box' in data ? { box: box(data.box ?? null) } : {}),
  }) as Operation;

const candidates: Candidates = new Map(
  Object.entries(vectors.candidates).map(([id, triples]) => [Number(id), joints(triples) ?? []]),
);

describe('operations give the same result as on the server', () => {
  it.each(vectors.cases.map((c) => [c.name, c] as const))('%s', (_, c) => {
    const before = document(c.before);
    if (c.error !== undefined) {
      expect(() => apply(before, operation(c.operation), candidates)).toThrow(c.error);
      return;
    }
    if (c.after === undefined || c.inverse === undefined) throw new Error('incomplete vector');
    const result = apply(before, operation(c.operation), candidates);
    expect(result.document).toEqual(document(c.after));
    expect(result.inverse).toEqual(operation(c.inverse));
    const back = apply(result.document, result.inverse, candidates).document;
    expect(sameDocument(back, before)).toBe(true);
  });
});
