import { create } from 'zustand';

export type ThemeChoice = 'system' | 'light' | 'dark';
export type Theme = 'light' | 'dark';

const STORAGE_KEY = 'infantnet.theme';
const darkQuery = '(prefers-color-scheme: dark)';

function stored(): ThemeChoice {
  try {
    const value = localStorage.getItem(STORAGE_KEY);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}

function systemTheme(): Theme {
  return typeof matchMedia === 'function' && matchMedia(darkQuery).matches ? 'dark' : 'light';
}

function resolveTheme(choice: ThemeChoice, system: Theme): Theme {
  return choice === 'system' ? system : choice;
}

interface ThemeStore {
  choice: ThemeChoice;
  theme: Theme;
  choose: (choice: ThemeChoice) => void;
}

/** The theme of the pages; follows the system until somebody chooses. */
export const useTheme = create<ThemeStore>((set) => ({
  choice: stored(),
  theme: resolveTheme(stored(), systemTheme()),
  choose: (choice) => {
    try {
      if (choice === 'system') localStorage.removeItem(STORAGE_KEY);
      else localStorage.setItem(STORAGE_KEY, choice);
    } catch {
      // Storage is off (private window): the choice holds until the page is left.
    }
    set({ choice, theme: resolveTheme(choice, systemTheme()) });
  },
}));

/** Keeps <html data-theme> equal to the theme; call once at start. */
export function watchTheme(): void {
  const show = () => {
    document.documentElement.dataset.theme = useTheme.getState().theme;
  };
  show();
  useTheme.subscribe(show);
  matchMedia(darkQuery).addEventListener('change', () => {
    const { choice } = useTheme.getState();
    useTheme.setState({ theme: resolveTheme(choice, systemTheme()) });
  });
}
