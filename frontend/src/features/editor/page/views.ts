/** How several cameras share the screen: remembered in this browser, and said by the address. */
import { LAYOUTS, type Layout, type ViewSettings } from '@/features/editor/store/state';

const STORAGE_KEY = 'infantnet.editor.views';

const isLayout = (value: unknown): value is Layout => LAYOUTS.includes(value as Layout);

/** What was chosen last; nothing where nobody chose, or where the browser keeps nothing. */
export function rememberedViews(): Partial<ViewSettings> {
  let stored: Partial<Record<keyof ViewSettings, unknown>> = {};
  try {
    stored = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}') as typeof stored;
  } catch {
    // Storage is off or was written by somebody else: the defaults are good.
  }
  const asked = new URLSearchParams(location.search).get('views');
  const layout = isLayout(asked) ? asked : stored.layout;
  return {
    ...(isLayout(layout) ? { layout } : {}),
    ...(typeof stored.scene === 'boolean' ? { scene: stored.scene } : {}),
    ...(typeof stored.strip === 'boolean' ? { strip: stored.strip } : {}),
    ...(typeof stored.thresholdPx === 'number' && stored.thresholdPx > 0
      ? { thresholdPx: stored.thresholdPx }
      : {}),
  };
}

export function rememberViews(settings: ViewSettings): void {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(settings));
  } catch {
    // A private window: it holds until the page is left.
  }
}

/** The part of the address that names the layout. */
export const searchFor = (layout: Layout): string =>
  layout === 'single' ? '' : `?views=${layout}`;
