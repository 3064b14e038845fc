/**
 * The page's side of the service worker (`serviceWorker/sw.ts`): starts it, keeps what it holds
 * equal to what was saved, and forgets everything when somebody logs out.
 */
import { create } from 'zustand';
import { ANSWERS, KEPT, PICTURES } from './kept';
import type { FrameDocument, Me, SavedFrame } from './types';

/** Whether what a page shows is not the server's, but what this computer kept. */
export const useKept = create<{ kept: boolean }>(() => ({ kept: false }));

/** To be called with each answer. */
export function noticeKept(response: Response): void {
  const kept = response.headers.has(KEPT);
  if (useKept.getState().kept !== kept) useKept.setState({ kept });
}

/** Pages open without a server once they were opened with it. Browsers allow it on https and localhost. */
export function startOffline(): void {
  if (!('serviceWorker' in navigator)) return;
  window.addEventListener('load', () => {
    navigator.serviceWorker.register('/service-worker.js').catch(() => {
      // Private windows and strict settings refuse it; then pages need the server.
    });
  });
}

const available = (): boolean => 'caches' in globalThis;

/** Who is logged in, known before the service worker was there to keep the server's answer. */
export async function keepMe(me: Me): Promise<void> {
  if (!available()) return;
  await (await caches.open(ANSWERS)).put('/api/v1/auth/me', Response.json(me));
}

/** A kept frame that is older than a save would hide the save when the editor opens from it. */
export async function keepSaved(frameId: number, saved: SavedFrame): Promise<void> {
  if (!available()) return;
  const cache = await caches.open(ANSWERS);
  const address = `/api/v1/frames/${frameId}`;
  const kept = await cache.match(address);
  if (kept === undefined) return;
  const { box, mark, ...annotation } = saved;
  const before = (await kept.json()) as FrameDocument;
  if (before.annotation.version > annotation.version) return;
  const after: FrameDocument = {
    ...before,
    annotation: { ...before.annotation, ...annotation },
    box,
    mark,
  };
  await cache.put(address, Response.json(after));
}

/** Nothing of one person's work stays for the next. */
export async function forgetKept(): Promise<void> {
  if (!available()) return;
  await Promise.all([ANSWERS, PICTURES].map((name) => caches.delete(name)));
}
