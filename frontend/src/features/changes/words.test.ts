import { describe, expect, it } from 'vitest';
import type { Change } from '@/shared/api/types';
import { describeChange } from './words';

const change = (parts: Partial<Change>): Change => ({
  key: 'joints-1',
  kind: 'joints',
  at: '2026-03-02T09:00:00Z',
  person: null,
  model: null,
  recording: null,
  frame: null,
  version: 1,
  round: 1,
  what: 'corrected',
  subject: null,
  subject_id: null,
  operations: [],
  back_to: null,
  details: {},
  ...parts,
});

describe('the words of a change', () => {
  it('name each joint once, however often it was moved', () => {
    const operations = [
      { type: 'moveJoint', joint: 9, x: 1, y: 1 },
      { type: 'moveJoint', joint: 9, x: 2, y: 2 },
      { type: 'setVerdict', verdict: 'keep' },
    ];
    expect(describeChange(change({ operations }))).toBe('moved the left wrist, kept it');
  });

  it('say of an undo to which version it led, not by which operations', () => {
    const operations = [
      { type: 'placeJoint', joint: 9, x: 1, y: 1, visibility: 2 },
      { type: 'setSkeleton', candidateId: 7, joints: null },
    ];
    const undone = { version: 5, operations };
    expect(describeChange(change({ ...undone, back_to: 3 }))).toBe('went back to version 3');
    expect(describeChange(change({ ...undone, back_to: 4 }))).toBe('changed nothing in the end');
  });

  it('say which joints a mark sends back, which postures were named, and what is right', () => {
    const told = [
      change({ kind: 'mark', what: 'revise', details: { wrong: [9, 10], right: null } }),
      change({ kind: 'posture', details: { strokes: [{ first: 4, last: 29, code: 33 }] } }),
      change({ kind: 'waiver', details: { joint: 0, holds: true, note: 'seen' } }),
    ].map(describeChange);
    expect(told).toEqual([
      'marked it to be revised: wrong the left wrist, the right wrist',
      'named Sitting without support, moments 5 to 30',
      'said that the nose is right: “seen”',
    ]);
  });

  it('say how many more there were', () => {
    const operations = [5, 6, 7, 8, 9].map((joint) => ({ type: 'moveJoint', joint, x: 1, y: 1 }));
    expect(describeChange(change({ operations }))).toMatch(/ and 2 more$/);
  });

  it('say what became of the quality', () => {
    const said = {
      kind: 'act' as const,
      what: 'gold_marked',
      details: { frames: 8, use: 'check' },
    };
    expect(describeChange(change(said))).toBe('made 8 frames gold, to be mixed in');
  });

  it('say why a frame was discarded', () => {
    const operations = [{ type: 'setVerdict', verdict: 'discard', reason: 'motion_blur' }];
    expect(describeChange(change({ operations }))).toBe('discarded it: motion blur');
  });

  it('say what became of a box', () => {
    const operations = [{ type: 'judgeBox', status: 'approved' }];
    expect(describeChange(change({ kind: 'box', operations }))).toBe('approved the box');
  });

  it('do not fail at an operation that this page does not know yet', () => {
    expect(describeChange(change({ operations: [{ type: 'turnImage' }, {}] }))).toBe('turn image');
  });

  it('name the event of a stage, and the act otherwise', () => {
    const act = { kind: 'act', what: 'stage_changed', details: { event: 'submit' } } as const;
    expect(describeChange(change(act))).toBe('submit');
    expect(describeChange(change({ ...act, what: 'part_submitted', details: {} }))).toBe(
      'part submitted',
    );
  });
});
