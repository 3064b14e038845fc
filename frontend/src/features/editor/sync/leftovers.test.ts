// @vitest-environment jsdom

import 'fake-indexeddb/auto';
import { afterEach, expect, it, vi } from 'vitest';
import { SINGLES_DATABASE } from '../singles/transport';
import { frameDocument } from '../testing/driver';
import { send, standAside } from './leftovers';
import { IndexedDbMemory } from './memory';

afterEach(async () => {
  await standAside();
  vi.unstubAllGlobals();
});

it('sends what was left of frames and of single frames, each to its own door', async () => {
  const batch = {
    operationId: '6f2c5c0e-0b0f-4a55-9e0a-0f3f2b7f0001',
    recordingId: 7,
    frameId: 5,
    userId: 1,
    tab: 'gone',
    sequence: 0,
    baseVersion: 3,
    operations: [{ type: 'swapSides' as const }],
    createdAt: 0,
  };
  const [frames, singles] = [new IndexedDbMemory(), new IndexedDbMemory(SINGLES_DATABASE)];
  await frames.replace([], [batch]);
  await singles.replace([], [{ ...batch, operationId: `${batch.operationId.slice(0, -1)}2` }]);
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push(new URL(request.url).pathname);
    return Response.json({ ...frameDocument(5).annotation, version: 4, box: null, mark: null });
  });
  await send(1);
  await vi.waitFor(async () => {
    expect(await frames.all()).toEqual([]);
    expect(await singles.all()).toEqual([]);
  });
  expect(asked.toSorted()).toEqual([
    '/api/v1/attempts/5/operations',
    '/api/v1/frames/5/operations',
  ]);
});
