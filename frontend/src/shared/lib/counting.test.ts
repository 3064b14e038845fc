import { expect, test } from 'vitest';

const SOURCES = import.meta.glob<string>('/src/**/*.{ts,tsx}', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const NOUNS =
  'frame|joint|comment|moment|change|recording|image|camera|view|picture|part|session|mark|range|job|row|infant|file|warning|release|answer|place|marker|point|video|annotation|error|label|line|day|month';
const COUNTED = new RegExp(
  `(\\$\\{[^{}]*\\}|(?<!=)\\{[\\w.()]+\\})(?: (?:wrong|open|kept))? (?:${NOUNS})s\\b(?! a second|=)`,
  'g',
);
/** A constant is never one, and a decimal is read as many. */
const MANY = /^\$?\{(?:[A-Z_]+|.*toFixed\(\d\))\}$/;

test('a number before a noun is written by count(), which knows one of it', () => {
  const found = Object.entries(SOURCES).flatMap(([path, text]) =>
    path.includes('.test.')
      ? []
      : [...text.matchAll(COUNTED)]
          .filter(([, value]) => !MANY.test(value ?? ''))
          .map(([words]) => `${path}: ${words}`),
  );
  expect(found).toEqual([]);
});
