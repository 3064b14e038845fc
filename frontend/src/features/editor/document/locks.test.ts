import { describe, expect, it } from 'vitest';
import { Driver } from '../testing/driver';
import { whyLocked } from './locks';
import type { Operation } from './types';

const KEEP: Operation[] = [{ type: 'setVerdict', verdict: 'keep', reason: null, text: null }];

describe('what the inspector left open', () => {
  it('is everything where nothing was said', () => {
    expect(whyLocked({}, KEEP)).toBeNull();
  });

  it('is nothing of an approved frame, not even an answer to it', () => {
    expect(whyLocked({ approved_round: 2 }, KEEP)).toMatch('approved in round 2');
  });

  it('does not concern marks of an inspector', () => {
    expect(whyLocked({ approved_round: 1 }, [{ type: 'setMark', mark: 'revise' }])).toBeNull();
  });

  it('is every joint of a frame of which single joints were sent back', async () => {
    const driver = await Driver.open({ documents: [{ open_joints: [9], returned: true }] });
    const moved = driver.editor.perform([{ type: 'moveJoint', joint: 0, x: 5, y: 6 }], 'Move');
    expect(moved).toBe(true);
    expect(driver.joint('nose')).toMatchObject({ x: 5, y: 6 });
  });
});
