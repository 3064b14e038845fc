/** Every action once: toolbar, keys, command palette and help all read this list. */
import type { Editor } from '../store/Editor';
import type { Action } from './action';
import { FRAME_ACTIONS } from './frameActions';
import { JOINT_ACTIONS } from './jointActions';
import { SUSPICION_ACTIONS } from './suspicionActions';
import { TOOL_ACTIONS } from './toolActions';
import { VIEW_ACTIONS } from './viewActions';

export type { Action, Group } from './action';

/** Of actions that share a key, the first that is possible gets it. */
export const ACTIONS: readonly Action[] = [
  ...TOOL_ACTIONS,
  ...FRAME_ACTIONS,
  ...JOINT_ACTIONS,
  ...SUSPICION_ACTIONS,
  ...VIEW_ACTIONS,
];

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
