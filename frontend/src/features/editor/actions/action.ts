/** What an action is, and when it makes sense. */
import type { LucideIcon } from 'lucide-react';
import type { Editor } from '../store/Editor';

export type Group =
  | 'Decide'
  | 'Move between frames'
  | 'Joints'
  | 'Tools'
  | 'Display'
  | 'Cameras'
  | 'Review'
  | 'Ranges and playback'
  | 'More';

export interface Action {
  readonly id: string;
  readonly label: string;
  readonly group: Group;
  /** The first is shown; the others work too. */
  readonly keys: readonly string[];
  readonly icon?: LucideIcon;
  /** Whether it makes sense now; keys of others do nothing. */
  readonly when?: (editor: Editor) => boolean;
  /** `since` is when the key went down, for measuring. */
  readonly perform: (editor: Editor, since?: number) => void;
  /** The key went up again. */
  readonly release?: (editor: Editor) => void;
}

export const annotating = (editor: Editor): boolean => editor.state.mode === 'annotate';
export const editable = (editor: Editor): boolean => editor.canEdit;
export const placing = (editor: Editor): boolean => editor.canEdit && editor.state.tool === 'place';
export const posing = (editor: Editor): boolean => editor.canEdit && editor.state.tool !== 'place';
export const selected = (editor: Editor): boolean =>
  posing(editor) && editor.state.selected !== null;
export const inspecting = (editor: Editor): boolean => editor.state.mode === 'inspect';
export const boxing = (editor: Editor): boolean => editor.state.mode === 'boxes';
export const mayComment = (editor: Editor): boolean => editor.state.recording.can.comment;

export const mayFinish = (editor: Editor): boolean => editor.state.mode !== 'read';
