/** Every action once: toolbar, keys, command palette and help all read this list. */
import {
  Accessibility,
  ArrowLeft,
  ArrowRight,
  Check,
  Hand,
  type LucideIcon,
  MessageSquarePlus,
  MousePointer2,
  Redo2,
  RefreshCw,
  SquareDashedMousePointer,
  Undo2,
  UserRoundPlus,
  X,
} from 'lucide-react';
import type { Editor } from '../store/Editor';
import { fitImage, screenPoint, zoomAt } from '../store/geometry';
import { setMark } from '../store/reviews';
import type { View } from '../store/state';
import { zoomToInfant } from '../store/views';
import * as edits from './edits';

export type Group =
  | 'Decide'
  | 'Move between frames'
  | 'Joints'
  | 'Tools'
  | 'Look'
  | 'Review'
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
}

const annotating = (editor: Editor): boolean => editor.state.mode === 'annotate';
const editable = (editor: Editor): boolean => editor.canEdit;
const placing = (editor: Editor): boolean => editor.canEdit && editor.state.tool === 'place';
const posing = (editor: Editor): boolean => editor.canEdit && editor.state.tool !== 'place';
const selected = (editor: Editor): boolean => posing(editor) && editor.state.selected !== null;
const inspecting = (editor: Editor): boolean => editor.state.mode === 'inspect';
const boxing = (editor: Editor): boolean => editor.state.mode === 'boxes';
const mayComment = (editor: Editor): boolean => editor.state.recording.can.comment;

function toggle(key: 'overlay' | 'labels' | 'ghost' | 'others' | 'mask') {
  return (editor: Editor): void => {
    const { view } = editor.state;
    const next: View = { ...view, [key]: !view[key] };
    editor.set({ view: next });
  };
}

function zoomBy(factor: number) {
  return (editor: Editor): void => {
    const { camera, viewport } = editor.state;
    const centre = screenPoint(viewport.width / 2, viewport.height / 2);
    editor.setCamera(zoomAt(camera, centre, factor));
  };
}

function toInfant(editor: Editor): void {
  const { document, viewport } = editor.state;
  const camera = zoomToInfant(document?.skeleton ?? null, editor.box, viewport);
  if (camera === null) editor.notify('There is no infant to zoom to yet.');
  else editor.setCamera(camera);
}

function toImage(editor: Editor): void {
  const { frame, viewport } = editor.state;
  if (frame !== null) editor.setCamera(fitImage(frame.doc, viewport));
}

function follow(editor: Editor): void {
  const { view } = editor.state;
  editor.set({ view: { ...view, follow: !view.follow } });
  if (!view.follow) toInfant(editor);
  else toImage(editor);
}

function undo(editor: Editor): void {
  if (boxing(editor)) editor.boxes.undo();
  else if (placing(editor)) editor.guide('back');
  else editor.undo();
}

const mayFinish = (editor: Editor): boolean => editor.state.mode !== 'read';

function finish(editor: Editor): void {
  const { mode } = editor.state;
  if (mode === 'annotate') editor.open('submit');
  else if (mode !== 'read') editor.open('decide');
}

