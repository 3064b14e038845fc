/** Where the words beside a mark go, so that a pane's edge does not cut them. */

const LETTER = 6.8;

/** Pixels that a label takes at about 12 px; rather too many than too few. */
const labelWidth = (words: string): number => words.length * LETTER;

/**
 * Whether a label goes to the left of its mark: only where the right edge would cut it, and the
 * left one would not.
 */
export function goesLeft(words: string, x: number, gap: number, width: number): boolean {
  const needed = gap + labelWidth(words);
  return x + needed > width && x - needed >= 0;
}

/** The same for a label that is at the left by custom: whether it stays there. */
export function staysLeft(words: string, x: number, gap: number, width: number): boolean {
  const needed = gap + labelWidth(words);
  return x - needed >= 0 || x + needed > width;
}
