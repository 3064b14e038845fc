// @vitest-environment jsdom

import { afterEach, expect, it, vi } from 'vitest';
import { noteLogin } from './loginHint';
import { meQuery } from './queries/accounts';
import { queryClient } from './queryClient';

afterEach(() => {
  localStorage.clear();
  queryClient.clear();
  vi.unstubAllGlobals();
});

function serverAnswering(status: number, body: object) {
  const fetch = vi.fn(async () => Response.json(body, { status }));
  vi.stubGlobal('fetch', fetch);
  return fetch;
}

it('a browser in which nobody logged in does not ask who it is', async () => {
  const fetch = serverAnswering(200, { id: 1 });
  expect(await queryClient.fetchQuery(meQuery)).toBeNull();
  expect(fetch).not.toHaveBeenCalled();
});

it('a browser in which somebody logged in asks', async () => {
  serverAnswering(200, { id: 1 });
  noteLogin(true);
  expect(await queryClient.fetchQuery(meQuery)).toEqual({ id: 1 });
});

it('a session that ended is asked for once', async () => {
  const fetch = serverAnswering(401, { title: 'Not logged in', status: 401 });
  noteLogin(true);
  await queryClient.fetchQuery(meQuery);
  await queryClient.fetchQuery({ ...meQuery, staleTime: 0 });
  expect(fetch).toHaveBeenCalledTimes(1);
});

it('a browser without storage asks the server', async () => {
  const fetch = serverAnswering(200, { id: 1 });
  vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
    throw new DOMException('Storage is off', 'SecurityError');
  });
  expect(await queryClient.fetchQuery(meQuery)).toEqual({ id: 1 });
  expect(fetch).toHaveBeenCalledTimes(1);
});
