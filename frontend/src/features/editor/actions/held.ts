/** What a key that is held down does again and again; each action says so itself. */
import type { Editor } from '../store/Editor';
import type { Action } from './action';
import * as edits from './edits';

/** Perform what a held key means once more. */
export function repeat({ held, perform }: Action, editor: Editor, since?: number): void {
  if (held === undefined) return;
  if (held !== 'steps' && editor.settled && held(editor)) edits.step(editor, 1, since);
  else perform(editor, since);
}
