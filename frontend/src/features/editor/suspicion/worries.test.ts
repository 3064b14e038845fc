import { describe, expect, it } from 'vitest';
import type { DoubtedJoint } from '@/shared/api/types';
import type { Skeleton } from '../document/types';
import type { Check } from '../frames/checks';
import { frameItem } from '../testing/driver';
import { nextSuspicious } from './book';
import { inLines, worriesAbout } from './worries';

const BODY: Skeleton = Array.from({ length: 17 }, (_, i) => ({ x: 10 * i, y: 5, v: 2 }) as const);

const doubted = (joint: number, change: Partial<DoubtedJoint> = {}): DoubtedJoint => ({
  joint,
  percent: 80,
  doubt: 'jump',
  reason: `Joint ${joint} jumps.`,
  x: null,
  y: null,
  waived: null,
  ...change,
});

const check = (kind: Check['kind'], joints: number[]): Check => ({
  kind,
  message: `${kind} at ${joints.join()}`,
  joints,
});

const about = (parts: Partial<Parameters<typeof worriesAbout>[0]>) =>
  worriesAbout({ checks: [], doubted: [], skeleton: BODY, words: [], ...parts });

const word = (joint: number, at: { x: number; y: number } = BODY[joint] as never) => ({
  frame_id: 1,
  joint,
  x: at.x,
  y: at.y,
  name: 'Ann',
  note: 'behind the toy',
});

describe('one list of what is doubted', () => {
  it('says once what the queue and the check of the hand both say', () => {
    const found = about({ checks: [check('jump', [9])], doubted: [doubted(9)] });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ doubt: 'jump', percent: 80, joints: [9], also: [] });
  });

  it('names further reasons about a joint beside the plainest', () => {
    const [found] = about({ checks: [check('off_mask', [9]), check('jump', [9])] });
    expect(found).toMatchObject({ doubt: 'jump', also: ['off_mask'] });
  });

  it('takes a limb by the end that comes first, whichever end the queue named', () => {
    const found = about({
      checks: [check('limb', [9, 7])],
      doubted: [doubted(7, { doubt: 'limb' })],
    });
    expect(found.map(({ joints }) => joints)).toEqual([[9, 7]]);
  });

  it('has one line for a doubt about the whole body', () => {
    const whole = BODY.map((_, joint) => doubted(joint, { doubt: 'frozen' }));
    const found = about({ doubted: whole });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ whole: true, joints: BODY.map((_, i) => i) });
  });

  it('forgets what the queue said of a joint as soon as a hand moves it', () => {
    const queued = [doubted(9)];
    expect(about({ doubted: queued })).toHaveLength(1);
    const moved = BODY.map((joint, i) => (i === 9 ? { ...joint, x: joint.x + 1 } : joint));
    expect(about({ doubted: queued, skeleton: moved })).toEqual([]);
    expect(about({ doubted: queued })).toHaveLength(1);
  });

  it('says nothing of a joint that was inferred to be elsewhere than it was doubted', () => {
    const there = { x: 90, y: 5 };
    expect(about({ doubted: [doubted(9, there)] })).toHaveLength(1);
    expect(about({ doubted: [doubted(9, { x: 60, y: 5 })] })).toEqual([]);
  });

  it('shows whose word holds, as long as the joint lies where it lay', () => {
    const checks = [check('jump', [9])];
    expect(about({ checks, words: [word(9)] })[0]?.waived).toEqual({
      name: 'Ann',
      note: 'behind the toy',
    });
    expect(about({ checks, words: [word(9, { x: 0, y: 0 })] })[0]?.waived).toBeNull();
    const limb = [check('limb', [9, 7])];
    expect(about({ checks: limb, words: [word(9)] })[0]?.waived).toBeNull();
  });

  it('puts what is open first, the most doubted before the others', () => {
    const found = about({
      doubted: [doubted(5, { percent: 60 }), doubted(6, { percent: 90 }), doubted(7)],
      words: [word(6)],
    });
    expect(found.map(({ joints }) => joints[0])).toEqual([7, 5, 6]);
  });

  it('says nothing without joints', () => {
    expect(about({ skeleton: null, doubted: [doubted(9)] })).toEqual([]);
  });
});

describe('the queue where all cameras are shown', () => {
  const at = (id: number, moment: number, percent: number) =>
    frameItem(id, { moment_id: moment, doubts: 1, percent });
  const frames = [at(0, 1, 60), at(1, 1, 95), at(2, 2, 90), at(3, 2, 55)];
  const book = new Map(frames.map(({ id }) => [id, [doubted(9)]]));
  const walk = (byMoment: boolean): number[] => {
    const seen: number[] = [];
    let here = { index: -1, joint: null as number | null };
    for (let n = 0; n < 4; n++) {
      const next = nextSuspicious(book, frames, here, 1, byMoment);
      if (next === null) break;
      seen.push(next.index);
      here = next;
    }
    return seen;
  };

  it('goes through the cameras of a moment before the next moment', () => {
    expect(walk(true)).toEqual([1, 0, 2, 3]);
    expect(walk(false)).toEqual([1, 2, 0, 3]);
  });

  it('stops at what is doubted on the canvas just now, and no more at what was mended there', () => {
    const mended = nextSuspicious(book, frames, { index: 1, joint: 9, joints: [] }, 1);
    expect(mended).toEqual({ index: 2, joint: 9 });
    const live = nextSuspicious(book, frames, { index: 1, joint: null, joints: [3] }, 1);
    expect(live).toEqual({ index: 1, joint: 3 });
  });
});

describe('lines of the list', () => {
  const unsure = [0, 1, 2, 3, 4].map((joint) => doubted(joint, { doubt: 'unsure' }));

  it('the same doubt about five joints is one line, beside which others stand alone', () => {
    const lines = inLines(about({ doubted: [...unsure, doubted(9), doubted(10)] }));
    expect(lines.map((line) => line.length).sort()).toEqual([1, 1, 5]);
  });

  it('a joint that was waved through leaves the line, and what is said of few stays apart', () => {
    const lines = inLines(about({ doubted: unsure, words: [word(3)] }));
    expect(lines.map((line) => line.length)).toEqual([1, 1, 1, 1, 1]);
  });

  it('what was waved through with one word is one line again', () => {
    const lines = inLines(
      about({ doubted: unsure, words: unsure.map(({ joint }) => word(joint)) }),
    );
    expect(lines.map((line) => line.length)).toEqual([5]);
  });
});
