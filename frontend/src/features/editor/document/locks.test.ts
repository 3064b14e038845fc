import { describe, expect, it } from 'vitest';
import { EMPTY_DOCUMENT } from '../testing/documents';
import { whyLocked } from './locks';
import type { Document, Operation, Skeleton } from './types';

const skeleton = (x: number): Skeleton =>
  Array.from({ length: 17 }, (_, i) => ({ x: x + i, y: 10, v: 2 as const }));
const at = (joints: Skeleton): Document => ({ ...EMPTY_DOCUMENT, skeleton: joints });
const before = at(skeleton(0));
const moved = (joint: number): Document =>
  at(skeleton(0).map((j, i) => (i === joint ? { ...j, x: 99 } : j)));
const move = (joint: number): Operation[] => [{ type: 'moveJoint', joint, x: 99, y: 10 }];

describe('what the inspector left open', () => {
  it('is everything where nothing was said', () => {
    expect(whyLocked({}, move(9), before, moved(9))).toBeNull();
  });

  it('is nothing of an approved frame, not even an answer to it', () => {
    const keep: Operation[] = [{ type: 'setVerdict', verdict: 'keep', reason: null, text: null }];
    expect(whyLocked({ approved_round: 2 }, keep, before, before)).toMatch('approved in round 2');
  });

  it('is only the joints that were sent back', () => {
    expect(whyLocked({ open_joints: [9] }, move(9), before, moved(9))).toBeNull();
    expect(whyLocked({ open_joints: [9] }, move(10), before, moved(10))).toMatch('left wrist');
  });

  it('does not concern marks of an inspector', () => {
    const mark: Operation[] = [{ type: 'setMark', mark: 'revise' }];
    expect(whyLocked({ approved_round: 1 }, mark, before, before)).toBeNull();
  });
});
