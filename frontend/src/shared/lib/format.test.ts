import { describe, expect, it } from 'vitest';
import { formatSince } from './format';

describe('what stands after “since”', () => {
  const now = new Date(2026, 10, 21, 0, 20);

  it('is the time of day for today, even a moment ago', () => {
    const then = new Date(2026, 10, 21, 0, 5);
    const shown = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' }).format(then);
    expect(formatSince(then.toISOString(), now)).toBe(shown);
  });

  it('is yesterday for the day before, though minutes ago', () => {
    expect(formatSince(new Date(2026, 10, 20, 23, 55).toISOString(), now)).toBe('yesterday');
  });

  it('is the date for all before that', () => {
    const then = new Date(2026, 10, 3, 9, 0);
    const shown = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' }).format(then);
    expect(formatSince(then.toISOString(), now)).toBe(shown);
  });
});
