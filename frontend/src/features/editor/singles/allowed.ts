/** What can be done to a frame that a person annotates alone: nothing that needs other frames. */

const GROUPS = [
  'guide.',
  'joint.',
  'joints.',
  'look.',
  'mirror',
  'person.',
  'swap',
  'tool.',
  'view.',
  'zoom.',
];

const ONES = new Set([
  'accept',
  'discard',
  'undecide',
  'next',
  'previous',
  'first',
  'last',
  'nextOpen',
  'previousOpen',
  'next.undecided',
  'pose.copy',
  'pose.paste',
  'undo',
  'redo',
  'palette',
  'help',
  'keys',
  'cancel',
]);

const NEEDS_OTHERS = new Set(['view.geometry', 'view.mask', 'tool.box']);

export const isAllowedAlone = (action: string): boolean =>
  !NEEDS_OTHERS.has(action) &&
  (ONES.has(action) || GROUPS.some((group) => action.startsWith(group)));
