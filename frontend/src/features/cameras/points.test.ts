// @vitest-environment jsdom

import { describe, expect, it } from 'vitest';
import {
  loadPoints,
  newRow,
  nextUnseen,
  parsePoints,
  place,
  pointsFault,
  savePoints,
  toScenePoints,
} from './points';

const xyz = (text: string, unit?: 'm' | 'cm' | 'mm') =>
  parsePoints(text, unit).points.map((p) => p.xyz);

describe('pasting points', () => {
  it('reads columns of a spreadsheet, with a heading and names', () => {
    const { points, faults } = parsePoints(
      'Name\tX\tY\tZ\nchair leg\t-2\t0.3\t0\ndoor\t0\t0\t0.05\n',
    );
    expect(faults).toEqual([]);
    expect(points).toEqual([
      { name: 'chair leg', xyz: [-2, 0.3, 0] },
      { name: 'door', xyz: [0, 0, 0.05] },
    ]);
  });

  it('reads commas, semicolons, spaces and brackets', () => {
    expect(xyz('1, 2, 3')).toEqual([[1, 2, 3]]);
    expect(xyz('1;2;3')).toEqual([[1, 2, 3]]);
    expect(xyz('1 2   3')).toEqual([[1, 2, 3]]);
    expect(xyz('[-2, .3, 0]')).toEqual([[-2, 0.3, 0]]);
  });

  it('reads decimal commas', () => {
    expect(xyz('0,3\t-1,25\t0')).toEqual([[0.3, -1.25, 0]]);
    expect(xyz('0,3;1,2;0,05')).toEqual([[0.3, 1.2, 0.05]]);
    expect(xyz('0,3 1,2 0,05')).toEqual([[0.3, 1.2, 0.05]]);
  });

  it('turns centimetres and millimetres into metres', () => {
    expect(xyz('30 120 5', 'cm')).toEqual([[0.3, 1.2, 0.05]]);
    expect(xyz('300 1200 50', 'mm')).toEqual([[0.3, 1.2, 0.05]]);
  });

  it('names the line that is wrong and keeps the others', () => {
    const { points, faults } = parsePoints('0 0 0\na b\n1 1 1');
    expect(points).toHaveLength(2);
    expect(faults).toEqual(['Line 2: “a b” does not end in three numbers.']);
  });

  it('passes over empty lines and notes', () => {
    expect(xyz('# floor\n\n0 0 0\n\n')).toEqual([[0, 0, 0]]);
  });
});

const CAMERAS = [
  { id: 1, name: 'left' },
  { id: 2, name: 'right' },
];

function rowsSeen(...seen: [number, number][]) {
  return Array.from({ length: 6 }, (_, i) => {
    const row = newRow('', [i, 0, 0]);
    for (const [camera, upTo] of seen) if (i < upTo) row.seen[camera] = [i, i];
    return row;
  });
}

describe('clicking points', () => {
  it('goes on to the next one that is not there yet', () => {
    const rows = rowsSeen([1, 2]);
    expect(nextUnseen(rows, 0, 1)).toBe(2);
    expect(nextUnseen(rows, 5, 1)).toBe(2);
    expect(nextUnseen(rows, 5, 2)).toBe(0);
    expect(nextUnseen(rowsSeen([1, 6]), 5, 1)).toBeNull();
  });

  it('takes a point away again', () => {
    const rows = place(place(rowsSeen(), 1, 1, [4, 5]), 1, 1, null);
    expect(rows[1]?.seen).toEqual({});
  });

  it('says which camera has too few', () => {
    expect(pointsFault(rowsSeen([1, 6], [2, 3]), CAMERAS)).toContain('right has 3 of at least 4');
    expect(pointsFault(rowsSeen([1, 6], [2, 4]), CAMERAS)).toBeNull();
    expect(pointsFault(rowsSeen([1, 6]), CAMERAS)).toContain('at least two cameras');
    expect(pointsFault([], CAMERAS)).toContain('positions');
  });

  it('notices millimetres among metres', () => {
    const rows = rowsSeen([1, 6], [2, 6]);
    rows[0] = { ...newRow('', [1200, 0, 0]), seen: { 1: [0, 0] } };
    expect(pointsFault(rows, CAMERAS)).toContain('millimetres');
  });

  it('sends only what was clicked', () => {
    const rows = place(rowsSeen(), 2, 1, [10.5, 20]);
    expect(toScenePoints(rows)).toEqual([
      { name: 'Point 3', xyz: [2, 0, 0], seen: { 1: [10.5, 20] } },
    ]);
  });

  it('keeps them over a reload', () => {
    const rows = place(rowsSeen(), 0, 1, [1, 2]);
    savePoints(7, rows);
    expect(loadPoints(7).map((r) => r.seen)).toEqual(rows.map((r) => r.seen));
    savePoints(7, []);
    expect(loadPoints(7)).toEqual([]);
  });
});
