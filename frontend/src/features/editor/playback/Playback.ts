/** Plays frames with their joints, all cameras together, and knows what was really seen. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { openDoubts } from '@/shared/api/doubts';
import type { FrameItem } from '@/shared/api/types';
import { PLAYBACK_SPEEDS, REACTION_S } from '@/shared/domain/rules.gen';
import type { FrameCache } from '../frames/FrameCache';
import { stepFrom, stepMoments } from '../frames/navigation';
import { showsViews } from '../multiview/panes';
import type { EditorStore } from '../store/EditorStore';
import { forgotten, noted, type Painted, type Seen, type Shown, stopAt } from './seen';

export interface PlaybackState {
  readonly fps: number;
  /** How it plays: while a key is held, or until it is stopped. */
  readonly playing: 'held' | 'running' | null;
  /** It waits for pictures. */
  readonly waiting: boolean;
  readonly seen: Seen;
}

/** The page, as far as playback asks it; tests bring their own. */
export interface Screen {
  now(): number;
  /** Call back once what was set is painted; returns how to call it off. */
  painted(call: () => void): () => void;
  after(ms: number, call: () => void): () => void;
  visible(): boolean;
}

export interface PlaybackNeeds {
  readonly store: EditorStore;
  readonly cache: FrameCache;
  readonly go: (index: number) => void;
  readonly screen?: Screen;
}

const REMEMBERED = 64;
/** While pictures are missing, it is looked for them so often. */
const LOOK_MS = 20;
const START_FPS = 5;

export class Playback {
  readonly api: StoreApi<PlaybackState>;
  private readonly screen: Screen;
  private onScreen: readonly Painted[] = [];
  private shown: Shown[] = [];
  private cancel: () => void = () => undefined;

  constructor(private readonly needs: PlaybackNeeds) {
    this.screen = needs.screen ?? PAGE;
    const fps = START_FPS;
    this.api = createStore<PlaybackState>(() => ({
      fps,
      playing: null,
      waiting: false,
      seen: new Map(),
    }));
  }

  get state(): PlaybackState {
    return this.api.getState();
  }

  get playing(): boolean {
    return this.state.playing !== null;
  }

  setSpeed(fps: number): void {
    this.api.setState({ fps });
  }

  faster(steps: 1 | -1): void {
    const at = PLAYBACK_SPEEDS.indexOf(this.state.fps);
    const next = PLAYBACK_SPEEDS[Math.min(Math.max(at + steps, 0), PLAYBACK_SPEEDS.length - 1)];
    if (next === undefined) return;
    this.setSpeed(next);
    this.needs.store.notify(`Playback at ${next} frames a second.`);
  }

  toggle(): void {
    if (this.playing) this.stop();
    else this.start('running');
  }

  /** The key went down, and stays down. */
  hold(): void {
    if (!this.playing) this.start('held');
  }

  /** The key went up: stop at what made the hand react. */
  letGo(): void {
    if (this.state.playing !== 'held') return;
    const up = this.screen.now();
    this.leave(up);
    this.halt();
    const stop = stopAt(this.shown, up, REACTION_S * 1000);
    if (stop === null) return;
    this.api.setState({ seen: forgotten(this.state.seen, stop.after) });
    const { store, go } = this.needs;
    if (stop.index !== store.state.index) go(stop.index);
    const position = (store.state.frames[stop.index]?.position ?? 0) + 1;
    store.notify(`Stopped at frame ${position}, shown ${REACTION_S} s before you let go.`);
  }

  stop(): void {
    if (!this.playing) return;
    this.leave(this.screen.now());
    this.halt();
  }

  /**
   * Frames that were seen, as they stand: undecided ones, in the version that was seen. Those with a
   * doubted joint are left for a look of their own: a doubt is not answered in passing.
   */
  get acceptable(): readonly FrameItem[] {
    return this.passed.filter((item) => openDoubts(item) === 0);
  }

  /** Frames that were seen and would be accepted if none of their joints were doubted. */
  get doubted(): readonly FrameItem[] {
    return this.passed.filter((item) => openDoubts(item) > 0);
  }

  private get passed(): readonly FrameItem[] {
    const { seen } = this.state;
    if (seen.size === 0) return [];
    return this.needs.store.state.frames.filter((item) => {
      const sighting = seen.get(item.id);
      return sighting !== undefined && sighting.version === item.version && isUndecided(item);
    });
  }

  /** The fastest speed at which any of them was seen: what can be said of all. */
  speedOf(items: readonly FrameItem[]): number {
    const { seen, fps } = this.state;
    return items.reduce((most, { id }) => Math.max(most, seen.get(id)?.fps ?? 0), 0) || fps;
  }