export const ACTIONS: readonly Action[] = [
  // Keys that mean something else while the guide asks for joints come first.
  {
    id: 'guide.visible',
    label: 'Guide: place as visible at the cursor',
    group: 'Tools',
    keys: ['1', 'Enter'],
    when: placing,
    perform: (e) => e.guide('visible'),
  },
  {
    id: 'guide.occluded',
    label: 'Guide: place as occluded at the cursor (or right click)',
    group: 'Tools',
    keys: ['2', 'Q'],
    when: placing,
    perform: (e) => e.guide('occluded'),
  },
  {
    id: 'guide.skip',
    label: 'Guide: joint is not present',
    group: 'Tools',
    keys: ['3', 'S', 'O'],
    when: placing,
    perform: (e) => e.guide('skip'),
  },
  {
    id: 'guide.back',
    label: 'Guide: back to the joint before',
    group: 'Tools',
    keys: ['Backspace'],
    when: placing,
    perform: (e) => e.guide('back'),
  },

  {
    id: 'accept',
    label: 'Accept and go on',
    group: 'Decide',
    keys: ['Space'],
    icon: Check,
    when: annotating,
    perform: edits.accept,
  },
  {
    id: 'discard',
    label: 'Discard with a reason',
    group: 'Decide',
    keys: ['X'],
    icon: X,
    when: editable,
    perform: (e) => e.open('discard'),
  },
  {
    id: 'undecide',
    label: 'Take the decision back',
    group: 'Decide',
    keys: ['U'],
    when: editable,
    perform: edits.undecide,
  },

  {
    id: 'mark.good',
    label: 'Good, and go on',
    group: 'Review',
    keys: ['Space'],
    icon: Check,
    when: inspecting,
    perform: edits.markAndGo,
  },
  {
    id: 'mark.revise',
    label: 'To revise',
    group: 'Review',
    keys: ['R'],
    icon: RefreshCw,
    when: inspecting,
    perform: (e) => setMark(e, e.item?.mark === 'revise' ? null : 'revise'),
  },
  {
    id: 'mark.none',
    label: 'Take the mark back',
    group: 'Review',
    keys: ['U'],
    when: inspecting,
    perform: (e) => setMark(e, null),
  },
  {
    id: 'box.approve',
    label: 'Approve the box and go on',
    group: 'Review',
    keys: ['Space'],
    icon: Check,
    when: boxing,
    perform: (e, t) => edits.decideBox(e, 'approved', t),
  },
  {
    id: 'box.sendBack',
    label: 'Send the box back and go on',
    group: 'Review',
    keys: ['R'],
    icon: RefreshCw,
    when: boxing,
    perform: (e, t) => edits.decideBox(e, 'sent_back', t),
  },
  {
    id: 'box.rerun',
    label: 'Make a new mask',
    group: 'Review',
    keys: ['A'],
    when: (e) => e.boxes.canEdit,
    perform: (e) => void e.boxes.rerun(),
  },
  {
    id: 'box.undecide',
    label: 'Take the box’s decision back',
    group: 'Review',
    keys: ['U'],
    when: boxing,
    perform: (e) => e.boxes.setStatus('proposed'),
  },

  {
    id: 'next',
    label: 'Next frame',
    group: 'Move between frames',
    keys: ['F'],
    icon: ArrowRight,
    perform: (e, t) => edits.step(e, 1, t),
  },
  {
    id: 'previous',
    label: 'Previous frame',
    group: 'Move between frames',
    keys: ['D'],
    icon: ArrowLeft,
    perform: (e, t) => edits.step(e, -1, t),
  },
  {
    id: 'forward',
    label: 'Ten frames forward',
    group: 'Move between frames',
    keys: ['Shift+F', 'PageDown'],
    perform: (e, t) => edits.step(e, 10, t),
  },
  {
    id: 'back',
    label: 'Ten frames back',
    group: 'Move between frames',
    keys: ['Shift+D', 'PageUp'],
    perform: (e, t) => edits.step(e, -10, t),
  },
  {
    id: 'first',
    label: 'First frame',
    group: 'Move between frames',
    keys: ['Home'],
    perform: (e, t) => edits.step(e, -e.state.frames.length, t),
  },
  {
    id: 'last',
    label: 'Last frame',
    group: 'Move between frames',
    keys: ['End'],
    perform: (e, t) => edits.step(e, e.state.frames.length, t),
  },
  {
    id: 'nextOpen',
    label: 'Next frame that needs me',
    group: 'Move between frames',
    keys: ['G'],
    perform: (e, t) => edits.jumpToNext(e, 1, t),
  },
  {
    id: 'previousOpen',
    label: 'Previous frame that needs me',
    group: 'Move between frames',
    keys: ['Shift+G'],
    perform: (e, t) => edits.jumpToNext(e, -1, t),
  },

  {
    id: 'joint.visible',
    label: 'Visible',
    group: 'Joints',
    keys: ['1'],
    when: posing,
    perform: (e) => edits.setVisibility(e, 2),
  },
  {
    id: 'joint.occluded',
    label: 'Occluded',
    group: 'Joints',
    keys: ['2'],
    when: posing,
    perform: (e) => edits.setVisibility(e, 1),
  },
  {
    id: 'joint.absent',
    label: 'Not present',
    group: 'Joints',
    keys: ['3', 'O', 'Delete', 'Backspace'],
    when: posing,
    perform: (e) => edits.setVisibility(e, 0),
  },
  {
    id: 'joint.toggleOccluded',
    label: 'Occluded on or off (or right click)',
    group: 'Joints',
    keys: ['Q'],
    when: posing,
    perform: edits.toggleOccluded,
  },
  {
    id: 'swap',
    label: 'Swap left and right',
    group: 'Joints',
    keys: ['S'],
    when: posing,
    perform: (e) => void e.perform([{ type: 'swapSides' }], 'Swap left and right'),
  },
  {
    id: 'joint.next',
    label: 'Next joint',
    group: 'Joints',
    keys: ['Tab'],
    perform: (e) => edits.cycleJoint(e, 1),
  },
  {
    id: 'joint.previous',
    label: 'Joint before',
    group: 'Joints',
    keys: ['Shift+Tab'],
    perform: (e) => edits.cycleJoint(e, -1),
  },
  {
    id: 'nudge.left',
    label: 'Nudge left',
    group: 'Joints',
    keys: ['Left'],
    when: selected,
    perform: (e) => edits.nudge(e, -1, 0),
  },
  {
    id: 'nudge.right',
    label: 'Nudge right',
    group: 'Joints',
    keys: ['Right'],
    when: selected,
    perform: (e) => edits.nudge(e, 1, 0),
  },
  {
    id: 'nudge.up',
    label: 'Nudge up',
    group: 'Joints',
    keys: ['Up'],
    when: selected,
    perform: (e) => edits.nudge(e, 0, -1),
  },
  {
    id: 'nudge.down',
    label: 'Nudge down',
    group: 'Joints',
    keys: ['Down'],
    when: selected,
    perform: (e) => edits.nudge(e, 0, 1),
  },
  {
    id: 'nudge.left5',
    label: 'Nudge 5 px left',
    group: 'Joints',
    keys: ['Shift+Left'],
    when: selected,
    perform: (e) => edits.nudge(e, -5, 0),
  },
  {
    id: 'nudge.right5',
    label: 'Nudge 5 px right',
    group: 'Joints',
    keys: ['Shift+Right'],
    when: selected,
    perform: (e) => edits.nudge(e, 5, 0),
  },
  {
    id: 'nudge.up5',
    label: 'Nudge 5 px up',
    group: 'Joints',
    keys: ['Shift+Up'],
    when: selected,
    perform: (e) => edits.nudge(e, 0, -5),
  },
  {
    id: 'nudge.down5',
    label: 'Nudge 5 px down',
    group: 'Joints',
    keys: ['Shift+Down'],
    when: selected,
    perform: (e) => edits.nudge(e, 0, 5),
  },
  {
    id: 'person.next',
    label: 'Next person as the infant',
    group: 'Joints',
    keys: [']'],
    when: posing,
    perform: (e) => edits.cycleCandidate(e, 1),
  },
  {
    id: 'person.previous',
    label: 'Person before as the infant',
    group: 'Joints',
    keys: ['['],
    when: posing,
    perform: (e) => edits.cycleCandidate(e, -1),
  },
  {
    id: 'pose.before',
    label: 'Copy the pose of the frame before',
    group: 'Joints',
    keys: ['B'],
    when: posing,
    perform: (e) => void edits.copyPrevious(e),
  },
  {
    id: 'pose.copy',
    label: 'Copy the pose',
    group: 'Joints',
    keys: ['Mod+C'],
    perform: edits.copyPose,
  },
  {
    id: 'pose.paste',
    label: 'Paste the pose',
    group: 'Joints',
    keys: ['Mod+V'],
    when: (e) => posing(e) && e.state.pose !== null,
    perform: (e) => edits.pastePose(e, e.state.pose, 'Paste the pose'),
  },

  {
    id: 'tool.select',
    label: 'Select and move',
    group: 'Tools',
    keys: ['V'],
    icon: MousePointer2,
    when: (e) => !boxing(e),
    perform: (e) => e.setTool('select'),
  },
  {
    id: 'tool.place',
    label: 'Place joints one by one',
    group: 'Tools',
    keys: ['P'],
    icon: Accessibility,
    when: editable,
    perform: (e) => e.setTool('place'),
  },
  {
    id: 'tool.nothing',
    label: 'New skeleton from nothing',
    group: 'Tools',
    keys: ['N'],
    icon: UserRoundPlus,
    when: editable,
    perform: edits.startFromNothing,
  },
  {
    id: 'tool.box',
    label: 'Change the box',
    group: 'Tools',
    keys: ['W'],
    icon: SquareDashedMousePointer,
    when: (e) => e.boxes.canEdit,
    perform: (e) => e.setTool('box'),
  },
  {
    id: 'tool.hand',
    label: 'Hand: move the image',
    group: 'Tools',
    keys: ['H'],
    icon: Hand,
    perform: (e) => e.setTool('hand'),
  },
  {
    id: 'undo',
    label: 'Undo',
    group: 'Tools',
    keys: ['Mod+Z'],
    icon: Undo2,
    when: (e) => annotating(e) || boxing(e),
    perform: undo,
  },
  {
    id: 'redo',
    label: 'Redo',
    group: 'Tools',
    keys: ['Mod+Shift+Z', 'Mod+Y'],
    icon: Redo2,
    when: editable,
    perform: (e) => e.redo(),
  },

  { id: 'zoom.infant', label: 'Zoom to the infant', group: 'Look', keys: ['Z'], perform: toInfant },
  { id: 'zoom.fit', label: 'Whole image', group: 'Look', keys: ['0'], perform: toImage },
  {
    id: 'zoom.follow',
    label: 'Stay zoomed to the infant on every frame',
    group: 'Look',
    keys: ['Shift+Z'],
    perform: follow,
  },
  { id: 'zoom.in', label: 'Zoom in', group: 'Look', keys: ['+', '='], perform: zoomBy(1.25) },
  { id: 'zoom.out', label: 'Zoom out', group: 'Look', keys: ['-'], perform: zoomBy(0.8) },
  {
    id: 'view.overlay',
    label: 'Hide or show joints',
    group: 'Look',
    keys: ['Shift+H'],
    perform: toggle('overlay'),
  },
  {
    id: 'view.labels',
    label: 'Joint names',
    group: 'Look',
    keys: ['L'],
    perform: toggle('labels'),
  },
  {
    id: 'view.ghost',
    label: 'Skeleton of the round before',
    group: 'Look',
    keys: ['K'],
    perform: toggle('ghost'),
  },
  {
    id: 'view.others',
    label: 'Other people',
    group: 'Look',
    keys: ['T'],
    perform: toggle('others'),
  },
  { id: 'view.mask', label: 'Mask', group: 'Look', keys: ['Shift+M'], perform: toggle('mask') },

  {
    id: 'comment',
    label: 'Comment on the joint or frame',
    group: 'Review',
    keys: ['M'],
    icon: MessageSquarePlus,
    when: mayComment,
    perform: (e) => e.set({ composing: { joint: e.state.selected } }),
  },
  {
    id: 'finish',
    label: 'Submit or decide on the session',
    group: 'Review',
    keys: ['Mod+Enter'],
    when: mayFinish,
    perform: finish,
  },

  {
    id: 'history',
    label: 'History of this frame',
    group: 'More',
    keys: ['Y'],
    perform: (e) => e.open('history'),
  },
  {
    id: 'palette',
    label: 'All commands',
    group: 'More',
    keys: ['Mod+K'],
    perform: (e) => e.open('palette'),
  },
  { id: 'help', label: 'Keys', group: 'More', keys: ['?'], perform: (e) => e.open('help') },
  {
    id: 'cancel',
    label: 'Give up the gesture, leave the tool',
    group: 'More',
    keys: ['Escape'],
    perform: cancel,
  },
];

function cancel(editor: Editor): void {
  if (editor.state.composing !== null) editor.set({ composing: null });
  else if (!editor.tool.cancel()) editor.select(null);
}

export const isPossible = (action: Action, editor: Editor): boolean =>
  action.when === undefined || action.when(editor);

const byKey = new Map<string, Action[]>();
for (const action of ACTIONS) {
  for (const key of action.keys) byKey.set(key, [...(byKey.get(key) ?? []), action]);
}

/** What a key does now, or null. */
export function actionFor(key: string, editor: Editor): Action | null {
  return byKey.get(key)?.find((action) => isPossible(action, editor)) ?? null;
}

export function actionById(id: string): Action {
  const action = ACTIONS.find((candidate) => candidate.id === id);
  if (action === undefined) throw new Error(`There is no action ${id}.`);
  return action;
}
