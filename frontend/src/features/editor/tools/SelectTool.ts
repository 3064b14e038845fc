/** Select and move joints, choose a person, pan on empty ground. */
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { isPresent, jointAt } from '../document/skeleton';
import type { Operation } from '../document/types';
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
    }
  | { readonly name: 'draggingAll'; readonly last: { x: number; y: number } }
  | { readonly name: 'panning'; readonly last: ScreenPoint };

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
      editor.perform([{ type: 'moveJoint', joint: now.joint, x, y }], 'Move');
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
      this.now = { name: 'dragging', joint: hit.joint, grip };
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
