import type { components } from '@/shared/api/schema.gen';

type Schemas = components['schemas'];

export type FirstPass = Schemas['FirstPass'];
export type OddKind = FirstPass['odd'][number];
export type Category = FirstPass['categories'][number];
export type Answer = OddKind['answer'];

/** What a person chose on the page; what is left out goes by the rules. */
export interface Choices {
  odd: Readonly<Record<string, Answer>>;
  skeletons: Readonly<Record<string, string>>;
  infant_category: string | null;
  pixels: NonNullable<Schemas['ChoicesIn']['pixels']> | null;
  exif: NonNullable<Schemas['ChoicesIn']['exif']> | null;
}

export const NO_CHOICES: Choices = {
  odd: {},
  skeletons: {},
  infant_category: null,
  pixels: null,
  exif: null,
};

/** Choices as the server takes them. */
export function toServer(choices: Choices): Schemas['ChoicesIn'] {
  return { ...choices, odd: { ...choices.odd }, skeletons: { ...choices.skeletons } };
}

/** What a person should look at before the import begins, because it is lost or guessed. */
export function toLookAt(report: FirstPass, choices: Choices): string[] {
  const kinds = report.odd.filter((odd) => odd.asks && !(odd.kind in choices.odd));
  const pixels = report.pixels.origin === 'assumed' && choices.pixels === null;
  const unknown = report.turned.unknown > 0;
  return [
    ...kinds.map((odd) => odd.title),
    ...(pixels ? ['How joint coordinates are measured is not known'] : []),
    ...(unknown ? ['Photographs rotated by Exif'] : []),
  ];
}

/** Whether a category's joints may be taken for one of several known skeletons. */
export function canChooseSkeleton(category: Category): boolean {
  return category.people > 0 && category.told !== 'coco' && category.told !== 'names';
}

/** Categories of which nobody has joints: things, or people who are only boxed. */
export function withoutPeople(report: FirstPass): Category[] {
  return report.categories.filter((category) => category.people === 0);
}

/** Categories among which the infant may be looked for. */
export function withPeople(report: FirstPass): Category[] {
  return report.categories.filter((category) => category.people > 0);
}
