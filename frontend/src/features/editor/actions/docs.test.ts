import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { GROUPS } from '../dialogs/HelpDialog';
import { Keymap } from '../personal/keymap';
import { showKey } from './keys';
import { ACTIONS, KEYED } from './registry';

const GUIDE = resolve(process.cwd(), '../docs/annotating.md');
const BEGIN = '<!-- keys: generated from the editor’s actions, see docs.test.ts there -->';
const END = '<!-- end of keys -->';

const maps = (['infantnet', 'cvat'] as const).map(
  (preset) => new Keymap({ preset, changed: {} }, KEYED),
);

function tables(): string {
  return GROUPS.map((group) => {
    const rows = ACTIONS.filter((action) => action.group === group).map(({ id, label }) => {
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
