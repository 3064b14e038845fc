import { describe, expect, it } from 'vitest';
import { matchNames, namesIn } from './fileNames';

describe('names of cameras in a calibration file', () => {
  it('reads them from TOML', () => {
    const text = '[cam_0]\nname = "left"\nsize = [1,2]\n[cam_1]\nname = "right"\n[metadata]\n';
    expect(namesIn('rig.toml', text)).toEqual(['left', 'right']);
    expect(namesIn('rig.toml', '[cameras.1]\nrotation=[]\n[metadata]\n')).toEqual(['1']);
  });

  it('reads serial numbers from Qualisys', () => {
    const text =
      '<cameras><camera active="1" serial="21401">\n<camera active="1" serial="7"></cameras>';
    expect(namesIn('session.qca.txt', text)).toEqual(['21401', '7']);
  });

  it('takes the name of the file where it says nothing', () => {
    expect(namesIn('cam03.yml', '%YAML:1.0')).toEqual(['cam03']);
  });
});

describe('which camera is which', () => {
  const cameras = [
    { id: 1, name: 'cam01' },
    { id: 2, name: 'cam02' },
  ];

  it('goes by names', () => {
    expect(matchNames(cameras, ['Cam_2', 'cam-1'])).toEqual({ 1: 'cam-1', 2: 'Cam_2' });
  });

  it('goes by order where no name agrees', () => {
    expect(matchNames(cameras, ['21401', '7'])).toEqual({ 1: '21401', 2: '7' });
  });

  it('leaves out a camera that the file does not have', () => {
    expect(matchNames(cameras, ['cam02'])).toEqual({ 1: '', 2: 'cam02' });
  });
});
