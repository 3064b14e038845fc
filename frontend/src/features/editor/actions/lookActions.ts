/** How the frame is looked at: overlay, ghosts, image, aids at the pointer. */
import { Contrast } from 'lucide-react';
import { GHOST_LABELS, ghostsOf } from '../layers/ghosts';
import type { Editor } from '../store/Editor';
import { DEFAULT_VIEW, type View } from '../store/state';
import type { Action } from './action';

type Switch = { [K in keyof View]: View[K] extends boolean ? K : never }[keyof View];
type Scale = 'brightness' | 'contrast' | 'gamma' | 'jointSize';

/** How far each can be turned. */
export const LOOK_RANGES: Readonly<Record<Scale | 'opacity', readonly [number, number]>> = {
  brightness: [0.4, 2.5],
  contrast: [0.4, 2.5],
  gamma: [0.4, 2.5],
  jointSize: [0.5, 2.5],
  opacity: [0, 1],
};

const change = (editor: Editor, view: Partial<View>): void =>
  editor.set({ view: { ...editor.state.view, ...view } });

const toggle = (name: Switch) => (editor: Editor) =>
  change(editor, { [name]: !editor.state.view[name] });

const turn = (name: Scale, by: number) => (editor: Editor) => {
  const [from, to] = LOOK_RANGES[name];
  const next = Math.min(to, Math.max(from, editor.state.view[name] * by));
  change(editor, { [name]: Math.round(next * 100) / 100 });
};

const FADES = [1, 0.5, 0.2] as const;

function fade(editor: Editor): void {
  const now = editor.state.view.opacity;
  const next = FADES.find((step) => step < now - 0.01) ?? FADES[0];
  change(editor, { opacity: next, overlay: true });
  editor.notify(`Joints at ${Math.round(100 * next)} %`);
}

/** The next ghost that there is something to draw of. */
function nextGhost(editor: Editor): void {
  const there = ghostsOf(editor.state, editor.ghostSources());
  const { ghost } = editor.state.view;
  const drawn = there.shown;
  const at = there.possible.indexOf(drawn);
  const next = there.possible[(at + 1) % there.possible.length] ?? 'off';
  if (there.possible.length === 1 && ghost === next) {
    editor.notify('There is no other skeleton of this frame to compare with.');
    return;
  }
  change(editor, { ghost: next, overlay: true });
  editor.notify(`Behind the joints: ${GHOST_LABELS[next].toLowerCase()}`);
}

export const AS_RECORDED: Partial<View> = {
  brightness: DEFAULT_VIEW.brightness,
  contrast: DEFAULT_VIEW.contrast,
  gamma: DEFAULT_VIEW.gamma,
};

export const LOOK_ACTIONS: readonly Action[] = [
  {
    id: 'view.look',
    label: 'Image and overlay: brightness, contrast, gamma, joints',
    words: 'settings display adjust opacity size',
    group: 'Display',
    keys: ['Alt+I'],
    icon: Contrast,
    perform: (e) => e.set({ looking: !e.state.looking }),
  },
  {
    id: 'view.overlay',
    label: 'Hide or show joints',
    words: 'overlay annotation skeleton',
    group: 'Display',
    keys: ['Shift+H'],
    perform: toggle('overlay'),
  },
  {
    id: 'view.peek',
    label: 'Hide joints while the key is held',
    words: 'overlay annotation skeleton peek',
    group: 'Display',
    keys: ['`'],
    where: ['pose', 'place', 'inspect', 'read'],
    when: (e) => !e.boxes.canEdit,
    perform: (e) => change(e, { peeking: true }),
    release: (e) => change(e, { peeking: false }),
  },
  {
    id: 'view.fade',
    label: 'Fade joints: whole, half, faint',
    words: 'overlay opacity transparent',
    group: 'Display',
    keys: ['Alt+H'],
    perform: fade,
  },
  {
    id: 'view.labels',
    label: 'Joint names',
    words: 'labels text',
    group: 'Display',
    keys: ['L'],
    perform: toggle('labels'),
  },
  {
    id: 'view.ghost',
    label: 'Next ghost: last round, model, frame before, none',
    words: 'compare previous skeleton behind flicker',
    group: 'Display',
    keys: ['K'],
    perform: nextGhost,
  },
  {
    id: 'view.others',
    label: 'Other people',
    words: 'adults candidates',
    group: 'Display',
    keys: ['T'],
    perform: toggle('others'),
  },
  { id: 'view.mask', label: 'Mask', group: 'Display', keys: ['Shift+M'], perform: toggle('mask') },
  {
    id: 'view.magnifier',
    label: 'Magnifier at the dragged joint',
    words: 'loupe zoom',
    group: 'Display',
    keys: [],
    perform: toggle('magnifier'),
  },
  {
    id: 'view.crosshair',
    label: 'Crosshair at the pointer',
    words: 'lines cursor',
    group: 'Display',
    keys: [],
    perform: toggle('crosshair'),
  },
  {
    id: 'view.lock',
    label: 'Lock joints against dragging',
    words: 'protect accident mouse',
    group: 'Display',
    keys: [],
    perform: (e) => {
      toggle('locked')(e);
      e.notify(e.state.view.locked ? 'Joints are locked.' : 'Joints can be dragged.');
    },
  },
  {
    id: 'look.brighter',
    label: 'Brighter',
    words: 'image light exposure',
    group: 'Display',
    keys: [],
    held: 'steps',
    perform: turn('brightness', 1.15),
  },
  {
    id: 'look.darker',
    label: 'Darker',
    words: 'image brightness exposure',
    group: 'Display',
    keys: [],
    held: 'steps',
    perform: turn('brightness', 1 / 1.15),
  },
  {
    id: 'look.contrast',
    label: 'More contrast',
    words: 'image',
    group: 'Display',
    keys: [],
    held: 'steps',
    perform: turn('contrast', 1.15),
  },
  {
    id: 'look.flat',
    label: 'Less contrast',
    words: 'image',
    group: 'Display',
    keys: [],
    held: 'steps',
    perform: turn('contrast', 1 / 1.15),
  },
  {
    id: 'look.shadows',
    label: 'Lift the shadows (gamma)',
    words: 'image dark night',
    group: 'Display',
    keys: [],
    held: 'steps',
    perform: turn('gamma', 1.15),
  },
  {
    id: 'look.deepen',
    label: 'Deepen the shadows (gamma)',
    words: 'image bright',
    group: 'Display',
    keys: [],
    held: 'steps',
    perform: turn('gamma', 1 / 1.15),
  },
  {
    id: 'look.recorded',
    label: 'Image as it was recorded',
    words: 'reset brightness contrast gamma',
    group: 'Display',
    keys: [],
    held: 'steps',
    perform: (e) => change(e, AS_RECORDED),
  },
  {
    id: 'joints.larger',
    label: 'Larger joints',
    words: 'size dots',
    group: 'Display',
    keys: [],
    held: 'steps',
    perform: turn('jointSize', 1.2),
  },
  {
    id: 'joints.smaller',
    label: 'Smaller joints',
    words: 'size dots',
    group: 'Display',
    keys: [],
    held: 'steps',
    perform: turn('jointSize', 1 / 1.2),
  },
];
