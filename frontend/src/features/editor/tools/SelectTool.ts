/** Select and move joints, choose a person, pan on empty ground. */
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { isPresent, jointAt } from '../document/skeleton';
import type { Operation, Skeleton } from '../document/types';
import { distance, type ScreenPoint } from '../store/geometry';
import type { Hit } from '../store/hit';
import { DRAG_THRESHOLD, type Pointer, type Tool, type ToolContext } from './tool';

type State =
  | { readonly name: 'idle' }
  | { readonly name: 'pointing'; readonly from: Pointer; readonly hit: Hit }
  | {
      readonly name: 'dragging';
      readonly joint: number;
      /** From the pointer to the joint, so that it does not jump when it is taken. */
      readonly grip: { x: number; y: number };
      /** What hangs on it, from where it set out. */
      readonly chain: Chain | null;
    }
  | { readonly name: 'draggingAll'; readonly last: { x: number; y: number } }
  | { readonly name: 'panning'; readonly last: ScreenPoint };

/** The joints that may move along, and how far. */
interface Chain {
  readonly shares: readonly number[];
  readonly on: boolean;
  readonly from: Skeleton;
  /** Those that moved already: they go back where it is turned off meanwhile. */
  readonly moved: Set<number>;
}

/** Image pixels that are worth a move. */
const LEAST = 0.25;

const IDLE: State = { name: 'idle' };

export class SelectTool implements Tool {
  readonly id = 'select';
  private now: State = IDLE;

  constructor(private readonly editor: ToolContext) {}

  get state(): string {
    return this.now.name;
  }

  enter(): void {
    this.now = IDLE;
    this.editor.setCursor('default');
  }

  exit(): void {
    this.cancel();
  }

  down(pointer: Pointer): void {
    if (this.now.name !== 'idle') return;
    if (pointer.button === 1) {
      this.startPanning(pointer.screen);
      return;
    }
    const hit = this.editor.hit(pointer.screen);
    if (pointer.button === 2) {
      if (hit.kind === 'joint') this.toggleOccluded(hit.joint);
      return;
    }
    if (hit.kind === 'joint') this.editor.select(hit.joint);
    this.now = { name: 'pointing', from: pointer, hit };
  }

  move(pointer: Pointer): void {
    const { now, editor } = this;
    if (now.name === 'pointing') {
      if (distance(now.from.screen, pointer.screen) < DRAG_THRESHOLD) return;
      this.startDragging(now.from, now.hit);
      this.move(pointer);
    } else if (now.name === 'dragging') {
      const { x, y } = editor.clamp({
        x: pointer.image.x + now.grip.x,
        y: pointer.image.y + now.grip.y,
      });
      const along = now.chain === null ? [] : this.follow(now.chain, now.joint, x, y, pointer.alt);
      editor.perform([{ type: 'moveJoint', joint: now.joint, x, y }, ...along], 'Move');
    } else if (now.name === 'draggingAll') {
      this.moveAll(pointer.image.x - now.last.x, pointer.image.y - now.last.y);
      this.now = { name: 'draggingAll', last: pointer.image };
    } else if (now.name === 'panning') {
      editor.panBy(pointer.screen.x - now.last.x, pointer.screen.y - now.last.y);
      this.now = { name: 'panning', last: pointer.screen };
    } else {
      const hit = editor.hit(pointer.screen);
      editor.setCursor(
        hit.kind === 'nothing'
          ? 'default'
          : hit.kind === 'joint' && editor.canEdit && !editor.locked
            ? 'move'
            : 'pointer',
      );
    }
  }

  up(_pointer: Pointer): void {
    const { now, editor } = this;
    this.now = IDLE;
    if (now.name === 'dragging' || now.name === 'draggingAll') {
      editor.squash();
      editor.show(null);
    } else if (now.name === 'panning') {
      editor.setCursor('default');
    } else if (now.name === 'pointing') {
      if (now.hit.kind === 'nothing') editor.select(null);
      if (now.hit.kind === 'person' && editor.canEdit) {
        const { candidateId } = now.hit;
        editor.perform([{ type: 'chooseCandidate', candidateId }], 'Choose the infant');
      }
    }
  }

  cancel(): boolean {
    const { name } = this.now;
    this.now = IDLE;
    if (name === 'dragging' || name === 'draggingAll') {
      this.editor.bail();
      this.editor.show(null);
    }
    return name !== 'idle';
  }

  private startDragging(from: Pointer, hit: Hit): void {
    const { editor } = this;
    if (hit.kind === 'joint' && editor.canEdit && !editor.locked) {
      const label = JOINT_LABELS[hit.joint] ?? 'joint';
      if (from.shift) {
        editor.mark('Move the whole skeleton');
        this.now = { name: 'draggingAll', last: from.image };
        return;
      }
      const joint = jointAt(editor.document?.skeleton ?? null, hit.joint);
      editor.mark(`Move ${label}`);
      editor.show({ joint: hit.joint });
      const grip = { x: joint.x - from.image.x, y: joint.y - from.image.y };
      const along = editor.along(hit.joint);
      const start = editor.document?.skeleton ?? [];
      const chain = along === null ? null : { ...along, from: start, moved: new Set<number>() };
      this.now = { name: 'dragging', joint: hit.joint, grip, chain };
      return;
    }
    this.startPanning(from.screen);
  }

  private startPanning(at: ScreenPoint): void {
    this.editor.setCursor('grabbing');
    this.now = { name: 'panning', last: at };
  }

  private toggleOccluded(joint: number): void {
    const { editor } = this;
    if (!editor.canEdit) return;
    const visibility = jointAt(editor.document?.skeleton ?? null, joint).v === 1 ? 2 : 1;
    editor.select(joint);
    editor.perform([{ type: 'setVisibility', joint, visibility }], 'Visibility');
  }

  /** What hangs on the dragged joint goes its share of the way; the key for that turns it around. */
  private follow(chain: Chain, dragged: number, x: number, y: number, turned: boolean) {
    const start = jointAt(chain.from, dragged);
    const on = chain.on !== turned;
    return chain.from.flatMap((joint, i): Operation[] => {
      const share = on ? (chain.shares[i] ?? 0) : 0;
      const far = share * Math.hypot(x - start.x, y - start.y);
      if (i === dragged || !isPresent(joint) || (far < LEAST && !chain.moved.has(i))) return [];
      chain.moved.add(i);
      const to = this.editor.clamp({
        x: joint.x + share * (x - start.x),
        y: joint.y + share * (y - start.y),
      });
      return [{ type: 'moveJoint', joint: i, x: to.x, y: to.y }];
    });
  }

  private moveAll(dx: number, dy: number): void {
    const joints = this.editor.document?.skeleton ?? [];
    const moves = joints.flatMap((joint, i): Operation[] => {
      if (!isPresent(joint)) return [];
      const { x, y } = this.editor.clamp({ x: joint.x + dx, y: joint.y + dy });
      return [{ type: 'moveJoint', joint: i, x, y }];
    });
    this.editor.perform(moves, 'Move the whole skeleton');
  }
}
