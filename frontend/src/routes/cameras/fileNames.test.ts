import { describe, expect, it } from 'vitest';
import { namesIn } from './fileNames';

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
