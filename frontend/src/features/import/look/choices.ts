import type { components } from '@/shared/api/schema.gen';

type Schemas = components['schemas'];

export type FirstPass = Schemas['FirstPass'];
export type OddKind = FirstPass['odd'][number];
export type Category = FirstPass['categories'][number];
export type Answer = OddKind['answer'];
export type Role = NonNullable<Schemas['ChoicesIn']['people']>[string];
export type Unclear = Schemas['ChoicesIn']['unclear'];

/** What a person chose on the page; what is left out goes by the rules. */
export interface Choices {
  /** Name of the format; null: as the content tells. */
  format: string | null;
  odd: Readonly<Record<string, Answer>>;
  skeletons: Readonly<Record<string, string>>;
  /** What single joints become, by the key of their skeleton; an empty text drops one. */
  joints: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What the people of a category are, by its id. */
  people: Readonly<Record<string, Role>>;
  unclear: Unclear;
  pixels: NonNullable<Schemas['ChoicesIn']['pixels']> | null;
  exif: NonNullable<Schemas['ChoicesIn']['exif']> | null;
}

export const NO_CHOICES: Choices = {
  format: null,
  odd: {},
  skeletons: {},
  joints: {},
  people: {},
  unclear: 'alone',
  pixels: null,
  exif: null,
};

/** Choices as the server takes them. */
export function toServer(choices: Choices): Schemas['ChoicesIn'] {
  return {
    ...choices,
    odd: { ...choices.odd },
    skeletons: { ...choices.skeletons },
    joints: Object.fromEntries(
      Object.entries(choices.joints).map(([key, changes]) => [key, { ...changes }]),
    ),
    people: { ...choices.people },
  };
}

/** What a person should look at before the import begins, because it is lost or guessed. */
export function toLookAt(report: FirstPass, choices: Choices): string[] {
  const kinds = report.odd.filter((odd) => odd.asks && !(odd.kind in choices.odd));
  const pixels = report.pixels.origin === 'assumed' && choices.pixels === null;
  const unknown = report.turned.unknown > 0;
  const nobody = report.unclear > 0 && choices.unclear === 'alone';
  return [
    ...kinds.map((odd) => odd.title),
    ...(pixels ? ['How joint coordinates are measured is not known'] : []),
    ...(unknown ? ['Photographs rotated by Exif'] : []),
    ...(nobody ? ['Who the infant is, is not clear everywhere'] : []),
  ];
}

/** Whether a category's joints may be taken for one of several known skeletons. */
export function canChooseSkeleton(category: Category, choices: Choices): boolean {
  if (category.joints === 0 || category.key in choices.joints) return false;
  return category.told !== 'coco' && category.told !== 'names';
}

/** Categories among which the infant may be looked for, or whose joints are to be mapped. */
export function withPeople(report: FirstPass): Category[] {
  return report.categories.filter(({ people, joints, taken }) => people > 0 || (joints && !taken));
}

/** Categories of which nobody has joints: things, or people who are only boxed. */
export function withoutPeople(report: FirstPass): Category[] {
  const shown = withPeople(report);
  return report.categories.filter((category) => !shown.includes(category));
}

/**
 * Choices after a joint of the file was said to become another of COCO's. The whole table is kept
 * as it is shown, so that what a person sees is what holds; a joint has only one origin.
 */
export function withJoint(
  choices: Choices,
  category: Category,
  joint: string,
  coco: string,
): Choices {
  const table: Record<string, string> = {};
  for (const row of category.table) {
    const now = row.joint === joint ? coco : (row.coco ?? '');
    table[row.joint] = row.joint !== joint && now && now === coco ? '' : now;
  }
  return { ...choices, joints: { ...choices.joints, [category.key]: table } };
}

/** The same with the table as it was proposed. */
export function withoutJoints(choices: Choices, key: string): Choices {
  const { [key]: _former, ...joints } = choices.joints;
  return { ...choices, joints };
}

/** Choices after it was said who the people of a category are; null: as names suggest. */
export function withRole(choices: Choices, category: string, role: Role | null): Choices {
  const { [category]: _former, ...people } = choices.people;
  return { ...choices, people: role ? { ...people, [category]: role } : people };
}
