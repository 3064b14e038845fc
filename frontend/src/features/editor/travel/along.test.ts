import { describe, expect, it } from 'vitest';
import { N_JOINTS } from '@/shared/domain/rules.gen';
import file from '../../../../../tests/vectors/drag.json';
import { sharesOf } from './along';

interface Case {
  positions: ([number, number] | null)[];
  sigmas: (number | null)[];
  joint: number;
  to: [number, number];
  after: ([number, number] | null)[];
}

const { cases } = file as unknown as { cases: Case[] };

describe('what moves along with a dragged joint moves as on the server', () => {
  it.each(cases.map((c, i) => [i, c] as const))('case %i', (_, c) => {
    const from = c.positions[c.joint];
    const shares = sharesOf(
      c.sigmas.map((s) => s ?? Number.POSITIVE_INFINITY),
      c.joint,
    );
    expect(shares).toHaveLength(N_JOINTS);
    c.after.forEach((expected, i) => {
      const before = c.positions[i];
      if (i === c.joint || before == null || from == null || expected === null) return;
      const share = shares[i] ?? 0;
      expect(before[0] + share * (c.to[0] - from[0])).toBeCloseTo(expected[0], 2);
      expect(before[1] + share * (c.to[1] - from[1])).toBeCloseTo(expected[1], 2);
    });
  });
});
