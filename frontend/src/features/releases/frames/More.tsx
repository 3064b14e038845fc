import { useEffect, useRef } from 'react';
import css from './Frames.module.css';

/** Asks for the next page when the end of the list comes near. */
export function More({ busy, onNear }: { busy: boolean; onNear: () => void }) {
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!mark.current || busy) return;
    const observer = new IntersectionObserver(
      ([entry]) => (entry?.isIntersecting ? onNear() : undefined),
      { rootMargin: '800px' },
    );
    observer.observe(mark.current);
    return () => observer.disconnect();
  }, [busy, onNear]);
  return (
    <div ref={mark} className={css.more} role="status">
      {busy ? 'Loading more frames…' : ''}
    </div>
  );
}
