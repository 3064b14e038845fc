/** Place joints one after the other, by body part; the next one's name runs with the cursor. */
import { JOINT_LABELS, N_JOINTS, type Visibility } from '@/shared/domain/rules.gen';
import { isPresent, jointAt } from '../document/skeleton';
import type { GuideCommand, Pointer, Tool, ToolContext } from './tool';

/** Head, then each arm from the shoulder out, then each leg from the hip down. */
export const PLACE_ORDER: readonly number[] = [
  0, 1, 2, 3, 4, 5, 7, 9, 6, 8, 10, 11, 13, 15, 12, 14, 16,
];

type State =
  | { readonly name: 'placing' }
  /** The button is down: the joint is there and can still be shifted. */
  | { readonly name: 'adjusting'; readonly joint: number }
  | { readonly name: 'panning'; readonly last: Pointer };

const PLACING: State = { name: 'placing' };

export class PlaceTool implements Tool {
  readonly id = 'place';
  private now: State = PLACING;
  private queue: number[] = [];
  /** What was answered, for going back: the joint, and whether it is a step of the history. */
  private trail: { joint: number; step: boolean }[] = [];
  /** Keys move the cursor, until the mouse does. */
  private byKeys = false;

  constructor(private readonly editor: ToolContext) {}

  get state(): string {
    return this.now.name;
  }

  /** The joint that a click would place. */
  get next(): number | null {
    return this.queue[0] ?? null;
  }

  enter(): void {
    const { document, selected } = this.editor;
    const skeleton = document?.skeleton ?? null;
    const missing = PLACE_ORDER.filter((i) => !isPresent(jointAt(skeleton, i)));
    // Everything is there already: go once more through all, from the selected joint on.
    const asked = missing.length > 0 ? missing : [...PLACE_ORDER];
    const first = selected === null ? -1 : asked.indexOf(selected);
    this.queue = first > 0 ? [...asked.slice(first), ...asked.slice(0, first)] : asked;
    this.trail = [];
    this.byKeys = false;
    this.now = PLACING;
    this.editor.setCursor('crosshair');
    this.guide();
  }

  exit(): void {
    this.cancelGesture();
    this.editor.show(null);
  }

  cursorStart(): { x: number; y: number } | null {
    const skeleton = this.editor.document?.skeleton ?? null;
    const near = [this.next, this.trail.at(-1)?.joint, this.editor.selected];
    for (const joint of near) {
      const place = jointAt(skeleton, joint ?? -1);
      if (isPresent(place)) return place;
    }
    return null;
  }

  steered(): void {
    if (this.now.name !== 'placing') return;
    this.byKeys = true;
    this.guide();
  }

  down(pointer: Pointer): void {
    this.byKeys = false;
    if (this.now.name !== 'placing') return;
    if (pointer.button === 1) {
      this.now = { name: 'panning', last: pointer };
      return;
    }
    const occluded = pointer.button === 2 || pointer.shift;
    this.place(pointer, occluded ? 1 : 2, true);
  }

  move(pointer: Pointer): void {
    const { now, editor } = this;
    if (this.byKeys) {
      this.byKeys = false;
      this.guide();
    }
    if (now.name === 'panning') {
      editor.panBy(pointer.screen.x - now.last.screen.x, pointer.screen.y - now.last.screen.y);
      this.now = { name: 'panning', last: pointer };
    } else if (now.name === 'adjusting') {
      const { x, y } = editor.clamp(pointer.image);
      editor.perform([{ type: 'moveJoint', joint: now.joint, x, y }], 'Place');
    }
  }

  up(_pointer: Pointer): void {
    const { now } = this;
    this.now = PLACING;
    if (now.name === 'adjusting') {
      this.editor.squash();
      this.advance(now.joint, true);
    }
  }

  command(command: GuideCommand, pointer: Pointer | null): void {
    if (this.now.name !== 'placing') return;
    if (command === 'back') this.back();
    else if (command === 'skip') this.skip();
    else if (pointer !== null) this.place(pointer, command === 'visible' ? 2 : 1, false);
  }

  cancel(): boolean {
    if (this.cancelGesture()) return true;
    this.editor.setTool('select');
    return true;
  }

  private place(pointer: Pointer, visibility: Visibility, held: boolean): void {
    const joint = this.next;
    if (joint === null || !this.editor.canEdit) return;
    const { x, y } = this.editor.clamp(pointer.image);
    const label = `Place ${JOINT_LABELS[joint]}`;
    this.editor.mark(label);
    if (!this.editor.perform([{ type: 'placeJoint', joint, x, y, visibility }], label)) {
      this.editor.bail();
      return;
    }
    this.editor.select(joint);
    if (held) {
      this.now = { name: 'adjusting', joint };
      this.editor.show({ joint, next: joint, left: this.queue.length });
    } else {
      this.editor.squash();
      this.advance(joint, true);
    }
  }

  private skip(): void {
    const joint = this.next;
    if (joint === null) return;
    const { editor } = this;
    const present = isPresent(jointAt(editor.document?.skeleton ?? null, joint));
    if (present) {
      const done = editor.perform(
        [{ type: 'setVisibility', joint, visibility: 0 }],
        `${JOINT_LABELS[joint]} not present`,
      );
      if (!done) return;
    }
    this.advance(joint, present);
  }

  private back(): void {
    const last = this.trail.pop();
    if (last === undefined) return;
    if (last.step) this.editor.undo();
    this.queue = [last.joint, ...this.queue];
    this.editor.select(last.joint);
    this.goTo(last.joint);
    this.guide();
  }

  private advance(joint: number, step: boolean): void {
    this.trail.push({ joint, step });
    this.queue = this.queue.slice(1);
    if (this.queue.length === 0) this.editor.setTool('select');
    else {
      this.goTo(this.next);
      this.guide();
    }
  }

  /** A joint that is placed anew is begun where it lies; a missing one where the last was placed. */
  private goTo(joint: number | null): void {
    const place = jointAt(this.editor.document?.skeleton ?? null, joint ?? -1);
    if (this.byKeys && isPresent(place)) this.editor.pointAt(place);
  }

  private guide(): void {
    const next = this.next;
    const left = Math.min(this.queue.length, N_JOINTS);
    this.editor.show(next === null ? null : { next, left, byKeys: this.byKeys });
  }

  private cancelGesture(): boolean {
    const { name } = this.now;
    this.now = PLACING;
    if (name === 'adjusting') this.editor.bail();
    if (name !== 'placing') this.guide();
    return name !== 'placing';
  }
}
