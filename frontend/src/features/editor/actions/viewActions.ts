/** Several cameras: which are shown, which is worked in, and what they say to each other. */
import { Axis3d, Grid2x2, LayoutPanelLeft, Square, Waypoints } from 'lucide-react';
import type { Editor } from '../store/Editor';
import { LAYOUTS } from '../store/state';
import type { Action } from './action';
import { acceptMoment } from './edits';

const several = (editor: Editor): boolean => editor.views.possible;
const shown = (editor: Editor): boolean => editor.views.on;
const accepting = (editor: Editor): boolean =>
  editor.views.on && editor.state.mode === 'annotate' && editor.state.calibration !== null;

function nextLayout(editor: Editor): void {
  const at = LAYOUTS.indexOf(editor.state.views.layout);
  editor.views.setLayout(LAYOUTS[(at + 1) % LAYOUTS.length] ?? 'single');
}

const camera = (n: number): Action => ({
  id: `camera.${n}`,
  label: `Camera ${n}`,
  group: 'Cameras',
  keys: [`Alt+${n}`],
  when: (e) => shown(e) && e.views.cameras.length >= n,
  perform: (e) => {
    const id = e.views.cameras[n - 1];
    if (id !== undefined) e.views.activate(id, true);
  },
});

export const VIEW_ACTIONS: readonly Action[] = [
  {
    id: 'views.layout',
    label: 'One camera, one large with the others beside it, or a grid',
    group: 'Cameras',
    keys: ['I'],
    when: several,
    perform: nextLayout,
  },
  {
    id: 'views.single',
    label: 'Show one camera',
    group: 'Cameras',
    keys: [],
    icon: Square,
    when: several,
    perform: (e) => e.views.setLayout('single'),
  },
  {
    id: 'views.beside',
    label: 'Show one camera large, the others beside it',
    group: 'Cameras',
    keys: [],
    icon: LayoutPanelLeft,
    when: several,
    perform: (e) => e.views.setLayout('beside'),
  },
  {
    id: 'views.grid',
    label: 'Show all cameras at the same size',
    group: 'Cameras',
    keys: [],
    icon: Grid2x2,
    when: several,
    perform: (e) => e.views.setLayout('grid'),
  },
  {
    id: 'camera.next',
    label: 'Next camera of the moment',
    group: 'Cameras',
    keys: ['C'],
    when: shown,
    perform: (e) => e.views.cycle(1),
  },
  {
    id: 'camera.previous',
    label: 'Previous camera',
    group: 'Cameras',
    keys: ['Shift+C'],
    when: shown,
    perform: (e) => e.views.cycle(-1),
  },
  ...[1, 2, 3, 4].map(camera),
  {
    id: 'views.accept',
    label: 'Take the selected joint from the other views',
    group: 'Cameras',
    keys: ['E'],
    icon: Waypoints,
    when: accepting,
    perform: (e) => e.views.accept({ joints: 'selected', panes: 'active' }),
  },
  {
    id: 'views.acceptBody',
    label: 'Take the whole body from the other views',
    group: 'Cameras',
    keys: ['Shift+E'],
    when: accepting,
    perform: (e) => e.views.accept({ joints: 'body', panes: 'active' }),
  },
  {
    id: 'views.acceptEverywhere',
    label: 'Place the selected joint in all views that lack it',
    group: 'Cameras',
    keys: ['Mod+E'],
    when: accepting,
    perform: (e) => e.views.accept({ joints: 'selected', panes: 'all' }),
  },
  {
    id: 'views.acceptBodyEverywhere',
    label: 'Place the whole body in all views that lack joints',
    group: 'Cameras',
    keys: ['Mod+Shift+E'],
    when: accepting,
    perform: (e) => e.views.accept({ joints: 'body', panes: 'all' }),
  },
  {
    id: 'accept.moment',
    label: 'Accept all cameras of the moment and go on',
    group: 'Cameras',
    keys: ['Shift+Space'],
    held: 'steps',
    when: (e) => shown(e) && e.state.mode === 'annotate',
    perform: acceptMoment,
  },
  {
    id: 'view.geometry',
    label: 'Lines and points from the other cameras',
    group: 'Cameras',
    keys: ['Shift+P'],
    when: shown,
    perform: (e) => {
      const { view } = e.state;
      e.set({ view: { ...view, geometry: !view.geometry } });
    },
  },
  {
    id: 'views.scene',
    label: 'Figure and cameras in 3D',
    group: 'Cameras',
    keys: ['Shift+J'],
    icon: Axis3d,
    when: shown,
    perform: (e) => e.views.change({ scene: !e.state.views.scene }),
  },
  {
    id: 'views.strip',
    label: 'Errors over time',
    group: 'Cameras',
    keys: ['Shift+K'],
    when: shown,
    perform: (e) => e.views.change({ strip: !e.state.views.strip }),
  },
];
