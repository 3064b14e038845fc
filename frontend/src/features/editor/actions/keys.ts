/** Key names: `Space`, `Shift+F`, `Mod+Z`, `J S`. `Mod` is Ctrl, and ⌘ on a Mac. */

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
  // AltGr, by which many keyboards write [ or @, arrives as Ctrl and Alt together.
  const written = isSymbol && (event.getModifierState?.('AltGraph') ?? false);
  if ((event.ctrlKey || event.metaKey) && !written) parts.push('Mod');
  if (event.altKey && !written) parts.push('Alt');
  // A symbol already says whether Shift was held: `?` rather than `Shift+/`.
  if (event.shiftKey && !isSymbol) parts.push('Shift');
  return [...parts, key].join('+');
}

const PLACES: Readonly<Record<string, string>> = {
  BracketLeft: '[',
  BracketRight: ']',
  Comma: ',',
  Period: '.',
};

/**
 * The names by which a press may be meant, the likeliest first.
 *
 * The letter or sign that the layout writes comes first: Z is where it says Z. Where the layout
 * writes no Latin letter there (Cyrillic, or Option on a Mac), or no digit (AZERTY's top row), the
 * place of the key on a US keyboard counts.
 */
export function namesOf(event: KeyboardEvent): string[] {
  const first = keyOf(event);
  const { code, key } = event;
  const foreign = key === 'Dead' || (key.length === 1 && key > '~');
  const letter = foreign ? /^Key([A-Z])$/.exec(code)?.[1] : undefined;
  const digit = key.length === 1 && !/\d/.test(key) ? /^Digit(\d)$/.exec(code)?.[1] : undefined;
  const sign = foreign ? PLACES[code] : undefined;
  const place = letter ?? digit ?? sign;
  if (place === undefined) return [first];
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push('Mod');
  if (event.altKey) parts.push('Alt');
  if (event.shiftKey) parts.push('Shift');
  return [first, [...parts, place].join('+')];
}

/** Keys that only change others. */
export const isModifier = ({ key }: KeyboardEvent): boolean =>
  ['Shift', 'Control', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Fn'].includes(key);

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
  return key.split(' ').map(showStroke).join(' then ');
}

function showStroke(key: string): string {
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
  if (target instanceof HTMLInputElement)
    return !['range', 'checkbox', 'radio', 'button', 'submit'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
