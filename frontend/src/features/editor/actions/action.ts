/** What an action is, and when it makes sense. */
import type { LucideIcon } from 'lucide-react';
import { EVERYWHERE, type Keyed, type Where } from '../personal/keymap';
import type { Editor } from '../store/Editor';

/** In the order in which they are shown. */
export const GROUPS = [
  'Decide',
  'Review',
  'Move between frames',
  'Joints',
  'Ranges and playback',
  'Postures',
  'Cameras',
  'Tools',
  'Display',
  'More',
  'Compare and sample',
] as const;

export type Group = (typeof GROUPS)[number];

/**
 * The keyboard repeats a held key thirty times a second. What goes on by steps goes on; what
 * switches something on and off, opens something or asks a question happens once. What decides a
 * frame and goes on says whether the frame is decided already: a hand that lies on Space passes
 * over what was discarded or sent back.
 */
export type Held = 'steps' | ((editor: Editor) => boolean);

export interface Action extends Omit<Keyed, 'where'> {
  readonly id: string;
  readonly label: string;
  readonly group: Group;
  /** Other words by which somebody may look for it. */
  readonly words?: string;
  /** As everybody has them; a person may have others. The first is shown; the others work too. */
  readonly keys: readonly string[];
  /** In which situations it may be possible; follows from `when` for the common ones. */
  readonly where?: readonly Where[];
  readonly icon?: LucideIcon;
  /** Whether it makes sense now; keys of others do nothing. */
  readonly when?: (editor: Editor) => boolean;
  /** `since` is when the key went down, for measuring. */
  readonly perform: (editor: Editor, since?: number) => void;
  /** For what lasts as long as the key is held. */
  readonly release?: (editor: Editor) => void;
  /** What a key does that is held down; by default it happens once. */
  readonly held?: Held;
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

/** Name, key, and where it leads. */
export const DIRECTIONS = [
  ['left', 'Left', -1, 0],
  ['right', 'Right', 1, 0],
  ['up', 'Up', 0, -1],
  ['down', 'Down', 0, 1],
] as const;

const SITUATIONS: ReadonlyMap<Action['when'], readonly Where[]> = new Map<
  Action['when'],
  readonly Where[]
>([
  [annotating, ['pose', 'place']],
  [editable, ['pose', 'place']],
  [placing, ['place']],
  [posing, ['pose']],
  [selected, ['pose']],
  [inspecting, ['inspect']],
  [boxing, ['boxes']],
]);

/** The situations in which an action listens to its keys. */
export const whereOf = ({ where, when }: Action): readonly Where[] =>
  where ?? SITUATIONS.get(when) ?? EVERYWHERE;
