/** Where to look next, as the evidence says. */
import { errorMessage } from '@/shared/api/problem';
import { type Action, annotating } from '../actions/action';
import { accept, jumpToNext } from '../actions/edits';
import type { Editor } from '../store/Editor';

/** Go where a look helps most; where that is not known yet, to the next undecided frame. */
export async function ask(editor: Editor, since?: number): Promise<void> {
  try {
    // What was just done is evidence, too: it has to be there before the question is.
    editor.queue.flush();
    const found = await editor.travel.ask(since);
    if (found === 'nothing') editor.notify('Every frame is decided: nothing is left to ask.');
    if (found === 'check') {
      editor.notify('A frame to check by: correct what is wrong in it, then accept it.');
    }
    if (found === 'again') {
      editor.notify(
        'You accepted this frame, but the frames and cameras around it show the infant elsewhere: look again, correct it or accept it once more.',
        'warn',
      );
    }
    if (found !== 'later') return;
    jumpToNext(editor, 1, since);
    editor.notify(
      'The recording is still being looked at as a whole; this is the next open frame.',
    );
  } catch (error) {
    jumpToNext(editor, 1, since);
    editor.notify(`Where a look helps most is not known now: ${errorMessage(error)}`, 'warn');
  }
}

export const TRAVEL_ACTIONS: readonly Action[] = [
  {
    id: 'travel.along',
    label: 'What hangs on a dragged joint moves with it (Alt while dragging: the other way)',
    group: 'Joints',
    keys: ['R'],
    when: annotating,
    perform: (editor) => {
      const along = !editor.state.view.along;
      editor.set({ view: { ...editor.state.view, along } });
      editor.notify(
        along ? 'What hangs on a joint moves with it.' : 'A joint is dragged by itself.',
      );
    },
  },
  {
    id: 'travel.ask',
    label: 'Next question: the frame where a look helps most',
    group: 'Move between frames',
    keys: ['A'],
    when: annotating,
    perform: (editor, since) => void ask(editor, since),
  },
  {
    id: 'travel.acceptAndAsk',
    label: 'Accept, and go where a look helps most',
    group: 'Decide',
    keys: ['Shift+A'],
    when: annotating,
    perform: (editor, since) => {
      const before = editor.item?.id;
      accept(editor, since);
      if (editor.item?.id !== before || editor.item?.state !== 'undecided') void ask(editor, since);
    },
  },
];
