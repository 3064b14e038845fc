import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startPosition } from '@/features/recordings/parts/useOpenEditor';
import type { FrameItem } from '@/shared/api/types';
import { QUALITY_FLAGS } from '@/shared/domain/rules.gen';
import { countQuality, countStates, filterFrames } from './frames';

let nextId = 1;
const frame = (change: Partial<FrameItem> = {}): FrameItem => ({
  id: nextId,
  position: nextId++,
  camera_id: 1,
  moment_id: 1,
  moment_index: 0,
  time_s: 0,
  state: 'undecided',
  returned: false,
  comments: 0,
  mark: null,
  changed: false,
  in_playback: false,
  version: 1,
  flags: [],
  box: null,
  reason: null,
  ...change,
});

const anyFrame = fc
  .record({
    state: fc.constantFrom('undecided' as const, 'accepted' as const, 'discarded' as const),
    returned: fc.boolean(),
    flags: fc.subarray([...QUALITY_FLAGS]),
  })
  .map(frame);

describe('filters of frames', () => {
  it('show every frame when nothing is chosen', () => {
    fc.assert(
      fc.property(fc.array(anyFrame), (frames) => {
        expect(filterFrames(frames, {})).toEqual(frames);
      }),
    );
  });

  it('show as many frames as their count says, in order', () => {
    fc.assert(
      fc.property(fc.array(anyFrame), (frames) => {
        const states = countStates(frames);
        const quality = countQuality(frames);
        for (const state of ['undecided', 'accepted', 'discarded', 'returned'] as const) {
          expect(filterFrames(frames, { state })).toHaveLength(states[state]);
        }
        const blurred = filterFrames(frames, { quality: 'blurred' });
        expect(blurred).toHaveLength(quality.blurred);
        const positions = blurred.map((f) => f.position);
        expect(positions).toEqual([...positions].sort((a, b) => a - b));
      }),
    );
  });

  it('put each frame under exactly one state', () => {
    fc.assert(
      fc.property(fc.array(anyFrame), (frames) => {
        const { undecided, accepted, corrected, discarded, returned } = countStates(frames);
        expect(undecided + accepted + corrected + discarded + returned).toBe(frames.length);
      }),
    );
  });
});

describe('where work goes on', () => {
  it('is the first frame that is not decided', () => {
    const frames = [frame({ state: 'accepted' }), frame(), frame()];
    expect(startPosition(frames, 'annotating')).toBe(frames[1]?.position);
  });

  it('is the first frame to revise after a return', () => {
    const frames = [frame({ state: 'accepted' }), frame({ state: 'accepted', returned: true })];
    expect(startPosition(frames, 'returned')).toBe(frames[1]?.position);
  });

  it('is a frame with an open comment when a return left nothing else to do', () => {
    const frames = [frame({ state: 'accepted' }), frame({ state: 'accepted', comments: 1 })];
    expect(startPosition(frames, 'returned')).toBe(frames[1]?.position);
  });

  it('is a changed frame without a mark when inspecting again', () => {
    const frames = [frame(), frame({ changed: true, mark: 'good' }), frame({ changed: true })];
    expect(startPosition(frames, 'inspecting')).toBe(frames[2]?.position);
  });

  it('is a doubtful box before the others', () => {
    const box = { flagged: false, stale: false, status: 'proposed' as const, consistency: 1 };
    const frames = [frame({ box }), frame({ box: { ...box, flagged: true } })];
    expect(startPosition(frames, 'inspecting_boxes')).toBe(frames[1]?.position);
  });

  it('is the beginning when everything is done', () => {
    const frames = [frame({ state: 'accepted' }), frame({ state: 'accepted' })];
    expect(startPosition(frames, 'approved')).toBe(frames[0]?.position);
  });
});
