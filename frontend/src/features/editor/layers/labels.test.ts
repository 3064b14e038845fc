import { describe, expect, it } from 'vitest';
import { goesLeft, staysLeft } from './labels';

describe('a label beside a mark', () => {
  it('is at the right, and changes sides near the right edge', () => {
    expect(goesLeft('Left ankle', 200, 12, 400)).toBe(false);
    expect(goesLeft('Left ankle', 380, 12, 400)).toBe(true);
  });

  it('does not change sides where the other edge would cut it', () => {
    expect(goesLeft('Left ankle', 50, 12, 90)).toBe(false);
  });

  it('that is at the left changes sides near the left edge', () => {
    expect(staysLeft('12.3 px', 200, 12, 400)).toBe(true);
    expect(staysLeft('12.3 px', 20, 12, 400)).toBe(false);
    expect(staysLeft('from the other views', 60, 12, 100)).toBe(true);
  });
});
