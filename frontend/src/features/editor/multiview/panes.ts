/** Panes as parts of the editor's state: whose is which, and what each of them sees. */
import { byMoment, type Filter, orderOf } from '../frames/navigation';
import { isInPart } from '../parts/part';
import { NOTHING } from '../store/hit';
import { type EditorState, EMPTY_PANE, type Pane } from '../store/state';

/** The camera that is worked in. */
export const activeCamera = (state: EditorState): number | null =>
  state.frames[state.index]?.camera_id ?? null;

/** The pane that is worked in, as those of the other cameras are kept. */
export const activePane = ({
  index,
  frame,
  loading,
  loadError,
  document,
  inferred,
  canUndo,
  canRedo,
  camera,
  viewport,
}: EditorState): Pane => ({
  index,
  frame,
  loading,
  loadError,
  document,
  inferred,
  canUndo,
  canRedo,
  camera,
  viewport,
});

/** The pane of another camera that stands for a frame. */
export function paneOfFrame(
  { frames, panes }: EditorState,
  frameId: number,
): { camera: number; pane: Pane } | null {
  for (const [camera, pane] of panes) {
    if (frames[pane.index]?.id === frameId) return { camera, pane };
  }
  return null;
}

export const paneOf = (state: EditorState, camera: number): Pane | null =>
  camera === activeCamera(state) ? activePane(state) : (state.panes.get(camera) ?? null);

/** Whether a pane shows the frame that it stands for, and not still the one before. */
export const isSettled = (state: EditorState, pane: Pane): boolean =>
  !pane.loading && pane.frame !== null && pane.frame.doc.id === state.frames[pane.index]?.id;

const seen = new WeakMap<EditorState, Map<number, EditorState>>();

/**
 * The state with another camera's pane in the place of the one that is worked in.
 *
 * The pointer and what the hand does stay with the pane that is worked in; the selected joint is
 * everybody's.
 */
export function seenFrom(state: EditorState, camera: number | null): EditorState {
  if (camera === null) return state;
  if (camera === activeCamera(state)) return state;
  const pane = state.panes.get(camera) ?? EMPTY_PANE;
  let known = seen.get(state);
  if (known === undefined) {
    known = new Map();
    seen.set(state, known);
  }
  let view = known.get(camera);
  if (view === undefined) {
    const hover = state.hover.kind === 'joint' ? state.hover : NOTHING;
    view = { ...state, ...pane, hover, gesture: null, pointer: null, cursor: 'default' };
    known.set(camera, view);
  }
  return view;
}

/** Whether a recording can be shown so in a mode: box review goes by doubt, frame by frame. */
export const canShowViews = ({
  recording,
  mode,
}: Pick<EditorState, 'recording' | 'mode'>): boolean =>
  mode !== 'boxes' && (recording.cameras_list?.length ?? 0) > 1;

/** Whether several cameras are shown now. */
export const showsViews = (state: Pick<EditorState, 'recording' | 'mode' | 'views'>): boolean =>
  state.views.layout !== 'single' && canShowViews(state);

/** Ids of the recording's cameras in their order. */
export function camerasOf({ recording }: Pick<EditorState, 'recording'>): readonly number[] {
  const list = recording.cameras_list ?? [];
  return [...list].sort((a, b) => a.index - b.index).map((camera) => camera.id);
}

/** Indices of a filter's frames: camera by camera, or moment by moment where all are shown. */
export function orderFor(
  state: Pick<EditorState, 'frames' | 'part' | 'recording' | 'mode' | 'views'>,
  filter: Filter,
): readonly number[] {
  const { frames, mode, part } = state;
  const all = orderOf(frames, filter, mode);
  const order =
    part === null
      ? all
      : all.filter((i) => {
          const item = frames[i];
          return item !== undefined && isInPart(item, part);
        });
  return showsViews(state) && filter !== 'suspicious' ? byMoment(frames, order) : order;
}
