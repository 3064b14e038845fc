import { nextUnjudged } from '@/features/fits/bodies/facts';
import { usePageKeys } from '@/shared/lib/usePageKeys';
import { setPrefs, usePrefs } from './prefs';
import type { Workbench } from './workbench';

export interface KeyActs {
  verify: () => void;
  reject: () => void;
  undo: () => void;
  help: () => void;
}

function handle(event: KeyboardEvent, bench: Workbench, acts: KeyActs): boolean {
  const { cursor, moments, goTo } = bench;
  const extend = event.shiftKey;
  const prefs = usePrefs.getState();
  switch (event.key) {
    case 'f':
    case 'F':
    case 'ArrowRight':
      goTo(cursor + 1, extend);
      return true;
    case 'd':
    case 'D':
    case 'ArrowLeft':
      goTo(cursor - 1, extend);
      return true;
    case 'Home':
      goTo(0, extend);
      return true;
    case 'End':
      goTo(moments.length - 1, extend);
      return true;
    case ' ':
      bench.setPlaying(!bench.playing);
      return true;
    case 'Escape':
      bench.clearRange();
      return true;
    case 'v':
      acts.verify();
      return true;
    case 'x':
      acts.reject();
      return true;
    case 'u':
      acts.undo();
      return true;
    case 'n': {
      const next = nextUnjudged(moments, bench.fitOf, cursor);
      if (next !== null) goTo(next);
      return true;
    }
    case '?':
      acts.help();
      return true;
    case 'w': {
      const styles = ['solid', 'wire', 'silhouette'] as const;
      const style = styles[(styles.indexOf(prefs.style) + 1) % styles.length];
      setPrefs({ style });
      return true;
    }
    case 'j':
      setPrefs({ joints: !prefs.joints });
      return true;
    case 'z':
      setPrefs({ zoomed: !prefs.zoomed });
      return true;
    case 'g':
      setPrefs({ layout: prefs.layout === 'grid' ? 'large' : 'grid' });
      return true;
    default: {
      const number = Number(event.key);
      if (!(number >= 1 && number <= bench.cameras.length)) return false;
      bench.setLarge(number - 1);
      setPrefs({ layout: 'large' });
      return true;
    }
  }
}

/** The page's keys: the editor's where they mean the same. */
export function useKeys(bench: Workbench, acts: KeyActs): void {
  usePageKeys((event) => handle(event, bench, acts));
}
