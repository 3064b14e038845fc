import { afterEach, expect, it, vi } from 'vitest';
import { frameDocument } from '../testing/driver';
import type { Batch } from './batch';
import { HttpTransport } from './transport';

const batch = (change: Partial<Batch> = {}): Batch => ({
  operationId: '6f2c5c0e-0b0f-4a55-9e0a-0f3f2b7f0001',
  recordingId: 1,
  frameId: 5,
  userId: 1,
  tab: 'a',
  sequence: 0,
  baseVersion: 3,
  baseBoxVersion: 2,
  operations: [{ type: 'swapSides' }],
  createdAt: 0,
  ...change,
});

/** A server that answers alike each time; what it was sent is kept. */
function serverAnswering(body: object, status = 200): Request[] {
  const sent: Request[] = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    sent.push(request);
    return Response.json(body, { status });
  });
  return sent;
}

const ANNOTATION = { ...frameDocument(5).annotation, version: 4, box: null, mark: null };
const send = (change?: Partial<Batch>) => new HttpTransport().send(batch(change));

afterEach(() => vi.unstubAllGlobals());

it('sends a batch with its id and the version that it builds on', async () => {
  const sent = serverAnswering(ANNOTATION);
  const result = await send();
  expect(result).toMatchObject({ kind: 'saved', snapshot: { version: 4 } });
  const [request] = sent;
  expect(new URL(request?.url ?? '').pathname).toBe('/api/v1/frames/5/operations');
  expect(request?.headers.get('If-Match')).toBe('"3"');
  expect(await request?.json()).toEqual({
    operation_id: batch().operationId,
    operations: [{ type: 'swapSides' }],
    box_version: 2,
  });
});

it('names version 0, which is a version like any other', async () => {
  const sent = serverAnswering(ANNOTATION);
  await send({ baseVersion: 0 });
  expect(sent[0]?.headers.get('If-Match')).toBe('"0"');
});

it('takes a stale write for one to merge', async () => {
  serverAnswering({ current: ANNOTATION, base: null }, 412);
  expect(await send()).toMatchObject({ kind: 'stale', current: { version: 4 }, base: null });
});

it.each([
  [503, 'unreachable'],
  [429, 'unreachable'],
  [401, 'signed-out'],
  [422, 'refused'],
] as const)('knows what an answer of %i means', async (status, kind) => {
  serverAnswering({ detail: 'Words.' }, status);
  expect(await send()).toMatchObject({ kind });
});
