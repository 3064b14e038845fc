/** The conditions of a list of frames, in words. */
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { humanise, labelOf, REASON_LABELS, SEX_LABELS, SOURCE_LABELS } from '@/shared/domain/words';
import { count } from '@/shared/lib/format';
import type { Condition, FrameSearch, Standing } from './search';

export const STANDING_LABELS: Readonly<Record<Standing, string>> = {
  placed: 'placed',
  visible: 'visible',
  occluded: 'occluded',
  absent: 'not present',
};

export const splitLabel = (split: string): string => split || 'no split yet';

export const monthsLabel = (months: number | null): string =>
  months === null || months < 0 ? 'age unknown' : count(months, 'month');

/** `30–40 %` of the image's side. */
export const boxLabel = (tenth: number): string => `${10 * tenth}–${10 * tenth + 10} %`;

export function conditionsOf(search: FrameSearch): Condition[] {
  const { split, recording, infant, source, months, joint, visibility, posture } = search;
  const { box, width, height, fitted, reason, raw, ages, sex, annotator, inspector } = search;
  const found: [keyof FrameSearch, string | undefined][] = [
    [
      'reason',
      reason && (reason === 'any' ? 'Discarded' : `Discarded: ${labelOf(REASON_LABELS, reason)}`),
    ],
    ['raw', raw ? 'Raw frames' : undefined],
    ['split', split === undefined ? undefined : `Split: ${splitLabel(split)}`],
    ['source', source && labelOf(SOURCE_LABELS, source)],
    ['recording', recording === undefined ? undefined : `Recording ${recording}`],
    ['infant', infant === undefined ? undefined : `Infant ${infant}`],
    ['months', months === undefined ? undefined : monthsLabel(months)],
    ['ages', ages && (ages === 'unknown' ? 'Age unknown' : `Age ${ages}`)],
    ['sex', sex && (sex === 'unknown' ? 'Sex not recorded' : labelOf(SEX_LABELS, sex))],
    [
      'joint',
      joint === undefined
        ? undefined
        : `${humanise(JOINT_LABELS[joint] ?? '')} ${STANDING_LABELS[visibility ?? 'placed']}`,
    ],
    ['posture', posture && humanise(posture)],
    ['box', box === undefined ? undefined : `Box ${boxLabel(box)} of the image`],
    ['width', width === undefined ? undefined : `${width} × ${height ?? '…'} px`],
    ['annotator', annotator === undefined ? undefined : `Annotated by person ${annotator}`],
    ['inspector', inspector === undefined ? undefined : `Inspected by person ${inspector}`],
    ['fitted', fitted === undefined ? undefined : fitted ? 'With body fit' : 'Without body fit'],
  ];
  return found.flatMap(([key, words]) =>
    words ? [{ key, words, without: drop(search, key) }] : [],
  );
}

/** Conditions that only mean something together go together. */
function drop(search: FrameSearch, key: keyof FrameSearch): FrameSearch {
  const rest = { ...search, [key]: undefined, frame: undefined };
  if (key === 'joint') rest.visibility = undefined;
  if (key === 'width') rest.height = undefined;
  return rest;
}
