// @vitest-environment jsdom

import { describe, expect, it } from 'vitest';
import { boardFaults, loadBoard, newBoard, saveBoard, toBoard } from './board';

describe('boards', () => {
  it('turns squares into inner corners', () => {
    expect(toBoard({ ...newBoard('small'), squareMm: '30' })).toEqual({
      columns: 5,
      rows: 9,
      square_mm: 30,
    });
    expect(toBoard({ ...newBoard('large'), squareMm: '60,5' })).toEqual({
      columns: 11,
      rows: 7,
      square_mm: 60.5,
    });
  });

  it('takes inner corners as they are', () => {
    const own = { ...newBoard('small'), counting: 'corners' as const, across: '4', down: '7' };
    expect(toBoard({ ...own, squareMm: '60' })).toMatchObject({ columns: 4, rows: 7 });
  });

  it('says what is missing', () => {
    expect(Object.keys(boardFaults(newBoard('small')))).toEqual(['square']);
    expect(boardFaults({ ...newBoard('small'), across: 'x', squareMm: '0' })).toHaveProperty(
      'size',
    );
    expect(toBoard(newBoard('small'))).toBeNull();
  });

  it('offers the last one again', () => {
    saveBoard('small', { ...newBoard('small'), squareMm: '25' });
    expect(loadBoard('small').squareMm).toBe('25');
    expect(loadBoard('large')).toEqual(newBoard('large'));
  });
});
