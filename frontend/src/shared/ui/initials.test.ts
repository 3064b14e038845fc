import { describe, expect, it } from 'vitest';
import { lookAlone, looksOf } from './initials';

const letters = (...names: string[]) => names.map((name) => looksOf(names).get(name)?.letters);

describe('initials', () => {
  it('are two letters where nobody else has them', () => {
    expect(letters('Mara Maintainer', 'Ida Inspector')).toEqual(['MM', 'II']);
  });

  it('are three letters for everybody who would share two', () => {
    expect(letters('Ada Annotator', 'Anders Appel', 'Alma Andersen')).toEqual([
      'AAN',
      'AAP',
      'AAD',
    ]);
  });

  it('end in a number where names differ too little', () => {
    const found = letters('A A', 'A  A', 'a a');
    expect(new Set(found).size).toBe(3);
  });

  it('are distinct for many people with the same two', () => {
    const names = Array.from({ length: 60 }, (_, i) => `An Ab${'x'.repeat(i % 5)} ${i} Aa`);
    const found = [...looksOf(names).values()].map((look) => look.letters);
    expect(new Set(found).size).toBe(names.length);
  });

  it('do not change for somebody when others join after them', () => {
    const before = looksOf(['Ada Annotator', 'Anders Appel']);
    const after = looksOf(['Ada Annotator', 'Anders Appel', 'Alma Andersen', 'Bo Berg']);
    for (const [name, look] of before) expect(after.get(name)).toEqual(look);
  });

  it('know names of one word, of no letters, and of letters beyond the Latin ones', () => {
    expect(letters('mara', '', '王 小明', '👶 👶')).toEqual(['M', '?', '王小', '👶👶']);
  });

  it('keep a colour that depends on the name alone', () => {
    expect(looksOf(['Ida Inspector']).get('Ida Inspector')?.colour).toBe(
      lookAlone('Ida Inspector').colour,
    );
  });
});
