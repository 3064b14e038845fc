/**
 * What was done to this recording elsewhere: by somebody else, or by oneself in another tab.
 *
 * The frame on the canvas is read again at once. The filmstrip and the counts follow a moment
 * later, so that somebody who accepts ten frames a second there costs little here.
 */
import type { Editor } from '@/features/editor/store/Editor';
import type { FrameDocument, FrameItem } from '@/shared/api/types';

/** Changes are gathered for so long before the filmstrip is told. */
const GATHER_MS = 400;
/** Up to so many frames are read one by one; for more, the filmstrip is read as a whole. */
const ONE_BY_ONE = 8;

interface Reading {
  readonly frame: (id: number) => Promise<FrameDocument>;
  readonly strip: () => Promise<readonly FrameItem[]>;
}

export class Elsewhere {
  private readonly changed = new Set<number>();
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly editor: Editor,
    private readonly read: Reading,
  ) {}

  /** Somebody wrote to a frame: if it was not this editor, it is read again. */
  frameChanged(id: number, version: number): void {
    const { queue } = this.editor;
    const mine = (queue.versionOf(id) ?? -1) >= version || queue.pendingOf(id) > 0;
    if (mine) return;
    if (id === this.editor.frameId) this.editor.walk.reload();
    else if (!this.editor.panes.reload(id)) this.editor.cache.invalidate(id);
    this.changed.add(id);
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.tellStrip().catch(() => undefined);
    }, GATHER_MS);
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.changed.clear();
  }

  private async tellStrip(): Promise<void> {
    const ids = [...this.changed];
    this.changed.clear();
    const news =
      ids.length > ONE_BY_ONE
        ? (await this.read.strip()).filter(({ id }) => ids.includes(id))
        : (await Promise.all(ids.map(this.read.frame))).map(cellOf);
    for (const { id, ...cell } of news) {
      // What was done here meanwhile is newer.
      if (this.editor.queue.pendingOf(id) === 0) this.editor.frames.patchItem(id, cell);
    }
  }
}

type Cell = Pick<
  FrameItem,
  'id' | 'state' | 'reason' | 'returned' | 'comments' | 'mark' | 'changed'
>;

function cellOf({
  id,
  annotation,
  returned,
  comments,
  mark,
  changed_joints,
  previous,
}: FrameDocument): Cell {
  return {
    id,
    state: annotation.state,
    reason: annotation.reason,
    returned,
    comments: comments.filter(({ resolved_at }) => resolved_at === null).length,
    mark,
    changed:
      previous !== null &&
      (changed_joints.length > 0 ||
        previous.verdict !== annotation.verdict ||
        previous.reason !== annotation.reason),
  };
}
