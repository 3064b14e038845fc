/** Tools, undo, and how the frame is looked at. */
import {
  Accessibility,
  Hand,
  Maximize,
  MousePointer2,
  Redo2,
  ScanSearch,
  SquareDashedMousePointer,
  Undo2,
  UserRoundPlus,
} from 'lucide-react';
import type { Editor } from '../store/Editor';
import { fitImage, screenPoint, zoomAt } from '../store/geometry';
import { zoomToInfant } from '../store/views';
import { type Action, boxing, DIRECTIONS, editable, mayFinish, placing } from './action';
import * as edits from './edits';

function zoomBy(factor: number) {
  return (editor: Editor): void => {
    const { camera, viewport } = editor.state;
    const centre = screenPoint(viewport.width / 2, viewport.height / 2);
    editor.set({ camera: zoomAt(camera, centre, factor) });
  };
}

function toInfant(editor: Editor): void {
  const { document, viewport } = editor.state;
  const camera = zoomToInfant(document?.skeleton ?? null, editor.boxes.rectangle, viewport);
  if (camera === null) editor.notify('There is no infant to zoom to yet.');
  else editor.set({ camera });
}

function toImage(editor: Editor): void {
  const { frame, viewport } = editor.state;
  if (frame !== null) editor.set({ camera: fitImage(frame.doc, viewport) });
}

function follow(editor: Editor): void {
  const { view } = editor.state;
  editor.set({ view: { ...view, follow: !view.follow } });
  if (!view.follow) toInfant(editor);
  else toImage(editor);
  editor.panes.lookAgain();
}

function undo(editor: Editor): void {
  if (placing(editor)) editor.tools.guide('back');
  else if (!editor.ranges.undo()) editor.edits.undo();
}

function cancel(editor: Editor): void {
  if (editor.state.looking) editor.set({ looking: false });
  else if (editor.state.composing !== null) editor.set({ composing: null });
  else if (editor.tools.current.cancel()) return;
  else if (editor.state.selected !== null) editor.select(null);
  else editor.ranges.clear();
}

/** Suffix of the id, pixels of the screen, and what is held beside the arrow. */
const STEPS = [
  ['', 12, ''],
  ['Far', 72, 'Shift+'],
  ['Fine', 1, 'Alt+'],
] as const;

/** Placing without a mouse: arrows move the cursor, Enter places. */
const STEERING: readonly Action[] = STEPS.flatMap(([suffix, px, held]) =>
  DIRECTIONS.map(
    ([name, key, dx, dy]): Action => ({
      id: `guide.${name}${suffix}`,
      label: `Guide: cursor ${px} px ${name}`,
      words: 'keyboard arrow place move',
      group: 'Tools',
      keys: [`${held}${key}`],
      held: 'steps',
      when: placing,
      perform: (e) => e.tools.steer(dx * px, dy * px),
    }),
  ),
);

export const TOOL_ACTIONS: readonly Action[] = [
  {
    id: 'guide.visible',
    label: 'Guide: place as visible at the cursor',
    group: 'Tools',
    keys: ['1', 'Enter'],
    when: placing,
    perform: (e) => e.tools.guide('visible'),
  },
  {
    id: 'guide.occluded',
    label: 'Guide: place as occluded at the cursor (or right-click)',
    group: 'Tools',
    keys: ['2', 'Q'],
    when: placing,
    perform: (e) => e.tools.guide('occluded'),
  },
  {
    id: 'guide.skip',
    label: 'Guide: joint is not present',
    group: 'Tools',
    keys: ['3', 'S', 'O'],
    when: placing,
    perform: (e) => e.tools.guide('skip'),
  },
  {
    id: 'guide.back',
    label: 'Guide: back to the previous joint',
    group: 'Tools',
    keys: ['Backspace'],
    when: placing,
    perform: (e) => e.tools.guide('back'),
  },
  ...STEERING,
  {
    id: 'tool.select',
    label: 'Select and move',
    group: 'Tools',
    keys: ['V'],
    icon: MousePointer2,
    when: (e) => !boxing(e),
    perform: (e) => e.tools.setTool('select'),
  },
  {
    id: 'tool.place',
    label: 'Place joints one by one',
    group: 'Tools',
    keys: ['P'],
    icon: Accessibility,
    when: editable,
    perform: (e) => e.tools.setTool('place'),
  },
  {
    id: 'tool.nothing',
    label: 'New skeleton from scratch',
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
    where: ['boxes', 'pose'],
    when: (e) => e.boxes.canEdit,
    perform: (e) => e.tools.setTool('box'),
  },
  {
    id: 'box.aroundJoints',
    label: 'Start a missing box around the joints',
    group: 'Tools',
    keys: ['Shift+W'],
    icon: SquareDashedMousePointer,
    when: (e) => e.boxes.canDraw,
    perform: (e) => e.boxes.aroundJoints(),
  },
  {
    id: 'box.keep',
    label: 'Keep a box that is older than the joints',
    group: 'Tools',
    keys: ['Shift+B'],
    icon: SquareDashedMousePointer,
    when: (e) => e.boxes.canKeep,
    perform: (e) => e.boxes.keep(),
  },
  {
    id: 'tool.hand',
    label: 'Hand: move the image',
    group: 'Tools',
    keys: ['H'],
    icon: Hand,
    perform: (e) => e.tools.setTool('hand'),
  },
  {
    id: 'undo',
    label: 'Undo',
    group: 'Tools',
    keys: ['Mod+Z'],
    held: 'steps',
    icon: Undo2,
    when: mayFinish,
    perform: undo,
  },
  {
    id: 'redo',
    label: 'Redo',
    group: 'Tools',
    keys: ['Mod+Shift+Z', 'Mod+Y'],
    held: 'steps',
    icon: Redo2,
    when: mayFinish,
    perform: (e) => {
      if (!e.ranges.redo()) e.edits.redo();
    },
  },
  {
    id: 'zoom.infant',
    label: 'Zoom to the infant',
    group: 'Display',
    keys: ['Z'],
    icon: ScanSearch,
    perform: toInfant,
  },
  {
    id: 'zoom.fit',
    label: 'Whole image',
    group: 'Display',
    keys: ['0'],
    icon: Maximize,
    perform: toImage,
  },
  {
    id: 'zoom.in',
    label: 'Zoom in',
    group: 'Display',
    keys: ['+', '='],
    held: 'steps',
    perform: zoomBy(1.25),
  },
  {
    id: 'zoom.out',
    label: 'Zoom out',
    group: 'Display',
    keys: ['-'],
    held: 'steps',
    perform: zoomBy(0.8),
  },
  {
    id: 'zoom.follow',
    label: 'Stay zoomed to the infant on every frame',
    words: 'follow keep lock',
    group: 'Display',
    keys: ['Shift+Z'],
    perform: follow,
  },
  {
    id: 'save',
    label: 'Save now',
    words: 'store send server',
    group: 'More',
    keys: ['Mod+S'],
    perform: (e) => {
      e.queue.flush();
      e.notify('Changes are saved as you work; what waited is on its way now.');
    },
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
  {
    id: 'help',
    label: 'Keys',
    words: 'help shortcuts',
    group: 'More',
    keys: ['?', 'F1'],
    perform: (e) => e.open('help'),
  },
  {
    id: 'keys',
    label: 'Change keys',
    words: 'remap shortcuts settings preset CVAT',
    group: 'More',
    keys: [],
    perform: (e) => e.open('keys'),
  },
  {
    id: 'cancel',
    label: 'Cancel the gesture, leave the tool',
    group: 'More',
    keys: ['Escape'],
    perform: cancel,
  },
];
