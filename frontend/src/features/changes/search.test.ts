import { expect, it } from 'vitest';
import { changesSearch } from './search';

it('the address filters by kind, person, frame, joint and days, the nose among the joints', () => {
  const raw = { kind: 'waiver', person: '7', frame: 12, joint: '0', since: '2026-03-02' };
  expect(changesSearch(raw)).toEqual({
    kind: 'waiver',
    person: 7,
    frame: 12,
    joint: 0,
    since: '2026-03-02',
  });
});

it('what no filter can be is left out of the address', () => {
  const raw = { kind: 'nonsense', person: 'x', joint: 17, since: '2026-13-40', until: 'soon' };
  expect(changesSearch(raw)).toEqual({});
});
