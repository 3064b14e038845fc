// @vitest-environment jsdom

import { describe, expect, it } from 'vitest';
import { boardFaults, loadBoard, newBoard, saveBoard, toBoard } from './board';

describe('boards', () => {
  it('turns squares into inner corners', () => {
    expect(toBoard({ ...newBoard('small'), squareMm: '30' })).toEqual({
      kind: 'chessboard',
      columns: 5,
      rows: 9,
      square_mm: 30,
    });
    expect(toBoard({ ...newBoard('large'), squareMm: '60,5' })).toEqual({
      kind: 'chessboard',
      columns: 11,
      rows: 7,
      square_mm: 60.5,
    });
  });

  it('takes inner corners as they are', () => {
    const own = { ...newBoard('small'), counting: 'corners' as const, across: '4', down: '7' };
    expect(toBoard({ ...own, squareMm: '60' })).toMatchObject({ columns: 4, rows: 7 });
  });

  it('asks boards with markers for their markers', () => {
    const own = { ...newBoard('small'), kind: 'charuco' as const, across: '8', down: '6' };
    const draft = { ...own, squareMm: '40', markerMm: '30', firstIds: '0, 24' };
    expect(toBoard(draft)).toEqual({
      kind: 'charuco',
      columns: 8,
      rows: 6,
      square_mm: 40,
      marker_mm: 30,
      dictionary: '4X4_100',
      first_ids: [0, 24],
    });
    expect(Object.keys(boardFaults({ ...draft, markerMm: '41' }))).toEqual(['marker']);
    expect(Object.keys(boardFaults({ ...draft, firstIds: '0, 0' }))).toEqual(['first']);
    expect(toBoard({ ...draft, markerMm: '' })).toBeNull();
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
