/** The one way to call the server: paths, parameters, bodies and answers as its description has them. */
import createClient, { defaultPathSerializer } from 'openapi-fetch';
import { noticeKept } from './offline';
import { ApiProblem, NetworkProblem } from './problem';
import type { paths } from './schema.gen';

/** Sends a request; what comes back is a success. */
async function reach(request: Request): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw new NetworkProblem(error);
  }
  if (!response.ok) throw await ApiProblem.from(response);
  noticeKept(response);
  return response;
}

/**
 * The client that is generated from the interface's description; use it with `answer`.
 *
 * @throws ApiProblem when the server refuses, NetworkProblem when it cannot be reached; an aborted
 * request rejects with the browser's AbortError.
 */
export const http = createClient<paths>({
  baseUrl: globalThis.location.origin,
  credentials: 'same-origin',
  headers: { 'X-Infantnet': '1' },
  fetch: reach,
});

let person: number | null = null;

/**
 * Who opened this page. All tabs of a browser share one log-in: each request names the person whose
 * work the page holds, so that it is not written in the name of somebody who logged in beside them.
 */
export function speakFor(id: number | null): void {
  person = id;
}

http.use({
  onRequest: ({ request, schemaPath }) => {
    if (person === null || schemaPath.startsWith('/api/v1/auth/')) return;
    request.headers.set('X-Infantnet-Person', String(person));
  },
});

/** The body of an answer of `http`. */
export async function answer<T>(request: Promise<{ data?: T }>): Promise<T> {
  return (await request).data as T;
}

type GetPath = { [P in keyof paths]: paths[P] extends { get: object } ? P : never }[keyof paths];

/** The names in a path and what stands for them; nothing where a path has no names. */
type Names<P extends GetPath> = paths[P]['get'] extends { parameters: { path: infer N } }
  ? [names: N]
  : [];

/** An address for what the browser itself reads: images, downloads, the event stream. */
export function urlOf<P extends GetPath>(path: P, ...[names]: Names<P>): string {
  return defaultPathSerializer(path, (names ?? {}) as Record<string, unknown>);
}

/** A file at an address that the server named. */
export async function blobAt(url: string): Promise<Blob> {
  const request = new Request(new URL(url, globalThis.location.origin), {
    credentials: 'same-origin',
  });
  return (await reach(request)).blob();
}
