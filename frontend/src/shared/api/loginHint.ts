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
