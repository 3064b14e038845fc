import { afterEach, describe, expect, it, vi } from 'vitest';
import { answer, blobAt, http, urlOf } from './client';
import { ApiProblem, NetworkProblem } from './problem';

afterEach(() => vi.unstubAllGlobals());

/** A server that gives one answer; what it was asked is kept. */
function serverAnswering(respond: () => Response | Promise<Response>): Request[] {
  const asked: Request[] = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push(request);
    return respond();
  });
  return asked;
}

const readJob = (signal?: AbortSignal) =>
  answer(
    http.GET('/api/v1/jobs/{job_id}', { params: { path: { job_id: 7 } }, signal: signal ?? null }),
  );

describe('addresses for the browser', () => {
  it('have their names filled in', () => {
    expect(urlOf('/api/v1/frames/{frame_id}/image', { frame_id: 3 })).toBe(
      '/api/v1/frames/3/image',
    );
    expect(urlOf('/api/v1/events')).toBe('/api/v1/events');
  });

  it('keep a name with strange letters in one piece', () => {
    const path = '/api/v1/calibrations/{calibration_id}/images/{key}';
    expect(urlOf(path, { calibration_id: 1, key: 'left/a b.png' })).toBe(
      '/api/v1/calibrations/1/images/left%2Fa%20b.png',
    );
  });
});

describe('a request', () => {
  it('says that it comes from our own page, and gives the body of the answer', async () => {
    const asked = serverAnswering(() => Response.json({ id: 7 }));
    expect(await readJob()).toEqual({ id: 7 });
    expect(asked[0]?.headers.get('X-Infantnet')).toBe('1');
    expect(new URL(asked[0]?.url ?? '').pathname).toBe('/api/v1/jobs/7');
  });

  it('that is refused rejects with the server’s words', async () => {
    serverAnswering(() =>
      Response.json({ title: 'Not found', detail: 'There is no job 7.' }, { status: 404 }),
    );
    const error = await readJob().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApiProblem);
    expect(error).toMatchObject({ status: 404, message: 'There is no job 7.' });
  });

  it('that reaches nobody says so', async () => {
    serverAnswering(() => Promise.reject(new TypeError('Failed to fetch')));
    await expect(readJob()).rejects.toBeInstanceOf(NetworkProblem);
    await expect(blobAt('/api/v1/frames/3/image')).rejects.toBeInstanceOf(NetworkProblem);
  });

  it('that was called off is no fault of the network', async () => {
    const controller = new AbortController();
    serverAnswering(() => {
      controller.abort();
      return Promise.reject(new DOMException('called off', 'AbortError'));
    });
    await expect(readJob(controller.signal)).rejects.toThrow('called off');
  });
});
