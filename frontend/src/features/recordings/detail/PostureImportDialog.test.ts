import { describe, expect, it } from 'vitest';
import { headerOf } from './PostureImportDialog';

describe('the columns of a table that the server could not read', () => {
  it('are the cells of its first line, whatever stands between them', () => {
    expect(headerOf('\ufeff\r\nstart;end;"what, it does"\r\n0;1;crawls')).toEqual([
      'start',
      'end',
      'what, it does',
    ]);
    expect(headerOf('start\tend\tposture')).toEqual(['start', 'end', 'posture']);
    expect(headerOf('')).toEqual(['']);
  });
});
