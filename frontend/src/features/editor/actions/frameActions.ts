/** Deciding on frames, reviewing them, and moving between them. */
import { ArrowLeft, ArrowRight, Check, MessageSquarePlus, RefreshCw, X } from 'lucide-react';
import type { Editor } from '../store/Editor';
import { setMark } from '../store/reviews';
import {
  type Action,
  annotating,
  boxing,
  editable,
  inspecting,
  mayComment,
  mayFinish,
} from './action';
import * as edits from './edits';

function finish(editor: Editor): void {
  const { mode } = editor.state;
  if (mode === 'annotate') editor.open('submit');
  else if (mode !== 'read') editor.open('decide');
}

export const FRAME_ACTIONS: readonly Action[] = [
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
];
