// @vitest-environment jsdom

import { beforeEach, expect, it } from 'vitest';
import { loadLooked, saveLooked } from './looked';

beforeEach(() => sessionStorage.clear());

it('what somebody looked at is known after a reload, of that person and release alone', () => {
  saveLooked(1, 5, new Set(['images/a.jpg', 'images/b.jpg']));
  expect([...loadLooked(1, 5)]).toEqual(['images/a.jpg', 'images/b.jpg']);
  expect(loadLooked(2, 5).size).toBe(0);
  expect(loadLooked(1, 6).size).toBe(0);
});

it('what cannot be read counts as not looked at', () => {
  for (const kept of ['{', '{"a":1}', '[1,null]']) {
    sessionStorage.setItem('infantnet.faces.1.5', kept);
    expect(loadLooked(1, 5).size).toBe(0);
  }
});
