const STORAGE_KEY = 'infantnet.reloaded';
const AGAIN_AFTER_MS = 30_000;

/**
 * A page that was open while the program was updated asks for scripts that are gone. It is loaded
 * again, once: if that does not help, the error is shown.
 */
export function watchForNewBuild(): void {
  window.addEventListener('vite:preloadError', (event) => {
    const last = Number(sessionStorage.getItem(STORAGE_KEY) ?? 0);
    if (Date.now() - last < AGAIN_AFTER_MS) return;
    sessionStorage.setItem(STORAGE_KEY, String(Date.now()));
    event.preventDefault();
    window.location.reload();
  });
}
