/** What the editor shows at one moment. */
import type { FrameItem, Me, RecordingDetail } from '@/api/types';
import type { Document, Skeleton } from '../document/types';
import type { LoadedFrame } from '../frames/FrameCache';
import type { Filter, Mode } from '../frames/navigation';
import type { SaveStatus } from '../sync/batch';
import type { Camera, Rectangle, ScreenPoint, Size } from './geometry';
import type { Hit } from './hit';

export type ToolId = 'select' | 'place' | 'hand' | 'box';

export type DialogId =
  | 'discard'
  | 'help'
  | 'palette'
  | 'submit'
  | 'decide'
  | 'conflict'
  | 'unsaved'
  | 'history';

/** What a tool wants to be seen while it works. */
export interface Gesture {
  /** The joint under the hand; the crosshair and the magnifier belong to it. */
  readonly joint?: number;
  /** The joint that a click would place. */
  readonly next?: number;
  /** How many joints the guide still asks for, this one included. */
  readonly left?: number;
  /** A box while it is dragged. */
  readonly box?: Rectangle;
}

export interface View {
  readonly brightness: number;
  readonly contrast: number;
  readonly overlay: boolean;
  readonly labels: boolean;
  readonly ghost: boolean;
  readonly others: boolean;
  readonly mask: boolean;
  /** Zoom to the infant on every frame. */
  readonly follow: boolean;
}

export const DEFAULT_VIEW: View = {
  brightness: 1,
  contrast: 1,
  overlay: true,
  labels: false,
  ghost: true,
  others: true,
  mask: true,
  follow: false,
};

export interface EditorState {
  readonly me: Me;
  readonly recording: RecordingDetail;
  readonly mode: Mode;
  readonly frames: readonly FrameItem[];
  readonly filter: Filter;
  /** Indices into `frames` in the order in which keys step through them. */
  readonly order: readonly number[];
  readonly index: number;

  /** The frame on the canvas; still the one before while the next is loading. */
  readonly frame: LoadedFrame | null;
  readonly loading: boolean;
  readonly loadError: unknown;
  /** Null while changes from an earlier visit are being merged. */
  readonly document: Document | null;
  readonly canUndo: string | null;
  readonly canRedo: string | null;

  readonly tool: ToolId;
  readonly gesture: Gesture | null;
  readonly selected: number | null;
  readonly hover: Hit;
  readonly pointer: ScreenPoint | null;
  readonly cursor: string;

  readonly camera: Camera;
  readonly viewport: Size;
  readonly view: View;
  readonly dialog: DialogId | null;
  /** Opens the composer for this joint (null: the frame). */
  readonly composing: { joint: number | null } | null;
  readonly pose: Skeleton | null;
  readonly save: SaveStatus;
  /** Short news near the canvas: what a key did, or why it did nothing. */
  readonly notice: {
    readonly text: string;
    readonly tone: 'info' | 'warn';
    readonly at: number;
  } | null;
}
