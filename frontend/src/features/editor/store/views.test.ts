import { describe, expect, it } from 'vitest';
import { INFANT } from '../testing/driver';
import { fitImage } from './geometry';
import { cameraAfterResize, zoomToInfant } from './views';

const image = { width: 640, height: 480 };
const before = { width: 1280, height: 960 };
const after = { width: 900, height: 700 };

describe('the camera in a window of another size', () => {
  const whole = fitImage(image, before);
  const look = { camera: whole, viewport: before, follow: false };

  it('shows the whole image from the first size on', () => {
    const unknown = { ...look, viewport: { width: 0, height: 0 } };
    expect(cameraAfterResize(after, image, INFANT, unknown)).toEqual(fitImage(image, after));
  });

  it('still shows the whole image if it did', () => {
    expect(cameraAfterResize(after, image, INFANT, look)).toEqual(fitImage(image, after));
  });

  it('stays on the infant while it follows', () => {
    const following = { ...look, follow: true };
    const expected = zoomToInfant(INFANT, null, after);
    expect(cameraAfterResize(after, image, INFANT, following)).toEqual(expected);
    expect(cameraAfterResize(after, image, null, following)).toEqual(fitImage(image, after));
  });

  it('keeps the middle of what somebody zoomed to', () => {
    const zoomed = { ...look, camera: { x: -100, y: -50, zoom: 3 } };
    const expected = { x: -290, y: -180, zoom: 3 };
    expect(cameraAfterResize(after, image, INFANT, zoomed)).toEqual(expected);
  });
});
