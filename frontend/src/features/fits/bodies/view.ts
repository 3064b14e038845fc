/** Which part of an image a view shows, in image pixels. */
export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Grows a rectangle about its middle until it has the shape of a window. */
export function containing(rect: Rect, windowWidth: number, windowHeight: number): Rect {
  if (!windowWidth || !windowHeight) return rect;
  const aspect = windowWidth / windowHeight;
  const width = Math.max(rect.width, rect.height * aspect);
  const height = width / aspect;
  return {
    x: rect.x - (width - rect.width) / 2,
    y: rect.y - (height - rect.height) / 2,
    width,
    height,
  };
}

/** The smallest rectangle around pixels (x, y, depth; NaN where there is none), with a margin. */
export function around(pixels: ArrayLike<number>, margin: number, image: Rect): Rect {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i + 2 < pixels.length; i += 3) {
    const x = pixels[i] ?? Number.NaN;
    const y = pixels[i + 1] ?? Number.NaN;
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  left = Math.max(left, image.x);
  top = Math.max(top, image.y);
  right = Math.min(right, image.x + image.width);
  bottom = Math.min(bottom, image.y + image.height);
  if (!(right > left && bottom > top)) return image;
  const pad = margin * Math.max(right - left, bottom - top);
  return {
    x: left - pad,
    y: top - pad,
    width: right - left + 2 * pad,
    height: bottom - top + 2 * pad,
  };
}
