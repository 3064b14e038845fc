import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { Keymap } from '../personal/keymap';
import { GROUPS } from './action';
import { showKey } from './keys';
import { ACTIONS, KEYED, LISTED } from './registry';

const GUIDE = resolve(process.cwd(), '../docs/annotating.md');
const BEGIN = '<!-- keys: generated from the editor’s actions, see docs.test.ts there -->';
const END = '<!-- end of keys -->';

const maps = (['infantnet', 'cvat'] as const).map(
  (preset) => new Keymap({ preset, changed: {} }, KEYED),
);

function tables(): string {
  return GROUPS.map((group) => {
    const rows = LISTED.filter((action) => action.group === group).map(({ id, label }) => {
      const shown = maps.map((map) => map.keysOf(id).map(showKey).join(', ') || '–');
      return `| ${[label, ...shown].join(' | ')} |`;
    });
    return [`| ${group} | InfantNet | CVAT |`, '|---|---|---|', ...rows].join('\n');
  }).join('\n\n');
}

/** With `UPDATE_DOCS=1` it writes the tables instead. */
it('the guide has the keys that the editor has', () => {
  const text = readFileSync(GUIDE, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  const renewed = `${before}${BEGIN}\n\n${tables()}\n\n${END}${after}`;
  if (process.env.UPDATE_DOCS === '1') writeFileSync(GUIDE, renewed);
  else expect(text).toBe(renewed);
});

const PARTS = ['⇧', 'Ctrl', 'Alt', 'Space', 'Enter', 'Esc', 'Home', 'End', 'PgUp', 'PgDn', 'F1'];
const isKey = (words: string): boolean =>
  words.split(' ').every((part) => PARTS.includes(part) || /^[!-`{-~←→↑↓⌫]$/u.test(part));

it('the guide’s sentences name no key that the editor has not', () => {
  const [prose = ''] = readFileSync(GUIDE, 'utf8').split(BEGIN);
  const [map] = maps;
  // Digits choose a reason; a modifier may be held while one drags.
  const known = new Set([
    ...'123456789',
    ...PARTS,
    ...ACTIONS.flatMap(({ id }) => map?.keysOf(id) ?? []).flatMap((key) => {
      const shown = showKey(key);
      return [shown, ...shown.split(' then ')];
    }),
  ]);
  const named = [...prose.matchAll(/\*\*([^*\n]+)\*\*/g)].map(([, words = '']) => words);
  expect(named.filter((words) => isKey(words) && !known.has(words))).toEqual([]);
});
