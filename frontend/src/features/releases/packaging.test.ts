import { describe, expect, it } from 'vitest';
import type { Packaging } from './form';
import { packed } from './packaging';

const packaging = (change: Partial<Packaging> = {}): Packaging => ({
  images: 'masked',
  masking: 'blur',
  masking_cells: 6,
  coding: 'stored',
  jpeg_quality: 95,
  masks: 'annotations',
  cameras: true,
  fits: true,
  provenance: true,
  pixels: 'index',
  outside: 'keep',
  ...change,
});

describe('what is written, in words', () => {
  it('says what becomes of heads', () => {
    expect(packed(packaging(), 'public')).toContain('every known head blurred to 6 cells across');
    expect(packed(packaging({ masking: 'fill' }), 'public')).toContain('filled with grey');
    expect(packed(packaging({ images: 'none' }), 'public')).toMatch(/^No images leave/);
  });

  it('warns before the gate does that faces would go to the public', () => {
    const stored = packaging({ images: 'stored' });
    expect(packed(stored, 'public')).toContain('The gate will refuse that');
    expect(packed(stored, 'research')).not.toContain('refuse');
  });

  it('says what images are coded as, where there are any', () => {
    expect(packed(packaging({ coding: 'jpeg' }), 'research')).toContain('JPEG of quality 95');
    expect(packed(packaging({ coding: 'png', images: 'none' }), 'research')).not.toContain('PNG');
  });

  it('says by which rule joints are written', () => {
    expect(packed(packaging(), 'research')).toContain(
      'as COCO counts pixels; those beyond the edge keep',
    );
    expect(packed(packaging({ pixels: 'continuous', outside: 'drop' }), 'research')).toContain(
      'half a pixel more than COCO counts them, and the files say so; those beyond the edge are written as not present',
    );
  });
});
