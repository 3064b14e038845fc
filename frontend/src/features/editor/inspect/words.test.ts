import { expect, it } from 'vitest';
import { JOINTS } from '@/shared/domain/rules.gen';
import { concerned } from './words';

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
