/** Every action once: toolbar, keys, command palette and help all read this list. */
import { COMPARE_ACTS } from '../inspect/acts';
import type { Keyed } from '../personal/keymap';
import { isAllowedAlone } from '../singles/allowed';
import type { Editor } from '../store/Editor';
import { TRAVEL_ACTIONS } from '../travel/actions';
import { type Action, whereOf } from './action';
import { FRAME_ACTIONS } from './frameActions';
import { JOINT_ACTIONS } from './jointActions';
import { LOOK_ACTIONS } from './lookActions';
import { POSE_ACTIONS } from './poseActions';
import { POSTURE_ACTIONS } from './postureActions';
import { RANGE_ACTIONS } from './rangeActions';
import { SUSPICION_ACTIONS } from './suspicionActions';
import { TOOL_ACTIONS } from './toolActions';
import { VIEW_ACTIONS } from './viewActions';
import { WALK_ACTIONS } from './walkActions';

export type { Action, Group } from './action';

/** Of actions that share a key, the first that is possible gets it. */
export const ACTIONS: readonly Action[] = [
  ...POSTURE_ACTIONS,
  ...TOOL_ACTIONS,
  ...FRAME_ACTIONS,
  ...WALK_ACTIONS,
  ...JOINT_ACTIONS,
  ...POSE_ACTIONS,
  ...LOOK_ACTIONS,
  ...RANGE_ACTIONS,
  ...SUSPICION_ACTIONS,
  ...VIEW_ACTIONS,
  ...TRAVEL_ACTIONS,
];

/** The same for a person's keymap, with what inspectors do on a page of their own. */
export const KEYED: readonly Keyed[] = [
  ...ACTIONS.map((action) => ({ id: action.id, keys: action.keys, where: whereOf(action) })),
  ...COMPARE_ACTS,
];

/** Everything that has keys, in words. */
export const LISTED: readonly Listed[] = [...ACTIONS, ...COMPARE_ACTS];
export type Listed = Pick<Action, 'id' | 'label' | 'group' | 'words' | 'keys'>;

export const isPossible = (action: Action, editor: Editor): boolean =>
  (!editor.alone || isAllowedAlone(action.id)) &&
  (action.when === undefined || action.when(editor));

const byId = new Map(ACTIONS.map((action) => [action.id, action]));

/** What a key does now for this person, or null. */
export function actionFor(key: string, editor: Editor): Action | null {
  for (const id of editor.personal.keymap.actionsOn(key)) {
    const action = byId.get(id);
    if (action !== undefined && isPossible(action, editor)) return action;
  }
  return null;
}

export function actionById(id: string): Action {
  const action = byId.get(id);
  if (action === undefined) throw new Error(`There is no action ${id}.`);
  return action;
}
