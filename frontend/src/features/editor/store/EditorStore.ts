/** The editor's state, and what everybody asks of it. It knows none of the helpers that change it. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { FrameItem, Me, RecordingDetail } from '@/shared/api/types';
import type { Document } from '../document/types';
import type { LoadedFrame } from '../frames/FrameCache';
import { orderFor, paneOfFrame } from '../multiview/panes';
import { EMPTY_BOOK, NO_GROUNDS } from '../suspicion/book';
import type { SaveStatus } from '../sync/batch';
import type { Estimate } from '../travel/estimates';
import { NOTHING } from './hit';
import { homeTool, modeOf } from './mode';
import {
  DEFAULT_VIEW,
  type EditorState,
  EMPTY_PANE,
  type Pane,
  type View,
  type ViewSettings,
} from './state';

export interface Opening {
  readonly me: Me;
  readonly recording: RecordingDetail;
  readonly frames: readonly FrameItem[];
  readonly index: number;
  readonly views: ViewSettings;
  readonly look: Partial<View>;
  readonly save: SaveStatus;
}

/** A frame as it is on the screen, with the changes that a person made to it. */
export interface ShownFrame {
  readonly document: Document;
  /** Where its joints come from while nobody took them; null: they are the document's own. */
  readonly inferred: Estimate | null;
  readonly frame: LoadedFrame;
}

export class EditorStore {
  /** What components subscribe to. */
  readonly api: StoreApi<EditorState>;
  /** What changed in an act that is not over yet. */
  private held: EditorState | null = null;

  constructor({ me, recording, frames, index, views, look, save }: Opening) {
    const mode = modeOf(recording);
    this.api = createStore<EditorState>(() => ({
      ...EMPTY_PANE,
      me,
      recording,
      mode,
      frames,
      part: null,
      filter: 'all',
      order: orderFor({ frames, part: null, recording, mode, views }, 'all'),
      index,
      loading: true,
      views,
      panes: new Map(),
      large: null,
      calibration: null,
      tool: homeTool(mode),
      gesture: null,
      selected: null,
      hover: NOTHING,
      pointer: null,
      cursor: 'default',
      view: { ...DEFAULT_VIEW, ...look },
      looking: false,
      chord: null,
      dialog: null,
      composing: null,
      pose: null,
      save,
      refused: [],
      letters: [],
      suspicions: EMPTY_BOOK,
      grounds: NO_GROUNDS,
      notice: null,
    }));
  }

  get state(): EditorState {
    return this.held ?? this.api.getState();
  }

  set(change: Partial<EditorState>): void {
    const { state } = this;
    if (!isNews(change, state)) return;
    if (this.held === null) this.api.setState(change);
    else this.held = { ...state, ...change };
  }

  /** Tell of all that an act changes at its end, once: hundreds of listeners look at each change. */
  together(act: () => void): void {
    if (this.held !== null) {
      act();
      return;
    }
    this.held = this.api.getState();
    try {
      act();
    } finally {
      const { held } = this;
      this.held = null;
      this.api.setState(held, true);
    }
  }

  /** Short news near the canvas. */
  notify(text: string, tone: 'info' | 'warn' = 'info'): void {
    this.set({ notice: { text, tone, at: Date.now() } });
  }

  /** The frame that the header names. */
  get item(): FrameItem | null {
    return this.state.frames[this.state.index] ?? null;
  }

  /** The frame on the canvas. */
  get frameId(): number | null {
    return this.state.frame?.doc.id ?? null;
  }

  /** Whether the canvas shows the frame that the header names, and not still the one before. */
  get settled(): boolean {
    return !this.state.loading && this.frameId !== null && this.frameId === this.item?.id;
  }

  /** A frame's document, on the canvas or in another pane; null where neither shows it. */
  shown(frameId: number): ShownFrame | null {
    const { state } = this;
    const here = frameId === this.frameId;
    const pane = here ? state : paneOfFrame(state, frameId)?.pane;
    if (!pane?.document || pane.frame?.doc.id !== frameId || (pane.loading && !here)) return null;
    return { document: pane.document, inferred: pane.inferred, frame: pane.frame };
  }

  setPane(camera: number, pane: Pane): void {
    this.set({ panes: new Map(this.state.panes).set(camera, pane) });
  }

  /** Change the pane of a frame that is not the one worked in. */
  patchPane(frameId: number, change: (pane: Pane) => Partial<Pane>): void {
    const found = paneOfFrame(this.state, frameId);
    if (found?.pane.frame?.doc.id !== frameId) return;
    this.setPane(found.camera, { ...found.pane, ...change(found.pane) });
  }
}

const isNews = (change: Partial<EditorState>, state: EditorState): boolean =>
  (Object.keys(change) as (keyof EditorState)[]).some((key) => !Object.is(change[key], state[key]));
