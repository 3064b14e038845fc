import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { N_JOINTS, type Visibility } from '@/shared/domain/rules.gen';
import { applyAll } from '../document/apply';
import { difference } from '../document/difference';
import { countPresent, jointAt, sameDocument, sameJoint, swapped } from '../document/skeleton';
import {
  ABSENT_JOINT,
  type Decision,
  type Document,
  type DrawnBox,
  type Joint,
  type Skeleton,
  UNDECIDED,
} from '../document/types';
import { conflictKey, merge, resolve } from './merge';

const CANDIDATES = new Map<number, Skeleton>([
  [7, Array.from({ length: N_JOINTS }, (_, i) => ({ x: 10 + i, y: 20 + i, v: 2 as const }))],
  [8, Array.from({ length: N_JOINTS }, (_, i) => ({ x: 90 - i, y: 70 + i, v: 1 as const }))],
]);

const NOTHING = { box: null, mark: null };
const base: Document = {
  candidateId: 7,
  skeleton: CANDIDATES.get(7) ?? null,
  decision: UNDECIDED,
  ...NOTHING,
};

const withJoint = (document: Document, index: number, joint: Joint): Document => ({
  ...document,
  skeleton: (document.skeleton ?? []).map((old, i) => (i === index ? joint : old)),
});
const at = (x: number, y: number, v: Visibility = 2): Joint => ({ x, y, v });

const joints = fc.oneof(
  fc.constant(ABSENT_JOINT),
  fc.record({
    x: fc.integer({ min: 1, max: 4 }),
    y: fc.integer({ min: 1, max: 4 }),
    v: fc.constantFrom(1 as const, 2 as const),
  }),
);
const decisions: fc.Arbitrary<Decision> = fc.constantFrom(
  UNDECIDED,
  { verdict: 'keep', reason: null, text: null },
  { verdict: 'discard', reason: 'lighting', text: null },
  { verdict: 'discard', reason: 'other', text: 'a toy' },
);
const boxes: fc.Arbitrary<DrawnBox> = fc.record({
  x: fc.integer({ min: 0, max: 3 }),
  y: fc.constant(2),
  width: fc.constant(5),
  height: fc.constant(6),
  madeFrom: fc.constantFrom(...CANDIDATES.values()),
  status: fc.constantFrom('proposed', 'approved', 'sent_back'),
});
const marks = fc.constantFrom(null, 'good' as const, 'revise' as const);
const documents: fc.Arbitrary<Document> = fc
  .record({
    candidateId: fc.constantFrom(null, 7, 8),
    skeleton: fc.option(fc.array(joints, { minLength: N_JOINTS, maxLength: N_JOINTS })),
    decision: decisions,
    box: fc.option(boxes),
    mark: marks,
  })
  .map((d) =>
    d.decision.verdict === 'keep' && countPresent(d.skeleton) === 0
      ? { ...d, decision: UNDECIDED }
      : d,
  );

/** Edits as people make them: a few joints, perhaps a verdict. */
const edited = (from: Document): fc.Arbitrary<Document> =>
  fc
    .record({
      moves: fc.array(fc.tuple(fc.nat(N_JOINTS - 1), joints), { maxLength: 4 }),
      decision: fc.option(decisions),
      box: fc.option(fc.option(boxes), { nil: undefined }),
      mark: fc.option(marks, { nil: undefined }),
    })
    .map(({ moves, decision, box = from.box, mark = from.mark }) => {
      const joints = moves.reduce((doc, [i, joint]) => withJoint(doc, i, joint), from);
      const moved = { ...joints, box, mark };
      const result = decision === null ? moved : { ...moved, decision };
      return result.decision.verdict === 'keep' && countPresent(result.skeleton) === 0
        ? { ...result, decision: UNDECIDED }
        : result;
    });

