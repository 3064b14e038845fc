/** Draw the infant's box where there is none, else drag its corners and edges; joints stay. */
import { MIN_BOX_PX } from '@/shared/domain/rules.gen';
import { distance, type ImagePoint, type Rectangle, type ScreenPoint } from '../store/geometry';
import { type BoxHandle, HANDLE_CURSORS } from '../store/hit';
import { DRAG_THRESHOLD, type Pointer, type Tool, type ToolContext } from './tool';

type State =
  | { readonly name: 'idle' }
  | { readonly name: 'pointing'; readonly from: Pointer; readonly handle: BoxHandle | null }
  | { readonly name: 'dragging'; readonly from: Rectangle; readonly handle: BoxHandle }
  | { readonly name: 'drawing'; readonly from: ImagePoint }
  | { readonly name: 'panning'; readonly last: ScreenPoint };

const IDLE: State = { name: 'idle' };

export class BoxTool implements Tool {
  readonly id = 'box';
  private now: State = IDLE;
  private draft: Rectangle | null = null;

  constructor(private readonly editor: ToolContext) {}

  get state(): string {
    return this.now.name;
  }

  enter(): void {
    this.now = IDLE;
    this.editor.setCursor(this.editor.mayDrawBox ? 'crosshair' : 'default');
  }

  exit(): void {
    this.cancel();
  }

  down(pointer: Pointer): void {
    if (this.now.name !== 'idle') return;
    const handle = pointer.button === 0 ? this.editor.hitBox(pointer.screen) : null;
    this.now = { name: 'pointing', from: pointer, handle };
  }

  move(pointer: Pointer): void {
    const { now, editor } = this;
    if (now.name === 'idle') {
      const handle = editor.hitBox(pointer.screen);
      const otherwise = editor.mayDrawBox ? 'crosshair' : 'default';
      editor.setCursor(handle === null ? otherwise : HANDLE_CURSORS[handle]);
    } else if (now.name === 'pointing') {
      if (distance(now.from.screen, pointer.screen) < DRAG_THRESHOLD) return;
      this.now = this.begun(now.from, now.handle);
      this.move(pointer);
    } else if (now.name === 'drawing') {
      this.draft = between(now.from, editor.clamp(pointer.image));
      editor.show({ box: this.draft });
    } else if (now.name === 'panning') {
      editor.panBy(pointer.screen.x - now.last.x, pointer.screen.y - now.last.y);
      this.now = { name: 'panning', last: pointer.screen };
    } else {
      this.draft = dragged(now.from, now.handle, editor.clamp(pointer.image));
      editor.show({ box: this.draft });
    }
  }

  up(_pointer: Pointer): void {
    const { now, draft, editor } = this;
    this.now = IDLE;
    this.draft = null;
    if (now.name !== 'dragging' && now.name !== 'drawing') return;
    if (draft !== null && draft.width >= MIN_BOX_PX && draft.height >= MIN_BOX_PX) {
      editor.saveBox(draft);
    }
    editor.show(null);
  }

  cancel(): boolean {
    const { name } = this.now;
    this.now = IDLE;
    this.draft = null;
    if (name === 'dragging' || name === 'drawing') this.editor.show(null);
    return name !== 'idle';
  }

  private begun(from: Pointer, handle: BoxHandle | null): State {
    const { editor } = this;
    const { box } = editor;
    if (handle !== null && box !== null) return { name: 'dragging', from: box, handle };
    if (from.button === 0 && editor.mayDrawBox) {
      return { name: 'drawing', from: editor.clamp(from.image) };
    }
    return { name: 'panning', last: from.screen };
  }
}

/** The box with two points as opposite corners. */
function between(a: ImagePoint, b: ImagePoint): Rectangle {
  return {
    x: Math.min(a.x, b.x),
    y: Math.min(a.y, b.y),
    width: Math.abs(a.x - b.x),
    height: Math.abs(a.y - b.y),
  };
}

/** The box with one corner or edge pulled to a point; it never turns inside out. */
export function dragged(
  box: Rectangle,
  handle: BoxHandle,
  to: { x: number; y: number },
): Rectangle {
  let { x, y } = box;
  let right = box.x + box.width;
  let bottom = box.y + box.height;
  if (handle.includes('w')) x = Math.min(to.x, right - MIN_BOX_PX);
  if (handle.includes('e')) right = Math.max(to.x, x + MIN_BOX_PX);
  if (handle.includes('n')) y = Math.min(to.y, bottom - MIN_BOX_PX);
  if (handle.includes('s')) bottom = Math.max(to.y, y + MIN_BOX_PX);
  return { x, y, width: right - x, height: bottom - y };
}
