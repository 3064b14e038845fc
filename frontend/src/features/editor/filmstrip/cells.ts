/** Painting the strip of all frames: a cell each, or the most urgent of those that share a pixel. */
import { needsBox } from '@/features/recordings/parts/boxOrder';
import { openDoubts } from '@/shared/api/doubts';
import type { FrameItem } from '@/shared/api/types';
import type { ShownState } from '@/shared/domain/words';
import { shownState } from '@/shared/ui/FrameStateDot';
import type { Mode } from '../frames/navigation';
import type { Listing } from './listing';

export interface StripColours {
  readonly states: Readonly<Record<ShownState, string>>;
  readonly commented: string;
  readonly ground: string;
  readonly good: string;
  readonly revise: string;
  readonly doubted: string;
}

/** In box review a frame's sign speaks of its box, everywhere else of its joints. */
export function signOf(item: FrameItem, mode: Mode): ShownState {
  if (mode === 'boxes') {
    if (item.box === null) return needsBox(item) ? 'undecided' : 'discarded';
    if (item.box.status === 'sent_back') return 'returned';
    return item.box.status === 'approved' ? 'accepted' : 'undecided';
  }
  return item.box?.status === 'sent_back' && mode === 'annotate' ? 'returned' : shownState(item);
}

/** Whose colour wins where several frames share a pixel. */
const URGENCY: Readonly<Record<ShownState, number>> = {
  returned: 4,
  undecided: 3,
  discarded: 2,
  corrected: 1,
  accepted: 0,
};

/** How much of a frame that a filter leaves out is still seen. */
const DIMMED = 0.22;

/** A short recording need not fill the strip with slabs. */
const MAX_WIDTH = 36;

/** Where the frames lie on a strip of a given width. */
export class StripScale {
  constructor(
    readonly count: number,
    readonly width: number,
  ) {}

  /** Width of one cell in CSS pixels; below one where frames outnumber pixels. */
  get cell(): number {
    return this.count === 0 ? 0 : Math.min(this.width / this.count, MAX_WIDTH);
  }

  x(order: number): number {
    return order * this.cell;
  }

  at(x: number): number {
    if (this.count === 0) return 0;
    return Math.min(this.count - 1, Math.max(0, Math.floor(x / this.cell)));
  }
}

/** Height of the bar that stands for a state: a second sign beside the colour. */
const HEIGHTS: Readonly<Record<ShownState, number>> = {
  undecided: 0.45,
  accepted: 1,
  corrected: 1,
  discarded: 0.7,
  returned: 1,
};

export function paintStrip(
  context: CanvasRenderingContext2D,
  frames: readonly FrameItem[],
  { listed, matching, refused }: Listing,
  scale: StripScale,
  height: number,
  colours: StripColours,
  mode: Mode,
): void {
  context.globalAlpha = 1;
  context.fillStyle = colours.ground;
  context.fillRect(0, 0, scale.width, height);
  const top = 7;
  const room = height - top;
  const { cell } = scale;
  let i = 0;
  while (i < listed.length) {
    // Frames that share a pixel column are painted once.
    const x = Math.floor(scale.x(i));
    let most: FrameItem | undefined;
    let dimmed = matching !== null;
    let commented = false;
    let doubted = false;
    let unsaved = false;
    let mark: FrameItem['mark'] = null;
    do {
      const index = listed[i] ?? -1;
      const item = frames[index];
      // One that a filter asks for is seen, whatever it shares its pixel with.
      const wanted = matching === null || matching.has(index);
      if (item !== undefined && (wanted || dimmed)) {
        if (wanted && dimmed && matching !== null) {
          dimmed = commented = doubted = false;
          most = undefined;
          mark = null;
        }
        if (most === undefined || URGENCY[signOf(item, mode)] > URGENCY[signOf(most, mode)])
          most = item;
        commented ||= item.comments > 0;
        doubted ||= openDoubts(item) > 0;
        unsaved ||= refused.has(item.id);
        if (item.mark === 'revise' || mark === null) mark = item.mark;
      }
      i++;
    } while (i < listed.length && Math.floor(scale.x(i)) === x);
    if (most === undefined) continue;
    context.globalAlpha = dimmed ? DIMMED : 1;
    const right = Math.max(x + 1, Math.floor(scale.x(i)) - (cell >= 3 ? 1 : 0));
    paintCell(context, signOf(most, mode), x, top, right - x, room, colours);
    if (most.in_playback && right - x >= 3) {
      // Seen in passing: the bar has gaps.
      for (let y = top + 2; y < height; y += 5) context.clearRect(x, y, right - x, 2);
    }
    if (mark !== null) {
      context.fillStyle = colours.ground;
      context.fillRect(x, height - 6, right - x, 2);
      context.fillStyle = mark === 'good' ? colours.good : colours.revise;
      context.fillRect(x, height - 4, right - x, 4);
    }
    if (doubted) {
      context.fillStyle = colours.doubted;
      context.fillRect(x, top - 2, right - x, 2);
    }
    if (unsaved) paintCross(context, (x + right) / 2, top + room / 2, colours);
    if (commented) {
      context.fillStyle = colours.commented;
      context.beginPath();
      context.arc((x + right) / 2, 3, 2.2, 0, 2 * Math.PI);
      context.fill();
    }
  }
  context.globalAlpha = 1;
}

function paintCell(
  context: CanvasRenderingContext2D,
  state: ShownState,
  x: number,
  top: number,
  width: number,
  room: number,
  colours: StripColours,
): void {
  const tall = Math.round(room * HEIGHTS[state]);
  const y = top + room - tall;
  context.fillStyle = colours.states[state];
  if (state === 'discarded' && width >= 3) {
    hatch(context, x, y, width, tall);
    return;
  }
  context.fillRect(x, y, width, tall);
  if (width < 3) return;
  if (state === 'corrected') {
    context.clearRect(x, y + Math.round(tall * 0.35), width, 2);
  } else if (state === 'returned') {
    context.clearRect(x, y + 3, width, 2);
    context.clearRect(x, y + 7, width, 2);
  }
}

/** What was done here did not reach the server. */
function paintCross(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  { revise, ground }: StripColours,
): void {
  for (const [colour, width] of [
    [ground, 5],
    [revise, 2.5],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(x - 4, y - 4);
    context.lineTo(x + 4, y + 4);
    context.moveTo(x + 4, y - 4);
    context.lineTo(x - 4, y + 4);
    context.stroke();
  }
}

function hatch(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = context.fillStyle;
  context.lineWidth = 1;
  context.beginPath();
  for (let offset = -height; offset < width; offset += 3) {
    context.moveTo(x + offset, y + height);
    context.lineTo(x + offset + height, y);
  }
  context.stroke();
  context.restore();
}
