/** The tools, the one in the hand, and what they may ask and do. */
import type { Document, Operation } from '../document/types';
import type { BoxEdits } from '../store/BoxEdits';
import type { EditorStore } from '../store/EditorStore';
import type { Edits } from '../store/Edits';
import {
  type ImagePoint,
  insideImage,
  pan,
  type Rectangle,
  type ScreenPoint,
  screenPoint,
  toImage,
  toScreen,
} from '../store/geometry';
import { type BoxHandle, type Hit, hitBox, hitJoint, hitPerson, NOTHING } from '../store/hit';
import { homeTool } from '../store/mode';
import type { Gesture, ToolId } from '../store/state';
import { sharesOf, unsure } from '../travel/along';
import { BoxTool } from './BoxTool';
import { HandTool } from './HandTool';
import { PlaceTool } from './PlaceTool';
import { SelectTool } from './SelectTool';
import type { GuideCommand, Pointer, Tool, ToolContext } from './tool';

/** A cursor that keys move stays so far from the canvas's edges. */
const EDGE_PX = 24;

export class Toolbox implements ToolContext {
  private readonly tools: Readonly<Record<ToolId, Tool>>;

  constructor(
    private readonly store: EditorStore,
    private readonly edits: Edits,
    private readonly boxes: BoxEdits,
  ) {
    this.tools = {
      select: new SelectTool(this),
      place: new PlaceTool(this),
      hand: new HandTool(this),
      box: new BoxTool(this),
    };
  }

  /** The tool in the hand. */
  get current(): Tool {
    return this.tools[this.store.state.tool];
  }

  setTool(tool: ToolId): void {
    this.current.exit();
    this.store.set({ tool, gesture: null });
    this.current.enter();
  }

  /** Take the tool that the mode rests in. */
  rest(): void {
    this.setTool(homeTool(this.store.state.mode));
  }

  /** Give up what the hand has begun; the guide of joints to place stays. */
  finish(): void {
    const { state } = this.current;
    if (state !== 'idle' && state !== 'placing') this.current.cancel();
  }

  guide(command: GuideCommand): void {
    const { pointer } = this.store.state;
    const places = command === 'visible' || command === 'occluded';
    // Without a cursor a key would place where nobody looks: it first shows where that would be.
    if (pointer === null && places) this.steer(0, 0);
    else this.current.command?.(command, pointer === null ? null : this.pointerAt(pointer));
  }

  /** Move the cursor of the guide by keys, in pixels of the screen: closer in, they are finer. */
  steer(dx: number, dy: number): void {
    const { pointer, camera, viewport, frame } = this.store.state;
    if (frame === null) return;
    const start = this.current.cursorStart?.() ?? null;
    const middle = screenPoint(viewport.width / 2, viewport.height / 2);
    const from = pointer ?? (start === null ? middle : toScreen(camera, start));
    this.pointAt(toImage(camera, screenPoint(from.x + dx, from.y + dy)));
    this.current.steered?.();
  }

  pointAt(point: { x: number; y: number }): void {
    const { camera, viewport } = this.store.state;
    const at = toScreen(camera, this.clamp(point));
    const seen = screenPoint(
      Math.min(Math.max(at.x, EDGE_PX), viewport.width - EDGE_PX),
      Math.min(Math.max(at.y, EDGE_PX), viewport.height - EDGE_PX),
    );
    this.store.set({
      pointer: seen,
      hover: NOTHING,
      camera: pan(camera, seen.x - at.x, seen.y - at.y),
    });
  }

  pointerAt(screen: ScreenPoint): Pointer {
    const image = toImage(this.store.state.camera, screen);
    return { screen, image, button: 0, shift: false, ctrl: false, alt: false };
  }

  // What tools ask.

  get document(): Document | null {
    return this.store.state.document;
  }

  get selected(): number | null {
    return this.store.state.selected;
  }

  get canEdit(): boolean {
    return this.edits.canEdit;
  }

  get locked(): boolean {
    return this.store.state.view.locked;
  }

  get box(): Rectangle | null {
    return this.boxes.rectangle;
  }

  get mayDrawBox(): boolean {
    return this.boxes.canDraw;
  }

  hit(at: ScreenPoint): Hit {
    const { document, camera, frame, view } = this.store.state;
    if (!view.overlay || view.peeking) return NOTHING;
    const joint = hitJoint(document?.skeleton ?? null, camera, at);
    if (joint !== null) return { kind: 'joint', joint };
    if (frame === null || !view.others) return NOTHING;
    const people = [...frame.candidates]
      .filter(([id]) => id !== document?.candidateId)
      .map(([id, skeleton]) => ({ id, skeleton }));
    const candidateId = hitPerson(people, camera, at);
    return candidateId === null ? NOTHING : { kind: 'person', candidateId };
  }

  hitBox(at: ScreenPoint): BoxHandle | null {
    const { box } = this;
    return box === null || !this.boxes.canEdit ? null : hitBox(box, this.store.state.camera, at);
  }

  along(joint: number): { shares: readonly number[]; on: boolean } | null {
    const { document, frame, view } = this.store.state;
    const estimate = frame === null ? null : this.edits.estimateOf(frame.doc.id);
    if (estimate === null || frame === null || document?.skeleton == null) return null;
    if (document.decision.verdict !== 'undecided') return null;
    const machine = frame.candidates.get(document.candidateId ?? -1) ?? null;
    const sigmas = unsure(estimate, document.skeleton, machine);
    return { shares: sharesOf(sigmas, joint), on: view.along };
  }

  clamp(point: { x: number; y: number }): ImagePoint {
    const { frame } = this.store.state;
    return insideImage(point, frame?.doc ?? { width: 0, height: 0 });
  }

  // What tools do.

  perform(operations: readonly Operation[], label: string): boolean {
    return this.edits.perform(operations, label);
  }

  mark(label: string): void {
    this.edits.mark(label);
  }

  bail(): void {
    this.edits.bail();
  }

  squash(): void {
    this.edits.squash();
  }

  undo(): void {
    this.edits.undo();
  }

  saveBox(box: Rectangle): void {
    this.boxes.save(box);
  }

  select(joint: number | null): void {
    if (this.selected !== joint) this.store.set({ selected: joint });
  }

  panBy(dx: number, dy: number): void {
    this.store.set({ camera: pan(this.store.state.camera, dx, dy) });
  }

  show(gesture: Gesture | null): void {
    this.store.set({ gesture });
  }

  setCursor(cursor: string): void {
    if (this.store.state.cursor !== cursor) this.store.set({ cursor });
  }
}
