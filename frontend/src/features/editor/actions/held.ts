/**
 * What a key that is held down does again and again: only what goes on by steps.
 *
 * The keyboard repeats a held key thirty times a second. What switches something on and off, opens
 * something or asks a question happens once. What decides a frame and goes on decides only frames
 * that nobody decided: a hand that lies on Space passes over what was discarded or sent back.
 */
import type { Editor } from '../store/Editor';
import type { Action } from './action';
import * as edits from './edits';

const STEPS: ReadonlySet<string> = new Set([
  'next',
  'previous',
  'forward',
  'back',
  'nextOpen',
  'previousOpen',
  'next.undecided',
  'next.returned',
  'next.comment',
  'suspicion.next',
  'suspicion.previous',
  'range.extendForward',
  'range.extendBack',
  'joint.next',
  'joint.previous',
  'undo',
  'redo',
  'posture.undo',
  'posture.redo',
  'zoom.in',
  'zoom.out',
  'accept.moment',
]);
/** Small steps in a direction, or of brightness, contrast and size. */
const STEP = /^(nudge\.|guide\.(left|right|up|down)|look\.|joints\.(larger|smaller))/;

/** What decides a frame and goes on: whether the frame is decided already. */
const DECIDED: Readonly<Record<string, (editor: Editor) => boolean>> = {
  accept: ({ state, item }) =>
    state.document?.decision.verdict !== 'undecided' && item?.returned !== true,
  'mark.good': ({ state }) => state.document?.mark !== null,
  'box.approve': ({ boxes }) => (boxes.current?.status ?? 'proposed') !== 'proposed',
};

/** Perform what a held key means once more. */
export function repeat(action: Action, editor: Editor, since?: number): void {
  const decided = DECIDED[action.id];
  if (decided === undefined) {
    if (STEPS.has(action.id) || STEP.test(action.id)) action.perform(editor, since);
  } else if (editor.settled && decided(editor)) edits.step(editor, 1, since);
  else action.perform(editor, since);
}
