import { useLayoutEffect } from 'react';
import { useTheme } from '@/shared/ui/theme';

/** Images read better on dark; dialogs live outside the editor's element, so the page turns dark. */
export function useDark(): void {
  useLayoutEffect(() => {
    const root = document.documentElement;
    root.dataset.theme = 'dark';
    const stop = useTheme.subscribe(() => {
      root.dataset.theme = 'dark';
    });
    return () => {
      stop();
      root.dataset.theme = useTheme.getState().theme;
    };
  }, []);
}
