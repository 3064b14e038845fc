/** What keys do on the page where inspectors compare and sample: page, help and the list of keys read this. */
import type { Keyed } from '../personal/keymap';
import { QUICK_REASONS, REASON_WORDS } from './words';

export const COMPARE_GROUP = 'Compare and sample';

export interface CompareAct extends Keyed {
  readonly label: string;
  readonly group: typeof COMPARE_GROUP;
  readonly words?: string;
}

const act = (id: string, label: string, keys: readonly string[], words = ''): CompareAct => ({
  id: `compare.${id}`,
  label,
  keys,
  words,
  group: COMPARE_GROUP,
  where: ['compare'],
});

export const COMPARE_ACTS: readonly CompareAct[] = [
  act('next', 'Next picture', ['F', 'Right'], 'frame forward'),
  act('previous', 'Previous picture', ['D', 'Left'], 'frame back'),
  act('nextCamera', 'The moment from the next camera', ['Down']),
  act('previousCamera', 'The moment from the previous camera', ['Up']),
  act('good', 'Mark it good and go on', ['Space', 'G'], 'approve'),
  act('revise', 'Mark it to be revised', ['R'], 'return'),
  ...QUICK_REASONS.map((reason, n) =>
    act(`reason.${n}`, `Say why: ${REASON_WORDS[reason].toLowerCase()}`, [String(n + 1)]),
  ),
  act('wrong', 'The chosen joint is wrong', ['X']),
  act('right', 'The chosen joint is right', ['Y']),
  act('flicker', 'Flicker between annotator, round before and model', ['C'], 'compare'),
  act('beside', 'Side by side', ['B']),
  act('whole', 'Whole image', ['Z'], 'zoom infant'),
  act('comment', 'Write a comment', ['M']),
  act('none', 'No joint chosen', ['Escape']),
  act('help', 'How inspecting works', ['?'], 'keys'),
];

/** What goes on by steps while its key is held; everything else happens once. */
const STEPS: ReadonlySet<string> = new Set(['next', 'previous', 'nextCamera', 'previousCamera']);

export interface Deeds {
  /** By the id without its prefix; absent where it is not possible now. */
  readonly [name: string]: (() => void) | undefined;
}

/**
 * Do what a key means here.
 *
 * @param ids What the key means to the person, as their keymap says.
 * @param marked Whether the picture has a mark: a key that is held passes over such ones.
 * @returns Whether it means something.
 */
export function perform(
  ids: readonly string[],
  deeds: Deeds,
  { repeated, marked }: { repeated: boolean; marked: boolean },
): boolean {
  const name = ids
    .filter((id) => id.startsWith('compare.'))
    .map((id) => id.slice('compare.'.length))
    .find((id) => deeds[id] !== undefined);
  if (name === undefined) return false;
  if (!repeated || STEPS.has(name)) deeds[name]?.();
  else if (name === 'good') deeds[marked ? 'next' : 'good']?.();
  return true;
}
