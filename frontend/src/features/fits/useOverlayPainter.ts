import { useEffect, useState } from 'react';
import type { OverlayPainter } from '@/features/fits/bodies/scene/OverlayPainter';

/** The painter of all views, once three.js is here; `failed` where the browser has no WebGL. */
export function useOverlayPainter(): { painter: OverlayPainter | null; failed: boolean } {
  const [painter, setPainter] = useState<OverlayPainter | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let made: OverlayPainter | null = null;
    let gone = false;
    import('@/features/fits/bodies/scene/OverlayPainter').then(
      ({ OverlayPainter }) => {
        if (gone) return;
        try {
          made = new OverlayPainter();
          setPainter(made);
        } catch (error) {
          console.warn('The bodies cannot be drawn:', error);
          setFailed(true);
        }
      },
      () => setFailed(true),
    );
    return () => {
      gone = true;
      made?.dispose();
    };
  }, []);
  return { painter, failed };
}
