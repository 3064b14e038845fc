/** The infant's joints: choosing, moving, and saying how they are seen. */
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { type Action, DIRECTIONS, posing, selected } from './action';
import * as edits from './edits';

/** Suffix of the id, pixels, and what is held beside the arrow. */
const STEPS = [
  ['', 1, ''],
  ['10', 10, 'Shift+'],
  ['Fine', 0.1, 'Alt+'],
] as const;

const NUDGES: readonly Action[] = STEPS.flatMap(([suffix, px, held]) =>
  DIRECTIONS.map(
    ([name, key, dx, dy]): Action => ({
      id: `nudge.${name}${suffix}`,
      label: `Nudge ${px === 1 ? '' : `${px} px `}${name}`,
      words: 'move shift pixel arrow',
      group: 'Joints',
      keys: [`${held}${key}`],
      held: 'steps',
      when: selected,
      perform: (e) => edits.nudge(e, dx * px, dy * px),
    }),
  ),
);

/** The second key after J: the part's letter, with Shift for the right side. */
const LETTERS: Readonly<Record<string, string>> = {
  nose: 'N',
  eye: 'E',
  ear: 'R',
  shoulder: 'S',
  elbow: 'B',
  wrist: 'W',
  hip: 'H',
  knee: 'K',
  ankle: 'A',
};

const DIRECT: readonly Action[] = JOINT_LABELS.map((label, joint): Action => {
  const letter = LETTERS[label.split(' ').at(-1) ?? ''] ?? '';
  const shift = label.startsWith('right') ? 'Shift+' : '';
  return {
    id: `joint.at.${joint}`,
    label: `Select the ${label}`,
    words: 'joint go to choose',
    group: 'Joints',
    keys: [`J ${shift}${letter}`],
    perform: (e) => edits.selectJoint(e, joint),
  };
});

export const JOINT_ACTIONS: readonly Action[] = [
  {
    id: 'joint.visible',
    label: 'Visible (the joint under the pointer, or the selected one)',
    words: 'seen visibility',
    group: 'Joints',
    keys: ['1'],
    when: posing,
    perform: (e) => edits.setVisibility(e, 2),
  },
  {
    id: 'joint.occluded',
    label: 'Occluded',
    words: 'hidden covered visibility',
    group: 'Joints',
    keys: ['2'],
    when: posing,
    perform: (e) => edits.setVisibility(e, 1),
  },
  {
    id: 'joint.absent',
    label: 'Not present',
    words: 'absent delete remove outside visibility',
    group: 'Joints',
    keys: ['3', 'O', 'Delete', 'Backspace'],
    when: posing,
    perform: (e) => edits.setVisibility(e, 0),
  },
  {
    id: 'joint.toggleOccluded',
    label: 'Toggle occluded (or right-click)',
    group: 'Joints',
    keys: ['Q'],
    when: posing,
    perform: edits.toggleOccluded,
  },
  {
    id: 'joints.visible',
    label: 'All placed joints visible',
    words: 'everything seen visibility',
    group: 'Joints',
    keys: ['Shift+1'],
    when: posing,
    perform: edits.allVisible,
  },
  {
    id: 'joint.next',
    label: 'Next joint',
    group: 'Joints',
    keys: ['.'],
    held: 'steps',
    perform: (e) => edits.cycleJoint(e, 1),
  },
  {
    id: 'joint.previous',
    label: 'Previous joint',
    group: 'Joints',
    keys: [','],
    held: 'steps',
    perform: (e) => edits.cycleJoint(e, -1),
  },
  ...NUDGES,
  {
    id: 'person.next',
    label: 'Next person as the infant',
    group: 'Joints',
    keys: [']'],
    when: posing,
    perform: (e) => edits.cycleCandidate(e, 1),
  },
  {
    id: 'person.previous',
    label: 'Previous person as the infant',
    group: 'Joints',
    keys: ['['],
    when: posing,
    perform: (e) => edits.cycleCandidate(e, -1),
  },
  ...DIRECT,
];