  forget(): void {
    this.api.setState({ seen: new Map() });
  }

  close(): void {
    this.halt();
  }

  private start(playing: 'held' | 'running'): void {
    this.shown = [];
    this.api.setState({ playing, waiting: false });
    this.present();
  }

  private halt(): void {
    this.cancel();
    this.cancel = () => undefined;
    this.onScreen = [];
    this.api.setState({ playing: null, waiting: false });
  }

  /** What stands on the screen now counts from when it is painted; then comes the next. */
  private present(): void {
    const { screen } = this;
    this.cancel = screen.painted(() => {
      const at = screen.now();
      this.onScreen = this.paintedNow(at);
      const { index } = this.needs.store.state;
      this.shown.push({ index, at, frames: this.onScreen.map(({ frameId }) => frameId) });
      if (this.shown.length > REMEMBERED) this.shown.shift();
      this.cancel = screen.after(1000 / this.state.fps, () => this.next());
    });
  }

  private next(): void {
    const { store, go } = this.needs;
    if (!this.screen.visible()) {
      // Nobody sees a hidden tab: what stands there does not count, and nothing moves on.
      this.onScreen = [];
      this.halt();
      store.notify('Playback stopped: the tab was hidden.');
      return;
    }
    if (store.state.dialog !== null) {
      this.stop();
      return;
    }
    const to = this.following();
    if (to === null) {
      this.leave(this.screen.now());
      this.halt();
      store.notify('Playback reached the end.');
      return;
    }
    if (!this.isReady(to)) {
      this.api.setState({ waiting: true });
      this.prefetch();
      this.cancel = this.screen.after(LOOK_MS, () => this.next());
      return;
    }
    this.leave(this.screen.now());
    this.api.setState({ waiting: false });
    go(to);
    this.prefetch();
    this.present();
  }

  private leave(until: number): void {
    if (this.onScreen.length === 0) return;
    const { seen, fps } = this.state;
    this.api.setState({ seen: noted(seen, this.onScreen, until, fps) });
    this.onScreen = [];
  }

  /** Frames whose picture and joints are on the screen, in every pane. */
  private paintedNow(at: number): Painted[] {
    const { state } = this.needs.store;
    if (!state.view.overlay || !this.screen.visible()) return [];
    const panes = showsViews(state) ? [state, ...state.panes.values()] : [state];
    return panes.flatMap(({ frame, document, index, loading }) => {
      const item = state.frames[index];
      const ready = frame !== null && document !== null && !loading && item?.id === frame.doc.id;
      return ready ? [{ frameId: frame.doc.id, version: item.version, at }] : [];
    });
  }

  private following(): number | null {
    const { state } = this.needs.store;
    const { order, index, frames } = state;
    const to = showsViews(state) ? stepMoments(frames, order, index, 1) : stepFrom(order, index, 1);
    return to === index ? null : to;
  }

  /** All frames that would stand there together. */
  private together(index: number): readonly FrameItem[] {
    const { state } = this.needs.store;
    const item = state.frames[index];
    if (item === undefined) return [];
    if (!showsViews(state)) return [item];
    return state.frames.filter(({ moment_id }) => moment_id === item.moment_id);
  }

  private isReady(index: number): boolean {
    return this.together(index).every(({ id }) => this.needs.cache.peek(id) !== null);
  }

  /** Two seconds ahead, within what the cache can hold. */
  private prefetch(): void {
    const { state } = this.needs.store;
    const { order, index, frames } = state;
    const views = showsViews(state);
    const wanted: number[] = [];
    const ahead = Math.min(Math.ceil(2 * this.state.fps), views ? 8 : 20);
    let at = index;
    for (let n = 0; n <= ahead; n++) {
      wanted.push(...this.together(at).map(({ id }) => id));
      const to = views ? stepMoments(frames, order, at, 1) : stepFrom(order, at, 1);
      if (to === null || to === at) break;
      at = to;
    }
    this.needs.cache.prefetch(wanted);
  }
}

const isUndecided = ({ state, returned }: FrameItem): boolean => state === 'undecided' && !returned;

const PAGE: Screen = {
  now: () => performance.now(),
  // The first animation frame runs before the paint, the second after it.
  painted: (call) => {
    let second = 0;
    const first = requestAnimationFrame(() => {
      second = requestAnimationFrame(call);
    });
    return () => {
      cancelAnimationFrame(first);
      cancelAnimationFrame(second);
    };
  },
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
  visible: () => document.visibilityState === 'visible',
};