describe('merging two people’s edits of one frame', () => {
  it('joins moves of different joints without asking', () => {
    const merged = merge(base, withJoint(base, 9, at(1, 1)), withJoint(base, 10, at(2, 2)));
    expect(merged.conflicts).toEqual([]);
    expect(merged.document.skeleton?.[9]).toEqual(at(1, 1));
    expect(merged.document.skeleton?.[10]).toEqual(at(2, 2));
  });

  it('joins my joint with their verdict without asking', () => {
    const keep: Decision = { verdict: 'keep', reason: null, text: null };
    const merged = merge(base, withJoint(base, 9, at(1, 1)), { ...base, decision: keep });
    expect(merged.conflicts).toEqual([]);
    expect(merged.document.decision).toEqual(keep);
    expect(merged.document.skeleton?.[9]).toEqual(at(1, 1));
  });

  it('joins a move with a change of visibility of the same joint', () => {
    const was = jointAt(base.skeleton, 9);
    const merged = merge(base, withJoint(base, 9, at(1, 1)), withJoint(base, 9, { ...was, v: 1 }));
    expect(merged.conflicts).toEqual([]);
    expect(merged.document.skeleton?.[9]).toEqual(at(1, 1, 1));
  });

  it('asks where both moved the same joint differently, and takes the answer', () => {
    const mine = withJoint(withJoint(base, 9, at(1, 1)), 3, at(5, 5));
    const merged = merge(base, mine, withJoint(base, 9, at(2, 2)));
    expect(merged.conflicts.map(conflictKey)).toEqual(['joint-9']);
    expect(resolve(merged, new Map([['joint-9', 'mine']])).skeleton?.[9]).toEqual(at(1, 1));
    expect(resolve(merged, new Map([['joint-9', 'theirs']])).skeleton?.[9]).toEqual(at(2, 2));
    expect(resolve(merged, new Map()).skeleton?.[3]).toEqual(at(5, 5));
  });

  it('asks once for the whole body when somebody chose another person', () => {
    const theirs = { ...base, candidateId: 8, skeleton: CANDIDATES.get(8) ?? null };
    const merged = merge(base, withJoint(base, 9, at(1, 1)), theirs);
    expect(merged.conflicts.map(conflictKey)).toEqual(['skeleton']);
  });

  it('exchanges sides of joints that the other side moved', () => {
    const mine = { ...base, skeleton: swapped(base.skeleton ?? []) };
    const merged = merge(base, mine, withJoint(base, 9, at(1, 1)));
    expect(merged.conflicts).toEqual([]);
    expect(merged.document.skeleton?.[10]).toEqual(at(1, 1));
  });

  it('leaves a frame undecided that one kept and the other emptied', () => {
    const theirs: Document = { ...base, decision: { verdict: 'keep', reason: null, text: null } };
    const merged = merge(base, { ...base, candidateId: null, skeleton: null }, theirs);
    expect(merged.document.decision).toEqual(UNDECIDED);
  });

  const keep: Decision = { verdict: 'keep', reason: null, text: null };
  const madeFrom = CANDIDATES.get(7) ?? [];
  const box = (x: number, status: DrawnBox['status'] = 'proposed'): DrawnBox => ({
    ...{ x, y: 1, width: 50, height: 60, madeFrom, status },
  });
  const boxed: Document = { ...base, decision: keep, box: box(1) };

  it('joins my box with their joints, and leaves it with the joints that I saw', () => {
    const merged = merge(boxed, { ...boxed, box: box(9) }, withJoint(boxed, 9, at(1, 1)));
    expect(merged.conflicts).toEqual([]);
    expect(merged.document.box).toEqual(box(9));
    expect(merged.document.skeleton?.[9]).toEqual(at(1, 1));
  });

  it('asks where both moved the box, and takes the answer', () => {
    const merged = merge(boxed, { ...boxed, box: box(9) }, { ...boxed, box: box(5) });
    expect(merged.conflicts.map(conflictKey)).toEqual(['box']);
    expect(resolve(merged, new Map([['box', 'mine']])).box).toEqual(box(9));
    expect(resolve(merged, new Map([['box', 'theirs']])).box).toEqual(box(5));
  });

  it('asks where one judged a box that the other moved', () => {
    const approved = { ...boxed, box: box(1, 'approved') };
    const merged = merge(boxed, approved, { ...boxed, box: box(5) });
    expect(merged.conflicts.map(conflictKey)).toEqual(['box']);
  });

  it('keeps my judgement where they changed nothing of the box', () => {
    const approved = { ...boxed, box: box(1, 'approved') };
    expect(merge(boxed, approved, { ...boxed, mark: null }).document.box).toEqual(approved.box);
  });

  it('shows no box of a frame that they discarded, and mine again if I keep it', () => {
    const out: Decision = { verdict: 'discard', reason: 'lighting', text: null };
    const theirs: Document = { ...boxed, decision: out, box: null };
    const mine: Document = { ...boxed, box: box(9) };
    expect(merge(boxed, mine, theirs).document).toMatchObject({ decision: out, box: null });
    const other: Decision = { verdict: 'discard', reason: 'other', text: 'a toy' };
    const asked = merge({ ...boxed, decision: other, box: null }, mine, theirs);
    expect(asked.conflicts.map(conflictKey)).toEqual(['verdict']);
    expect(resolve(asked, new Map([['verdict', 'mine']])).box).toEqual(box(9));
  });

  it('asks before a mark is put on joints that its inspector did not see', () => {
    const mine: Document = { ...base, mark: 'good' };
    expect(merge(base, mine, base).document.mark).toBe('good');
    const merged = merge(base, mine, withJoint(base, 9, at(1, 1)));
    expect(merged.conflicts.map(conflictKey)).toEqual(['mark']);
    expect(resolve(merged, new Map([['mark', 'mine']])).mark).toBe('good');
  });

  it('gives theirs when I changed nothing, mine when they changed nothing', () => {
    fc.assert(
      fc.property(documents, documents, (a, b) => {
        expect(sameDocument(merge(a, a, b).document, b)).toBe(true);
        expect(sameDocument(merge(a, b, a).document, b)).toBe(true);
        expect(merge(a, a, b).conflicts).toEqual([]);
      }),
    );
  });

  it('asks nothing when both did the same', () => {
    fc.assert(
      fc.property(documents, documents, (a, b) => {
        const merged = merge(a, b, b);
        expect(merged.conflicts).toEqual([]);
        expect(sameDocument(merged.document, b)).toBe(true);
      }),
    );
  });

  it('takes no joint from thin air and loses no change of either side', () => {
    const three = documents
      .filter((d) => d.skeleton !== null)
      .chain((d) => fc.tuple(fc.constant(d), edited(d), edited(d)));
    fc.assert(
      fc.property(three, ([a, mine, theirs]) => {
        const merged = merge(a, mine, theirs);
        const asked = new Set(merged.conflicts.map(conflictKey));
        const isSwap = (d: Document) =>
          sameDocument({ ...d, skeleton: swapped(a.skeleton ?? []) }, d);
        fc.pre(!isSwap(mine) && !isSwap(theirs));
        for (let i = 0; i < N_JOINTS; i++) {
          const [b, m, t, r] = [a, mine, theirs, merged.document].map((d) =>
            jointAt(d.skeleton, i),
          );
          if (!b || !m || !t || !r) throw new Error('a joint is missing');
          if (asked.has(`joint-${i}`)) continue;
          if (!sameJoint(m, b) && sameJoint(t, b)) expect(r).toEqual(m);
          if (!sameJoint(t, b) && sameJoint(m, b)) expect(r).toEqual(t);
          if (sameJoint(m, b) && sameJoint(t, b)) expect(r).toEqual(b);
        }
      }),
    );
  });

  /** A mark asks only its inspector: who changed the joints has no mark to give. */
  const unmarked = (from: Document): fc.Arbitrary<Document> =>
    edited(from).map((document) => ({ ...document, mark: from.mark }));

  it('is the same from both sides, once conflicts are answered the same way', () => {
    const three = documents.chain((d) => fc.tuple(fc.constant(d), unmarked(d), unmarked(d)));
    fc.assert(
      fc.property(three, ([a, one, two]) => {
        const here = merge(a, one, two);
        const there = merge(a, two, one);
        const all = (m: typeof here, side: 'mine' | 'theirs') =>
          resolve(m, new Map(m.conflicts.map((c) => [conflictKey(c), side])));
        expect(all(here, 'mine')).toEqual(all(there, 'theirs'));
      }),
    );
  });

  it('can always be sent: the difference leads from theirs to the merge, step by valid step', () => {
    fc.assert(
      fc.property(documents, documents, (from, to) => {
        expect(sameDocument(applyAll(from, difference(from, to), CANDIDATES), to)).toBe(true);
      }),
    );
  });
});
