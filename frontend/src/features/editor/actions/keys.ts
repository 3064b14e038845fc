/** Key names: `Space`, `Shift+F`, `Mod+Z`. `Mod` is Ctrl, and ⌘ on a Mac. */

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'Space',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
};

/** What was pressed, in the form in which actions name their keys. */
export function keyOf(event: KeyboardEvent): string {
  const named = NAMES[event.key] ?? event.key;
  const isLetter = /^[a-z]$/i.test(named);
  const isSymbol = named.length === 1 && !isLetter;
  const key = named.length === 1 ? named.toUpperCase() : named;
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push('Mod');
  if (event.altKey) parts.push('Alt');
  // A symbol already says whether Shift was held: `?` rather than `Shift+/`.
  if (event.shiftKey && !isSymbol) parts.push('Shift');
  return [...parts, key].join('+');
}

const SIGNS: Readonly<Record<string, string>> = {
  Left: '←',
  Right: '→',
  Up: '↑',
  Down: '↓',
  Shift: '⇧',
  Escape: 'Esc',
  Backspace: '⌫',
  Delete: 'Del',
  PageUp: 'PgUp',
  PageDown: 'PgDn',
};

const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);

/** A key as it is shown to people. */
export function showKey(key: string): string {
  const parts = key.split('+').filter((part) => part !== '');
  if (key.endsWith('+')) parts.push('+');
  return parts
    .map((part) => (part === 'Mod' ? (isMac ? '⌘' : 'Ctrl') : (SIGNS[part] ?? part)))
    .join(isMac ? '' : ' ');
}

/** Whether the person is typing, so that letters are letters. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return !['range', 'checkbox'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
