/** Words, codes and keys of postures; the list itself is generated from `backend/domain`. */
import { POSTURE_GROUPS, POSTURES_OF, type Posture, type PostureGroup } from './rules.gen';

/** What is said of a moment: a posture, or only its group. */
export interface PostureLabel {
  readonly group: PostureGroup;
  readonly posture: Posture | null;
}

export const GROUP_LABELS: Readonly<Record<PostureGroup, string>> = {
  prone: 'Prone',
  supine: 'Supine',
  sitting: 'Sitting',
  standing: 'Standing',
};

export const POSTURE_LABELS: Readonly<Record<Posture, string>> = {
  prone_lying: 'Prone lying',
  forearm_support: 'Forearm support',
  reciprocal_crawling: 'Reciprocal crawling',
  four_point_kneeling: 'Four-point kneeling',
  supine_lying: 'Supine lying',
  hands_to_knees_or_feet: 'Hands to knees or feet',
  rolling: 'Rolling',
  sitting_with_support: 'Sitting with support',
  sitting_with_arm_support: 'Sitting with arm support',
  sitting_without_support: 'Sitting without support',
  four_point_standing: 'Four-point standing',
  standing: 'Standing',
};

/** For narrow places: a lane under the filmstrip. */
export const POSTURE_SHORT: Readonly<Record<Posture, string>> = {
  prone_lying: 'prone',
  forearm_support: 'forearms',
  reciprocal_crawling: 'crawls',
  four_point_kneeling: 'four-point',
  supine_lying: 'supine',
  hands_to_knees_or_feet: 'hands to feet',
  rolling: 'rolls',
  sitting_with_support: 'sits, supported',
  sitting_with_arm_support: 'sits, on arms',
  sitting_without_support: 'sits',
  four_point_standing: 'on four feet',
  standing: 'stands',
};

/** Two digits as they are typed: the group's, and the posture's in it or 0. */
export function codeOf({ group, posture }: PostureLabel): string {
  const place = posture === null ? 0 : POSTURES_OF[group].indexOf(posture) + 1;
  return `${POSTURE_GROUPS.indexOf(group) + 1}${place}`;
}

export const namePosture = ({ group, posture }: PostureLabel): string =>
  posture === null ? `${GROUP_LABELS[group]}, posture not named` : POSTURE_LABELS[posture];

export const sameLabel = (a: PostureLabel, b: PostureLabel): boolean =>
  a.group === b.group && a.posture === b.posture;

/** The name of a code as it is stored, such as 33 or, where only the group is known, 30. */
export function nameOfCode(code: number): string {
  const group = POSTURE_GROUPS[Math.floor(code / 10) - 1];
  if (group === undefined) return 'no posture';
  return namePosture({ group, posture: POSTURES_OF[group][(code % 10) - 1] ?? null });
}
