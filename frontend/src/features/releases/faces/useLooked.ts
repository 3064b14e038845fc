import { useCallback, useEffect, useRef, useState } from 'react';
import { loadLooked, saveLooked } from './looked';

/** An image has been looked at once most of it was in view for so long. */
const LOOK_MS = 700;
const MOST = 0.6;

/** Which images of a page were in view long enough to be looked at. */
export function useLooked(
  person: number,
  release: number,
): {
  looked: ReadonlySet<string>;
  /** For the element of an image, which names its path in `data-path`. */
  watch: (element: HTMLElement | null) => (() => void) | undefined;
  add: (path: string) => void;
} {
  const [looked, setLooked] = useState(() => loadLooked(person, release));
  useEffect(() => saveLooked(person, release, looked), [person, release, looked]);
  const timers = useRef(new Map<string, ReturnType<typeof setTimeout>>());
  const observer = useRef<IntersectionObserver | null>(null);
  const add = useCallback(
    (path: string) => setLooked((now) => (now.has(path) ? now : new Set([...now, path]))),
    [],
  );
  const begin = useCallback(() => {
    observer.current ??= new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const path = (target as HTMLElement).dataset.path ?? '';
          clearTimeout(timers.current.get(path));
          if (isIntersecting)
            timers.current.set(
              path,
              setTimeout(() => add(path), LOOK_MS),
            );
        }
      },
      { threshold: MOST },
    );
    return observer.current;
  }, [add]);
  useEffect(
    () => () => {
      observer.current?.disconnect();
      observer.current = null;
      for (const timer of timers.current.values()) clearTimeout(timer);
    },
    [],
  );
  const watch = useCallback(
    (element: HTMLElement | null) => {
      if (!element) return undefined;
      const watching = begin();
      watching.observe(element);
      return () => watching.unobserve(element);
    },
    [begin],
  );
  return { looked, watch, add };
}
