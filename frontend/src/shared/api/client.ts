import createClient from 'openapi-fetch';
import { ApiProblem, NetworkProblem } from './problem';
import type { paths } from './schema.gen';

export { ApiProblem, errorMessage, isStatus, NetworkProblem } from './problem';

export const API_BASE = '/api/v1';

export type QueryValue = string | number | boolean | null | undefined;

export interface RequestOptions {
  query?: Record<string, QueryValue>;
  /** Sent as JSON, unless it is a Blob or an ArrayBuffer, which go as they are. */
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Lets a save outlive the page that sent it (at most 64 KiB). */
  keepalive?: boolean;
}

export interface Answer<T> {
  data: T;
  etag: string | null;
  status: number;
}

/** `/recordings` + `{stage: 'approved', cursor: null}` → `/api/v1/recordings?stage=approved`. */
export function apiUrl(path: string, query?: Record<string, QueryValue>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') search.set(key, String(value));
  }
  const tail = search.size ? `?${search}` : '';
  return `${API_BASE}${path}${tail}`;
}

/**
 * One request to the API.
 *
 * @throws ApiProblem when the server refuses, NetworkProblem when it cannot be reached; an aborted
 * request rejects with the browser's AbortError.
 */
export async function send<T>(
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<Answer<T>> {
  const { query, body, headers, signal, keepalive } = options;
  const raw = body instanceof Blob || body instanceof ArrayBuffer;
  const init: RequestInit = {
    method,
    credentials: 'same-origin',
    headers: {
      Accept: 'application/json',
      'X-Infantnet': '1',
      ...(body === undefined
        ? {}
        : { 'Content-Type': raw ? 'application/octet-stream' : 'application/json' }),
      ...headers,
    },
  };
  if (body !== undefined) init.body = raw ? (body as BodyInit) : JSON.stringify(body);
  if (signal) init.signal = signal;
  if (keepalive) init.keepalive = true;

  const response = await reach(apiUrl(path, query), init);
  if (!response.ok) throw await ApiProblem.from(response);
  const empty = response.status === 204 || response.headers.get('Content-Length') === '0';
  return {
    data: (empty ? undefined : await response.json()) as T,
    etag: response.headers.get('ETag'),
    status: response.status,
  };
}

async function reach(target: string | Request, init: RequestInit = {}): Promise<Response> {
  const signal = target instanceof Request ? target.signal : init.signal;
  try {
    return await fetch(target, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new NetworkProblem(error);
  }
}

/**
 * The client that is generated from the interface's description: paths, parameters and answers are
 * checked by the compiler. Use it with `answer`.
 */
export const http = createClient<paths>({
  baseUrl: globalThis.location.origin,
  credentials: 'same-origin',
  headers: { 'X-Infantnet': '1' },
  fetch: async (request: Request) => {
    const response = await reach(request);
    if (!response.ok) throw await ApiProblem.from(response);
    return response;
  },
});

/** The body of an answer of `http`, which throws by itself when the server refuses. */
export async function answer<T>(request: Promise<{ data?: T }>): Promise<T> {
  return (await request).data as T;
}

async function data<T>(method: string, path: string, options?: RequestOptions): Promise<T> {
  return (await send<T>(method, path, options)).data;
}

/** The API's verbs; each gives the parsed body. Use `send` where the ETag is needed. */
export const api = {
  get: <T>(path: string, options?: RequestOptions) => data<T>('GET', path, options),
  post: <T>(path: string, body?: unknown, options?: RequestOptions) =>
    data<T>('POST', path, { ...options, body }),
  put: <T>(path: string, body?: unknown, options?: RequestOptions) =>
    data<T>('PUT', path, { ...options, body }),
  patch: <T>(path: string, body?: unknown, options?: RequestOptions) =>
    data<T>('PATCH', path, { ...options, body }),
  delete: <T = void>(path: string, options?: RequestOptions) => data<T>('DELETE', path, options),
};
