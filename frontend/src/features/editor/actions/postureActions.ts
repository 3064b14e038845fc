/** Naming postures by key: a mode in which numbers are groups and postures. */
import { Baby } from 'lucide-react';
import { GROUP_LABELS } from '@/shared/domain/postures';
import { POSTURE_GROUPS } from '@/shared/domain/rules.gen';
import type { Editor } from '../store/Editor';
import { type Action, annotating } from './action';

const naming = (editor: Editor): boolean => editor.postures.state.on && annotating(editor);
const on = (editor: Editor): boolean => editor.postures.state.on;

const ORDINALS = ['first', 'second', 'third', 'fourth'] as const;

const DIGITS: readonly Action[] = POSTURE_GROUPS.map((group, i) => ({
  id: `posture.${i + 1}`,
  label: `Posture: ${GROUP_LABELS[group].toLowerCase()}, then the group’s ${ORDINALS[i]}`,
  group: 'Postures',
  keys: [String(i + 1)],
  where: ['postures'],
  when: naming,
  perform: (e) => e.postures.press(i + 1),
}));

/** Before all others: while postures are named, their keys mean that. */
export const POSTURE_ACTIONS: readonly Action[] = [
  {
    id: 'posture.mode',
    label: 'Name postures',
    group: 'Postures',
    keys: ['Shift+T'],
    icon: Baby,
    perform: (e) => e.postures.toggle(),
  },
  ...DIGITS,
  {
    id: 'posture.none',
    label: 'Posture: none of these from here',
    group: 'Postures',
    keys: ['0'],
    where: ['postures'],
    when: naming,
    perform: (e) => e.postures.place(null),
  },
  {
    id: 'posture.take',
    label: 'Posture: take the proposal here; within a group, the group alone',
    group: 'Postures',
    keys: ['Enter'],
    where: ['postures'],
    when: naming,
    perform: (e) => (e.postures.state.group === null ? e.postures.take() : e.postures.placeGroup()),
  },
  {
    id: 'posture.takeAll',
    label: 'Posture: take all proposals',
    group: 'Postures',
    keys: ['Shift+Enter'],
    where: ['postures'],
    when: naming,
    perform: (e) => e.postures.takeAll(),
  },
  {
    id: 'posture.markFirst',
    label: 'Posture: mark from here',
    group: 'Postures',
    keys: ['['],
    where: ['postures'],
    when: naming,
    perform: (e) => e.postures.markHere('first'),
  },
  {
    id: 'posture.markLast',
    label: 'Posture: mark up to here',
    group: 'Postures',
    keys: [']'],
    where: ['postures'],
    when: naming,
    perform: (e) => e.postures.markHere('last'),
  },
  {
    id: 'posture.undo',
    label: 'Posture: undo',
    group: 'Postures',
    keys: ['Mod+Z'],
    held: 'steps',
    where: ['postures'],
    when: naming,
    perform: (e) => e.postures.undo(),
  },
  {
    id: 'posture.redo',
    label: 'Posture: redo',
    group: 'Postures',
    keys: ['Mod+Shift+Z', 'Mod+Y'],
    held: 'steps',
    where: ['postures'],
    when: naming,
    perform: (e) => e.postures.redo(),
  },
  {
    id: 'posture.back',
    label: 'Posture: back, or done',
    group: 'Postures',
    keys: ['Escape', 'Backspace'],
    where: ['postures'],
    when: on,
    perform: (e) => e.postures.back(),
  },
];
