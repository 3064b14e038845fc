/// <reference lib="webworker" />
/**
 * Lets the editor open without the server, from what this browser has seen before.
 *
 * The server is always asked first: nothing old is shown while it answers. Only what the editor
 * reads is kept; writes never pass through here, they wait in IndexedDB (`features/editor/sync`).
 * The page clears what is kept when somebody logs out (`shared/api/offline.ts`).
 */
import { clientsClaim } from 'workbox-core';
import { ExpirationPlugin } from 'workbox-expiration';
import { cleanupOutdatedCaches, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { CacheFirst, NetworkFirst } from 'workbox-strategies';
import { ANSWERS, isKeptAnswer, isPicture, KEPT, PICTURES, SHELL } from '@/shared/api/kept';

declare const self: ServiceWorkerGlobalScope & {
  /** The built files with their addresses; the server writes it before this script. */
  readonly builtFiles: readonly string[];
};

const A_WEEK_S = 7 * 24 * 3600;

precacheAndRoute(self.builtFiles.map((url) => ({ url, revision: null })));
cleanupOutdatedCaches();
clientsClaim();

// The first visit's page came before this worker: its shell is fetched once more, to open from.
self.addEventListener('install', (event) => {
  const shell = caches.open(SHELL).then((cache) => cache.add('/'));
  event.waitUntil(shell.catch(() => undefined)); // a later page brings it
});

/** A proxy that answers in the server's place has no answer. */
const noAnswer = {
  fetchDidSucceed: async ({ response }: { response: Response }) => {
    if ([502, 503, 504].includes(response.status)) throw new Error(`status ${response.status}`);
    return response;
  },
};

/** The page is told that what it got is not what the server says now. */
const marked = {
  cachedResponseWillBeUsed: async ({ cachedResponse }: { cachedResponse?: Response }) => {
    if (!cachedResponse) return cachedResponse;
    const headers = new Headers(cachedResponse.headers);
    headers.set(KEPT, '1');
    return new Response(cachedResponse.body, { headers, status: cachedResponse.status });
  },
};

const expiring = (maxEntries: number) =>
  new ExpirationPlugin({ maxEntries, maxAgeSeconds: A_WEEK_S, purgeOnQuotaError: true });

registerRoute(
  new NavigationRoute(
    new NetworkFirst({
      cacheName: SHELL,
      plugins: [
        noAnswer,
        // Every address has the same shell.
        { cacheKeyWillBeUsed: async () => '/' },
      ],
    }),
  ),
);
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && isKeptAnswer(url.pathname),
  new NetworkFirst({ cacheName: ANSWERS, plugins: [noAnswer, marked, expiring(5000)] }),
);
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && isPicture(url.pathname),
  new CacheFirst({ cacheName: PICTURES, plugins: [expiring(1500)] }),
);
