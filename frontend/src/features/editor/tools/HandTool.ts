/** Pan with the main button. */
import type { ScreenPoint } from '../store/geometry';
import type { Pointer, Tool, ToolContext } from './tool';

export class HandTool implements Tool {
  readonly id = 'hand';
  private last: ScreenPoint | null = null;

  constructor(private readonly editor: ToolContext) {}

  get state(): string {
    return this.last === null ? 'idle' : 'panning';
  }

  enter(): void {
    this.last = null;
    this.editor.setCursor('grab');
  }

  exit(): void {
    this.last = null;
  }

  down(pointer: Pointer): void {
    this.last = pointer.screen;
    this.editor.setCursor('grabbing');
  }

  move(pointer: Pointer): void {
    if (this.last === null) return;
    this.editor.panBy(pointer.screen.x - this.last.x, pointer.screen.y - this.last.y);
    this.last = pointer.screen;
  }

  up(): void {
    this.last = null;
    this.editor.setCursor('grab');
  }

  cancel(): boolean {
    const moving = this.last !== null;
    this.last = null;
    if (!moving) this.editor.setTool('select');
    return true;
  }
}
