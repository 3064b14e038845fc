/**
 * The event stream of a tab, as long as somebody looks at it.
 *
 * Browsers open at most six connections to a server (HTTP/1.1), and a stream keeps one for good: with
 * a stream in each tab the seventh would never load. So a tab that is hidden, or kept for “back”, lets
 * its stream go, and asks everything again when it is seen again.
 */

/** What the server announces. */
export const TOPICS = [
  'job',
  'recording',
  'frame',
  'box',
  'range',
  'release',
  'infant',
  'fits',
  'propagation',
  'postures',
  'suspicion',
  'run',
  'reset',
] as const;
export type Topic = (typeof TOPICS)[number];

/** So long a hidden tab keeps its stream: people look away and back. */
export const HIDDEN_MS = 5_000;

export interface StreamHandlers {
  news: (topic: Topic, data: string) => void;
  /** The stream is open; news may have been missed before, except the first time. */
  opened: () => void;
  broken: () => void;
}

function openSource(url: string, handlers: StreamHandlers): EventSource {
  const source = new EventSource(url);
  source.onopen = () => handlers.opened();
  source.onerror = () => handlers.broken();
  for (const topic of TOPICS) {
    source.addEventListener(topic, (message: MessageEvent<string>) =>
      handlers.news(topic, message.data),
    );
  }
  return source;
}

/** Watches the stream while this page is to be seen. Returns how to stop. */
export function openStream(url: string, handlers: StreamHandlers): () => void {
  let source: EventSource | null = null;
  let leaving: ReturnType<typeof setTimeout> | undefined;
  const leave = () => {
    clearTimeout(leaving);
    source?.close();
    source = null;
  };
  const look = () => {
    clearTimeout(leaving);
    if (document.visibilityState === 'hidden') leaving = setTimeout(leave, HIDDEN_MS);
    else source ??= openSource(url, handlers);
  };
  look();
  document.addEventListener('visibilitychange', look);
  window.addEventListener('pagehide', leave);
  window.addEventListener('pageshow', look);
  return () => {
    document.removeEventListener('visibilitychange', look);
    window.removeEventListener('pagehide', leave);
    window.removeEventListener('pageshow', look);
    leave();
  };
}
