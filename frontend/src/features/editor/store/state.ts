/** What the editor shows at one moment. */
import type { FrameItem, Me, RecordingDetail, SessionCalibration } from '@/shared/api/types';
import type { Document, Skeleton } from '../document/types';
import type { LoadedFrame } from '../frames/FrameCache';
import type { Filter, Mode } from '../frames/navigation';
import type { OwnPart } from '../parts/part';
import type { Book, Grounds } from '../suspicion/book';
import type { SaveStatus } from '../sync/batch';
import type { WaitingComment } from '../sync/comments';
import type { Estimate } from '../travel/estimates';
import type { Camera, Rectangle, ScreenPoint, Size } from './geometry';
import type { Hit } from './hit';

export type ToolId = 'select' | 'place' | 'hand' | 'box';

export type DialogId =
  | 'discard'
  | 'range'
  | 'help'
  | 'keys'
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
  /** The cursor is moved by keys: it is drawn whatever is set. */
  readonly byKeys?: boolean;
  /** A box while it is dragged. */
  readonly box?: Rectangle;
}

/** Another skeleton behind this one: of the last round, of the model, of the frame before. */
export type Ghost = 'off' | 'round' | 'model' | 'before';
export const GHOSTS: readonly Ghost[] = ['off', 'round', 'model', 'before'];

export interface View {
  readonly brightness: number;
  readonly contrast: number;
  readonly gamma: number;
  readonly overlay: boolean;
  /** Hides the overlay as long as a key is held. */
  readonly peeking: boolean;
  /** How strongly the overlay is drawn, 0 to 1. */
  readonly opacity: number;
  /** Times the usual size on the screen. */
  readonly jointSize: number;
  /** Joints cannot be dragged by accident. */
  readonly locked: boolean;
  readonly magnifier: boolean;
  readonly crosshair: boolean;
  readonly labels: boolean;
  readonly ghost: Ghost;
  readonly others: boolean;
  readonly mask: boolean;
  /** Lines and points that other cameras give. */
  readonly geometry: boolean;
  /** What hangs on a dragged joint moves with it. */
  readonly along: boolean;
  /** Zoom to the infant on every frame. */
  readonly follow: boolean;
  /** A filter leaves other frames out of the strip rather than dim them there. */
  readonly onlyMatching: boolean;
}

export const DEFAULT_VIEW: View = {
  brightness: 1,
  contrast: 1,
  gamma: 1,
  overlay: true,
  peeking: false,
  opacity: 1,
  jointSize: 1,
  locked: false,
  magnifier: true,
  crosshair: true,
  labels: false,
  ghost: 'round',
  others: true,
  mask: true,
  geometry: true,
  along: false,
  follow: false,
  onlyMatching: false,
};

/** How the cameras of a moment share the screen. */
export type Layout = 'single' | 'beside' | 'grid';
export const LAYOUTS: readonly Layout[] = ['single', 'beside', 'grid'];

/** What a person sets once for all recordings with several cameras. */
export interface ViewSettings {
  readonly layout: Layout;
  /** The 3D panel. */
  readonly scene: boolean;
  /** The plot of errors over time. */
  readonly strip: boolean;
  /** From how many pixels on a view disagrees with the others. */
  readonly thresholdPx: number;
}

/** One camera's part of the screen. */
export interface Pane {
  /** Into `frames`; -1 where the camera has no frame of this moment. */
  readonly index: number;
  /** The frame on the canvas; still the one before while the next is loading. */
  readonly frame: LoadedFrame | null;
  readonly loading: boolean;
  readonly loadError: unknown;
  /** Null while changes from an earlier visit are being merged. */
  readonly document: Document | null;
  /** The joints shown were inferred from other frames and nobody took them: whence, and how surely. */
  readonly inferred: Estimate | null;
  readonly canUndo: string | null;
  readonly canRedo: string | null;
  readonly camera: Camera;
  readonly viewport: Size;
}

export const EMPTY_PANE: Pane = {
  index: -1,
  frame: null,
  loading: false,
  loadError: null,
  document: null,
  inferred: null,
  canUndo: null,
  canRedo: null,
  camera: { x: 0, y: 0, zoom: 1 },
  viewport: { width: 0, height: 0 },
};

/** The pane that is worked in is the state's own; `panes` holds those of the other cameras. */
export interface EditorState extends Pane {
  readonly me: Me;
  readonly recording: RecordingDetail;
  readonly mode: Mode;
  readonly frames: readonly FrameItem[];
  /** Where the recording is cut into parts: the one that this person corrects here. */
  readonly part: OwnPart | null;
  readonly filter: Filter;
  /** Indices into `frames` in the order in which keys step through them. */
  readonly order: readonly number[];

  readonly tool: ToolId;
  readonly gesture: Gesture | null;
  readonly selected: number | null;
  readonly hover: Hit;
  readonly pointer: ScreenPoint | null;
  readonly cursor: string;

  readonly views: ViewSettings;
  readonly panes: ReadonlyMap<number, Pane>;
  /** The camera that is shown large; null: the one that is worked in. */
  readonly large: number | null;
  readonly calibration: SessionCalibration | null;

  readonly view: View;
  /** The popover that says how the image is looked at. */
  readonly looking: boolean;
  /** The first key of a chord, while the second is awaited. */
  readonly chord: string | null;
  readonly dialog: DialogId | null;
  /** Opens the composer for this joint (null: the frame). */
  readonly composing: { joint: number | null } | null;
  readonly pose: Skeleton | null;
  readonly save: SaveStatus;
  /** Ids of the frames with changes that the server refused. */
  readonly refused: readonly number[];
  /** Joints that probably need a hand, by frame. */
  readonly suspicions: Book;
  /** What joints are compared with while a hand drags them. */
  readonly grounds: Grounds;
  /** Comments that the server does not have yet. */
  readonly letters: readonly WaitingComment[];
  /** Short news near the canvas: what a key did, or why it did nothing. */
  readonly notice: {
    readonly text: string;
    readonly tone: 'info' | 'warn';
    readonly at: number;
  } | null;
}
