/** Checkerboards as people count and measure them. */
import type { Board } from './queries';

export type Counting = 'squares' | 'corners';

export interface BoardDraft {
  preset: 'small' | 'large' | 'own';
  counting: Counting;
  across: string;
  down: string;
  squareMm: string;
}

/** The boards of the InfantNet paper, in squares. */
export const PRESETS = {
  small: { across: 6, down: 10, title: 'Small board', help: '6 × 10 squares' },
  large: { across: 12, down: 8, title: 'Large board', help: '12 × 8 squares' },
} as const;

export function newBoard(preset: 'small' | 'large'): BoardDraft {
  const { across, down } = PRESETS[preset];
  return {
    preset,
    counting: 'squares',
    across: String(across),
    down: String(down),
    squareMm: '',
  };
}

/** Inner corners and squares, where the numbers are any; null otherwise. */
export function sizeOf(draft: BoardDraft): { columns: number; rows: number } | null {
  const less = draft.counting === 'squares' ? 1 : 0;
  const columns = Number(draft.across) - less;
  const rows = Number(draft.down) - less;
  const whole = Number.isInteger(columns) && Number.isInteger(rows);
  return whole && columns >= 3 && rows >= 3 && columns <= 60 && rows <= 60
    ? { columns, rows }
    : null;
}

function squareOf(draft: BoardDraft): number | null {
  const mm = Number(draft.squareMm.trim().replace(',', '.'));
  return draft.squareMm.trim() && mm >= 1 && mm <= 1000 ? mm : null;
}

export function toBoard(draft: BoardDraft): Board | null {
  const size = sizeOf(draft);
  const square_mm = squareOf(draft);
  return size && square_mm ? { ...size, square_mm } : null;
}

export interface BoardFaults {
  size?: string;
  square?: string;
}

export function boardFaults(draft: BoardDraft): BoardFaults {
  const faults: BoardFaults = {};
  if (!sizeOf(draft)) {
    faults.size = `Whole numbers from ${draft.counting === 'squares' ? '4 to 61' : '3 to 60'}.`;
  }
  if (!squareOf(draft)) faults.square = 'The side of one square in millimetres, such as 30.';
  return faults;
}

const storageKey = (use: string) => `infantnet.board.${use}`;

/** A lab has its boards for years: the last one is offered again. */
export function saveBoard(use: string, draft: BoardDraft, storage = localStorage): void {
  try {
    storage.setItem(storageKey(use), JSON.stringify(draft));
  } catch {
    // Storage is off: the form works, it only starts with the paper's board.
  }
}

export function loadBoard(use: 'small' | 'large', storage = localStorage): BoardDraft {
  try {
    const known = JSON.parse(storage.getItem(storageKey(use)) ?? '{}') as Partial<BoardDraft>;
    return { ...newBoard(use), ...known };
  } catch {
    return newBoard(use);
  }
}
