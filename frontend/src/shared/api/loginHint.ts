/**
 * Whether somebody may be logged in with this browser.
 *
 * Scripts cannot see the session's cookie. Without this note each first visit would ask the server
 * who it is, only to be refused, and browsers log every refusal as an error.
 */
const KEY = 'infantnet.logged-in';

export function mayBeLoggedIn(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    // Storage is off: only the server knows.
    return true;
  }
}

export function noteLogin(loggedIn: boolean): void {
  try {
    if (loggedIn) localStorage.setItem(KEY, '1');
    else localStorage.removeItem(KEY);
  } catch {
    // Storage is off: the server will be asked.
  }
}

const CHANNEL = 'infantnet.login';

/** Tells the other tabs that somebody logged in: what waits there for a log-in can be sent. */
export function tellLogin(): void {
  if (!('BroadcastChannel' in globalThis)) return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage('logged-in');
  channel.close();
}

/** Calls back when somebody logged in with this browser. Returns how to stop. */
export function onLogin(listener: () => void): () => void {
  if (!('BroadcastChannel' in globalThis)) return () => undefined;
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = () => listener();
  return () => channel.close();
}
