/** Where the panes of several cameras lie, so that their images are as large as can be. */
import type { Rectangle, Size } from '../store/geometry';
import type { Layout } from '../store/state';

const GAP = 2;
/** The large pane is at least this much larger than the others. */
const LARGER = 1.4;

/**
 * One rectangle for each image, in their order.
 *
 * @param layout - `grid`: all alike; `beside`: `large` takes one side, the others share the rest.
 */
export function arrange(
  layout: Layout,
  images: readonly Size[],
  large: number,
  space: Size,
): Rectangle[] {
  const whole = { x: 0, y: 0, ...space };
  if (layout === 'single' || images.length < 2) return images.map(() => whole);
  if (layout === 'grid') return bestGrid(images, whole).cells;
  const others = images.filter((_, i) => i !== large);
  const one = images[large] ?? { width: 4, height: 3 };
  let best: { score: number; main: Rectangle; cells: Rectangle[] } | null = null;
  for (const beside of [true, false]) {
    for (let share = 0.4; share <= 0.8; share += 0.02) {
      const [main, rest] = split(whole, share, beside);
      const grid = bestGrid(others, rest);
      const size = scaleOf(one, main) ** 2 * area(one);
      const small = Math.max(...others.map((image) => grid.scale ** 2 * area(image)));
      const score = size * 1.5 + grid.scale ** 2 * others.reduce((sum, o) => sum + area(o), 0);
      const fits = size >= LARGER ** 2 * small;
      if (fits && (best === null || score > best.score)) best = { score, main, cells: grid.cells };
    }
  }
  const [main, rest] = split(whole, 0.7, true);
  const chosen = best ?? { main, cells: bestGrid(others, rest).cells };
  const cells = [...chosen.cells];
  return images.map((_, i) => (i === large ? chosen.main : (cells.shift() ?? whole)));
}

const area = ({ width, height }: Size): number => width * height;

const scaleOf = (image: Size, room: Size): number =>
  Math.min(room.width / image.width, room.height / image.height);

function split(
  { x, y, width, height }: Rectangle,
  share: number,
  beside: boolean,
): [Rectangle, Rectangle] {
  if (beside) {
    const w = Math.round(width * share);
    return [
      { x, y, width: w - GAP, height },
      { x: x + w, y, width: width - w, height },
    ];
  }
  const h = Math.round(height * share);
  return [
    { x, y, width, height: h - GAP },
    { x, y: y + h, width, height: height - h },
  ];
}

/** Rows and columns in which the smallest image is shown largest. */
function bestGrid(
  images: readonly Size[],
  { x, y, width, height }: Rectangle,
): { scale: number; cells: Rectangle[] } {
  let best: { scale: number; cells: Rectangle[] } = { scale: -1, cells: [] };
  for (let columns = 1; columns <= images.length; columns++) {
    const rows = Math.ceil(images.length / columns);
    const w = (width - GAP * (columns - 1)) / columns;
    const h = (height - GAP * (rows - 1)) / rows;
    const scale = Math.min(...images.map((image) => scaleOf(image, { width: w, height: h })));
    if (scale <= best.scale) continue;
    const cells = images.map((_, i) => ({
      x: x + (i % columns) * (w + GAP),
      y: y + Math.floor(i / columns) * (h + GAP),
      width: w,
      height: h,
    }));
    best = { scale, cells };
  }
  return best;
}
