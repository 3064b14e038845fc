/** Boards as people count and measure them. */
import type { Board } from './queries';

export type Counting = 'squares' | 'corners';
export type BoardKind = Board['kind'];

export interface BoardDraft {
  preset: 'small' | 'large' | 'own';
  kind: BoardKind;
  counting: Counting;
  across: string;
  down: string;
  squareMm: string;
  /** Of boards with markers: the side of a marker, the set, and the first one's number. */
  markerMm: string;
  dictionary: string;
  firstIds: string;
}

export interface KindWords {
  title: string;
  /** What is counted across and down. */
  counted: string;
  /** The length that repeats. */
  square: string;
  least: number;
}

export const KINDS: Record<BoardKind, KindWords> = {
  chessboard: {
    title: 'Checkerboard',
    counted: 'squares',
    square: 'Side of one square, mm',
    least: 3,
  },
  charuco: {
    title: 'ChArUco: a checkerboard with markers',
    counted: 'squares',
    square: 'Side of one square, mm',
    least: 3,
  },
  aruco: {
    title: 'ArUco: markers in rows',
    counted: 'markers',
    square: 'From one marker to the next, mm',
    least: 2,
  },
  aprilgrid: {
    title: 'AprilGrid: tags joined at their corners',
    counted: 'markers',
    square: 'From one tag to the next, mm',
    least: 2,
  },
};

/** Sets of markers that are usual on boards. */
export const DICTIONARIES = [
  '4X4_50',
  '4X4_100',
  '4X4_250',
  '5X5_100',
  '5X5_250',
  '6X6_250',
  '7X7_250',
  'ARUCO_ORIGINAL',
  'APRILTAG_36H11',
] as const;

export const hasMarkers = (draft: BoardDraft) => draft.kind !== 'chessboard';

/** The boards of the InfantNet paper, in squares. */
export const PRESETS = {
  small: { across: 6, down: 10, title: 'Small board', help: '6 × 10 squares' },
  large: { across: 12, down: 8, title: 'Large board', help: '12 × 8 squares' },
} as const;

export function newBoard(preset: 'small' | 'large'): BoardDraft {
  const { across, down } = PRESETS[preset];
  return {
    preset,
    kind: 'chessboard',
    counting: 'squares',
    across: String(across),
    down: String(down),
    squareMm: '',
    markerMm: '',
    dictionary: '4X4_100',
    firstIds: '0',
  };
}

/** Columns and rows as the kind counts them, where the numbers are any; null otherwise. */
export function sizeOf(draft: BoardDraft): { columns: number; rows: number } | null {
  const less = !hasMarkers(draft) && draft.counting === 'squares' ? 1 : 0;
  const { least } = KINDS[draft.kind];
  const columns = Number(draft.across) - less;
  const rows = Number(draft.down) - less;
  const whole = Number.isInteger(columns) && Number.isInteger(rows);
  return whole && columns >= least && rows >= least && columns <= 60 && rows <= 60
    ? { columns, rows }
    : null;
}

function lengthOf(text: string): number | null {
  const mm = Number(text.trim().replace(',', '.'));
  return text.trim() && mm >= 1 && mm <= 1000 ? mm : null;
}

/** Numbers of the first markers, of each board; null where they are none. */
function firstIdsOf(draft: BoardDraft): number[] | null {
  const ids = draft.firstIds
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(Number);
  const good = ids.every((id) => Number.isInteger(id) && id >= 0 && id <= 10_000);
  return ids.length && ids.length <= 8 && good && new Set(ids).size === ids.length ? ids : null;
}

export function toBoard(draft: BoardDraft): Board | null {
  const size = sizeOf(draft);
  const square_mm = lengthOf(draft.squareMm);
  if (!size || !square_mm) return null;
  if (!hasMarkers(draft)) return { kind: 'chessboard', ...size, square_mm };
  const marker_mm = lengthOf(draft.markerMm);
  const first_ids = firstIdsOf(draft);
  if (!marker_mm || marker_mm >= square_mm || !first_ids) return null;
  const { kind, dictionary } = draft;
  return { kind, ...size, square_mm, marker_mm, dictionary, first_ids };
}

export interface BoardFaults {
  size?: string;
  square?: string;
  marker?: string;
  first?: string;
}

export function boardFaults(draft: BoardDraft): BoardFaults {
  const faults: BoardFaults = {};
  if (!sizeOf(draft)) {
    const { least } = KINDS[draft.kind];
    const range = hasMarkers(draft)
      ? `${least} to 60`
      : draft.counting === 'squares'
        ? '4 to 61'
        : '3 to 60';
    faults.size = `Whole numbers from ${range}.`;
  }
  const square = lengthOf(draft.squareMm);
  if (!square) faults.square = 'A length in millimetres, such as 30.';
  if (hasMarkers(draft)) {
    const marker = lengthOf(draft.markerMm);
    if (!marker) faults.marker = 'A length in millimetres, such as 22.';
    else if (square && marker >= square) faults.marker = 'Smaller than the length above.';
    if (!firstIdsOf(draft)) faults.first = 'A number such as 0; of several boards 0, 24.';
  }
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
