import { expect, test } from 'vitest';

const SOURCES = import.meta.glob<string>('/src/**/*.{ts,tsx}', {
  query: '?raw',
  import: 'default',
  eager: true,
});
/** A style with a share of words: browsers drop `width: 58 %` without a sound. */
const SPACED =
  /style=\{\{[^}]*(?:\$\{[^}]*\}[^}]*)*\} %`|(?:width|height|left|top): `\$\{[^}]*\} %`/g;

test('shares in styles have no space before the sign, which only words have', () => {
  const found = Object.entries(SOURCES).flatMap(([path, text]) =>
    path.includes('.test.') ? [] : [...text.matchAll(SPACED)].map(([what]) => `${path}: ${what}`),
  );
  expect(found).toEqual([]);
});
