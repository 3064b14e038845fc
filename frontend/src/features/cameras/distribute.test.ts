import { describe, expect, it } from 'vitest';
import { distribute } from './distribute';

const CAMERAS = [
  { id: 11, name: 'cam01' },
  { id: 12, name: 'cam02' },
  { id: 13, name: 'cam10' },
];
const at = (path: string) => path;
const sorted = (files: string[], cameras = CAMERAS) => {
  const { byCamera, left } = distribute(files, at, cameras);
  return { ...Object.fromEntries(byCamera), left } as Record<string, string[]>;
};

describe('distributing files over cameras', () => {
  it('goes by the folder that has the name of a camera', () => {
    expect(sorted(['boards/cam01/1.jpg', 'boards/cam02/1.jpg', 'boards/cam10/1.jpg'])).toEqual({
      11: ['boards/cam01/1.jpg'],
      12: ['boards/cam02/1.jpg'],
      13: ['boards/cam10/1.jpg'],
      left: [],
    });
  });

  it('does not care for zeros, capitals and signs in between', () => {
    expect(sorted(['Cam 1/a.jpg', 'CAM_10/a.jpg'])).toEqual({
      11: ['Cam 1/a.jpg'],
      13: ['CAM_10/a.jpg'],
      left: [],
    });
  });

  it('goes by the name of the file where no folder says it', () => {
    expect(sorted(['cam02_board.mp4', 'x/cam01-004.png'])).toEqual({
      12: ['cam02_board.mp4'],
      11: ['x/cam01-004.png'],
      left: [],
    });
  });

  it('puts files in the order in which people count', () => {
    expect(sorted(['cam01/10.jpg', 'cam01/9.jpg'])[11]).toEqual(['cam01/9.jpg', 'cam01/10.jpg']);
  });

  it('takes the longer of two names that fit', () => {
    const cameras = [
      { id: 1, name: 'left' },
      { id: 2, name: 'left wall' },
    ];
    expect(sorted(['left_wall/1.png', 'left/1.png'], cameras)).toEqual({
      1: ['left/1.png'],
      2: ['left_wall/1.png'],
      left: [],
    });
  });

  it('knows a camera by a folder that says a part of its name', () => {
    const cameras = [
      { id: 1, name: 'visit 3 left' },
      { id: 2, name: 'visit 3 right' },
    ];
    expect(sorted(['boards/left/1.png', 'boards/right/1.png', 'boards/3/1.png'], cameras)).toEqual({
      1: ['boards/left/1.png'],
      2: ['boards/right/1.png'],
      left: ['boards/3/1.png'],
    });
  });

  it('takes as many unnamed folders as there are cameras in their order', () => {
    expect(sorted(['b/GP2/1.jpg', 'b/GP10/1.jpg', 'b/GP1/1.jpg'])).toEqual({
      11: ['b/GP1/1.jpg'],
      12: ['b/GP2/1.jpg'],
      13: ['b/GP10/1.jpg'],
      left: [],
    });
  });

  it('takes one unnamed file for each camera in their order', () => {
    expect(sorted(['GX03.mp4', 'GX01.mp4', 'GX02.mp4'])).toEqual({
      11: ['GX01.mp4'],
      12: ['GX02.mp4'],
      13: ['GX03.mp4'],
      left: [],
    });
  });

  it('leaves over what it cannot tell, and what the system hid there', () => {
    expect(sorted(['a/1.jpg', 'cam01/1.jpg', 'cam01/.DS_Store'])).toEqual({
      11: ['cam01/1.jpg'],
      left: ['a/1.jpg'],
    });
  });
});
