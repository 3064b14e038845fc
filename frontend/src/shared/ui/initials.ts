/** Letters and colour by which people are told apart at a glance. */

// Readable with white text in both themes.
export const COLOURS = [
  '#5450c4',
  '#00736b',
  '#a0457a',
  '#8a5a00',
  '#3a6ea5',
  '#6b5b95',
  '#4f7942',
] as const;

export interface Look {
  letters: string;
  colour: string;
}

const wordsOf = (name: string) => name.trim().split(/\s+/).filter(Boolean);
const capitals = (text: string) => text.toLocaleUpperCase();

/** First letters of the first and the last word. */
export function twoLetters(name: string): string {
  const words = wordsOf(name);
  const [first = '?'] = [...(words[0] ?? '?')];
  const [last = ''] = words.length > 1 ? [...(words.at(-1) ?? '')] : [];
  return capitals(first + last);
}

/** Three letters, the most telling first, in the end with a number. */
function* threeLetters(name: string): Generator<string> {
  const words = wordsOf(name);
  const first = [...(words[0] ?? '?')];
  const last = words.length > 1 ? [...(words.at(-1) ?? '')] : [];
  const a = first[0] ?? '?';
  for (let i = 1; i < last.length; i++) yield capitals(a + last[0] + last[i]);
  for (let i = 1; i < first.length; i++) yield capitals(a + first[i] + (last[0] ?? ''));
  for (let n = 2; ; n++) yield `${twoLetters(name)}${n}`;
}

function colourOf(name: string): string {
  const hash = [...name].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0);
  return COLOURS[hash % COLOURS.length] ?? COLOURS[0];
}

/** How somebody looks of whom no other person is known. */
export function lookAlone(name: string): Look {
  return { letters: twoLetters(name), colour: colourOf(name) };
}

/**
 * Everybody's letters, no two the same: two where nobody else has them, three otherwise.
 * Who comes first in the list keeps theirs when others join.
 */
export function looksOf(names: readonly string[]): Map<string, Look> {
  const different = [...new Set(names)];
  const holders = new Map<string, number>();
  for (const name of different) {
    const two = twoLetters(name);
    holders.set(two, (holders.get(two) ?? 0) + 1);
  }
  const taken = new Set<string>();
  const looks = new Map<string, Look>();
  for (const name of different) {
    let letters = twoLetters(name);
    if ((holders.get(letters) ?? 0) > 1) {
      for (const wish of threeLetters(name)) {
        letters = wish;
        if (!taken.has(wish)) break;
      }
    }
    taken.add(letters);
    looks.set(name, { letters, colour: colourOf(name) });
  }
  return looks;
}
