import { expect, it } from 'vitest';
import { JOINTS } from '@/shared/domain/rules.gen';
import { alsoChanged, concerned } from './words';

const at = (name: (typeof JOINTS)[number]) => JOINTS.indexOf(name);

it('exchanged sides send both joints of the pair back, so that they can be exchanged', () => {
  expect(concerned('sides', at('right_wrist'))).toEqual([at('right_wrist'), at('left_wrist')]);
  expect(concerned('sides', at('nose'))).toEqual([at('nose')]);
});

it('other reasons send the chosen joint back, and a wrong verdict the whole frame', () => {
  expect(concerned('off', at('left_knee'))).toEqual([at('left_knee')]);
  expect(concerned('discard', at('left_knee'))).toEqual([]);
  expect(concerned('off', null)).toEqual([]);
});

it('joints that changed though others were sent back are named to the inspector', () => {
  const joints = JOINTS.map((_, i) => ({ x: i, y: 0, v: 2 as const }));
  const pixels = JOINTS.map((_, i) => (i === 9 || i === 3 ? 4 : 0));
  const now = joints.map((joint, i) => (i === 5 ? { ...joint, v: 1 as const } : joint));
  const previous = { joints, pixels, similarity: pixels, oks: 0.9 };
  expect(alsoChanged({ open_joints: [9], previous, now })).toEqual([3, 5]);
  expect(alsoChanged({ open_joints: null, previous, now })).toEqual([]);
});
