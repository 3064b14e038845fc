/** What every editor needs of the browser, over a recording or over single frames. */
import { onLogin } from '@/shared/api/loginHint';
import { KEYED } from '../actions/registry';
import { FrameCache, type FrameLoader } from '../frames/FrameCache';
import { decodeImage } from '../frames/requests';
import { PERSONAL_SERVER, personalMemory } from '../personal/kept';
import { Personal } from '../personal/Personal';
import type { Editor } from '../store/Editor';
import type { Memory, Transport } from '../sync/batch';
import { OTHER_TABS, thisTab } from '../sync/memory';
import { SyncQueue } from '../sync/queue';

interface Doors {
  readonly userId: number;
  readonly transport: Transport;
  readonly memory: Memory;
  readonly read: FrameLoader['document'];
}

/** Autosave, the frames that were read, and a person's keys. */
export function openDesk({ userId, transport, memory, read }: Doors) {
  const queue = new SyncQueue({ transport, memory, userId, tab: thisTab(), others: OTHER_TABS });
  const cache = new FrameCache({ document: read, image: decodeImage });
  const personal = new Personal(KEYED, personalMemory(userId), PERSONAL_SERVER);
  void personal.meet();
  return { queue, cache, personal };
}

export const warnOfForgetting = (editor: Editor): void =>
  editor.notify(
    'This browser stores nothing on this computer; wait until everything is saved before you close it.',
    'warn',
  );

interface PageEvents {
  readonly hidden: () => void;
  readonly online: () => void;
  readonly loggedIn: () => void;
}

/** Calls back when the page is hidden, and when the network or the log-in is back. Returns what stops it. */
export function watchPage({ hidden, online, loggedIn }: PageEvents): () => void {
  const onVisibility = (): void => {
    if (document.visibilityState === 'hidden') hidden();
  };
  const stopLogin = onLogin(loggedIn);
  document.addEventListener('visibilitychange', onVisibility);
  window.addEventListener('online', online);
  return () => {
    stopLogin();
    document.removeEventListener('visibilitychange', onVisibility);
    window.removeEventListener('online', online);
  };
}
