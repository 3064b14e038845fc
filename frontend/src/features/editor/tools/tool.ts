/** Tools are small state charts. A gesture marks the history when it begins and bails on Escape. */

import type { Document, Operation } from '../document/types';
import type { ImagePoint, Rectangle, ScreenPoint } from '../store/geometry';
import type { BoxHandle, Hit } from '../store/hit';
import type { Gesture, ToolId } from '../store/state';

export interface Pointer {
  readonly screen: ScreenPoint;
  readonly image: ImagePoint;
  /** 0 main, 1 middle, 2 right, as in the DOM. */
  readonly button: number;
  readonly shift: boolean;
  readonly ctrl: boolean;
  /** Held: what hangs on a dragged joint stays, or moves, other than is set. */
  readonly alt: boolean;
}

/** What a tool may ask of the editor. */
export interface ToolContext {
  readonly document: Document | null;
  readonly selected: number | null;
  readonly canEdit: boolean;
  /** Whether joints are kept from being dragged. */
  readonly locked: boolean;
  readonly box: Rectangle | null;
  /** Whether a box is missing here and this person may draw it. */
  readonly mayDrawBox: boolean;
  hit(at: ScreenPoint): Hit;
  hitBox(at: ScreenPoint): BoxHandle | null;
  /** The share of a joint's way that each joint goes, where what hangs on it can move with it. */
  along(joint: number): { readonly shares: readonly number[]; readonly on: boolean } | null;
  /** Into the image, rounded. */
  clamp(point: { x: number; y: number }): ImagePoint;
  /** Perform and note in the history; false if the operation does not fit (the person is told). */
  perform(operations: readonly Operation[], label: string): boolean;
  mark(label: string): void;
  bail(): void;
  squash(): void;
  undo(): void;
  select(joint: number | null): void;
  panBy(dx: number, dy: number): void;
  /** Put the cursor that keys move onto a point of the image, and bring it into sight. */
  pointAt(point: { x: number; y: number }): void;
  show(gesture: Gesture | null): void;
  setCursor(cursor: string): void;
  setTool(tool: ToolId): void;
  saveBox(box: Rectangle): void;
}

/** What the guide is told by keys. */
export type GuideCommand = 'visible' | 'occluded' | 'skip' | 'back';

export interface Tool {
  readonly id: ToolId;
  /** Name of the state that the tool is in, for tests and for the curious. */
  readonly state: string;
  enter(): void;
  exit(): void;
  down(pointer: Pointer): void;
  move(pointer: Pointer): void;
  up(pointer: Pointer): void;
  /** Escape, or the pointer was taken away. True if there was something to give up. */
  cancel(): boolean;
  command?(command: GuideCommand, pointer: Pointer | null): void;
  /** Where a cursor begins that keys move; null: anywhere. */
  cursorStart?(): { x: number; y: number } | null;
  /** Keys moved the cursor. */
  steered?(): void;
}

/** Below this many pixels a press is a click, not a drag. */
export const DRAG_THRESHOLD = 3;
