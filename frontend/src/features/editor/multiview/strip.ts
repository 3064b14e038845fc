/** The plot of errors over time: which number a cell holds, and how it is painted. */
import type { ViewErrors } from '@/shared/api/types';

export type Rows = 'joint' | 'view';

/** One cell: the error that is shown, and where it comes from. */
export interface Cell {
  /** Pixels; the largest of what the cell stands for. Null where nothing can be compared. */
  readonly error: number | null;
  /** Whether a mark in it disagrees with the other views. */
  readonly disagrees: boolean;
  /** The joint and the view (place in `cameras`) of that error. */
  readonly joint: number;
  readonly view: number;
}

export interface Plot {
  readonly rows: number;
  readonly columns: number;
  cell(row: number, column: number): Cell;
}

/** The errors by joint (the worst view counts) or by view (the worst joint counts). */
export function plotOf(data: ViewErrors, rows: Rows, onlyView: number | null): Plot {
  const wrong = data.moments.map(
    (moment) => new Set(moment.disagrees.map(([camera, joint]) => `${camera}:${joint}`)),
  );
  const views = data.cameras.map((_, i) => i);
  const joints = Array.from({ length: data.joints }, (_, i) => i);
  return {
    rows: rows === 'joint' ? data.joints : data.cameras.length,
    columns: data.moments.length,
    cell: (row, column) => {
      const of = (joint: number, view: number): Cell => ({
        error: data.moments[column]?.errors[view]?.[joint] ?? null,
        disagrees: wrong[column]?.has(`${data.cameras[view]}:${joint}`) ?? false,
        joint,
        view,
      });
      const all =
        rows === 'joint'
          ? (onlyView === null ? views : [onlyView]).map((view) => of(row, view))
          : joints.map((joint) => of(joint, row));
      return all.reduce(worse);
    },
  };
}

/** Disagreeing before agreeing, then the larger error, then any before none. */
function worse(a: Cell, b: Cell): Cell {
  if (a.disagrees !== b.disagrees) return a.disagrees ? a : b;
  return (b.error ?? -1) > (a.error ?? -1) ? b : a;
}

export interface PlotColours {
  readonly ground: string;
  readonly none: string;
  readonly low: string;
  readonly high: string;
  readonly mark: string;
}

/** Paint all cells: darker is farther, a cross says that a view disagrees, a dot that nothing is known. */
export function paintPlot(
  context: CanvasRenderingContext2D,
  plot: Plot,
  size: { width: number; height: number },
  colours: PlotColours,
  thresholdPx: number,
): void {
  const w = size.width / Math.max(1, plot.columns);
  const h = size.height / Math.max(1, plot.rows);
  context.globalAlpha = 1;
  context.fillStyle = colours.ground;
  context.fillRect(0, 0, size.width, size.height);
  const gap = w > 5 ? 1 : 0;
  for (let column = 0; column < plot.columns; column++) {
    for (let row = 0; row < plot.rows; row++) {
      const { error, disagrees } = plot.cell(row, column);
      const [x, y] = [column * w, row * h];
      if (error === null && !disagrees) {
        context.globalAlpha = 0.6;
        context.fillStyle = colours.none;
        context.fillRect(x + w / 2 - 0.75, y + h / 2 - 0.75, 1.5, 1.5);
        continue;
      }
      context.globalAlpha = disagrees ? 1 : 0.12 + 0.78 * Math.min(1, (error ?? 0) / thresholdPx);
      context.fillStyle = disagrees ? colours.high : colours.low;
      context.fillRect(x, y, w - gap, h - 1);
      if (!disagrees || w < 4) continue;
      context.globalAlpha = 1;
      context.strokeStyle = colours.mark;
      context.lineWidth = 1.25;
      const r = Math.min(w - gap, h - 1) / 2 - 1.5;
      const [cx, cy] = [x + (w - gap) / 2, y + (h - 1) / 2];
      context.beginPath();
      context.moveTo(cx - r, cy - r);
      context.lineTo(cx + r, cy + r);
      context.moveTo(cx + r, cy - r);
      context.lineTo(cx - r, cy + r);
      context.stroke();
    }
  }
  context.globalAlpha = 1;
}
