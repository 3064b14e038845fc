/** What is edited of a draft: as typed, and what it means. */

import type { components } from '@/shared/api/schema.gen';
import type { Release, Source } from '@/shared/api/types';
import type { QualityFlag } from '@/shared/domain/rules.gen';
import type { EffectAsked, ReleaseEdit } from './queries';
import { parseVersion } from './versions';
import type { Audience } from './words';

type Schemas = components['schemas'];
export type Packaging = Schemas['Packaging'];
type Settings = Schemas['ReleaseSettings'];

export interface Target {
  name: string;
  /** Percent, as typed. */
  share: string;
}

/** Numbers are kept as they are typed, so that half a number can stand in its field. */
export interface Form {
  version: string;
  audience: Audience;
  licence: string;
  contact: string;
  citation: string;
  notes: string;
  /** Null means every approved recording. */
  recordings: readonly number[] | null;
  /** Null means all. */
  sources: readonly Source[] | null;
  minAge: string;
  maxAge: string;
  consentedOnly: boolean;
  demo: boolean;
  withoutFlags: readonly QualityFlag[];
  everyNth: string;
  nearDuplicates: boolean;
  maxShare: string;
  targets: readonly Target[];
  seed: string;
  packaging: Packaging;
}

export type Edits = Partial<Form>;
export type Faults = Partial<Record<keyof Form, string>>;
export const SOURCES: readonly Source[] = ['youtube', 'home_visit', 'other'];
export const MAX_SPLITS = 20;
const SPLIT_NAME = /^[a-z][a-z0-9_-]{0,39}$/;
const MAX_AGE = 60;

const typed = (value: number | null | undefined): string => (value == null ? '' : String(value));
const percent = (share: number | null | undefined): string =>
  share == null ? '' : String(Math.round(share * 1e6) / 1e4);

/** A release as its page edits it. */
export function formOf(release: Release): Form {
  const { selection, splitting, packaging } = release.settings;
  return {
    version: release.version,
    audience: release.audience as Audience,
    licence: release.licence,
    contact: release.contact,
    citation: release.citation,
    notes: release.notes,
    recordings: selection?.recordings ?? null,
    sources: selection?.sources ?? null,
    minAge: typed(selection?.min_age_months),
    maxAge: typed(selection?.max_age_months),
    consentedOnly: selection?.consented_only ?? true,
    demo: selection?.demo ?? false,
    withoutFlags: selection?.without_flags ?? [],
    everyNth: typed(selection?.every_nth ?? 1),
    nearDuplicates: selection?.near_duplicates ?? true,
    maxShare: percent(selection?.max_share),
    targets: (splitting?.targets ?? []).map(({ name, share }) => ({ name, share: percent(share) })),
    seed: typed(splitting?.seed ?? 1),
    packaging: packaging as Packaging,
  };
}

/** Only what differs from what is saved; typing something back leaves no change. */
export function changesOf(saved: Form, edits: Edits): Edits {
  const entries = Object.entries(edits).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(saved[name as keyof Form]),
  );
  return Object.fromEntries(entries) as Edits;
}

function numberIn(text: string, low: number, high: number, whole = false): number | null {
  const trimmed = text.trim();
  const value = Number(trimmed);
  if (!trimmed || !Number.isFinite(value) || value < low || value > high) return null;
  return whole && !Number.isInteger(value) ? null : value;
}

/** Sum of the shares in percent; null while one of them is no number. */
export function sumOfShares(targets: readonly Target[]): number | null {
  let sum = 0;
  for (const { share } of targets) {
    const value = numberIn(share, 0, 100);
    if (value === null) return null;
    sum += value;
  }
  return Math.round(sum * 1e4) / 1e4;
}

function faultOfTargets(targets: readonly Target[]): string | undefined {
  const names = targets.map((target) => target.name);
  const strange = names.find((name) => !SPLIT_NAME.test(name));
  if (strange !== undefined) {
    return strange
      ? `“${strange}” is no name of a split: small letters, figures, - and _, a letter first.`
      : 'A split has no name.';
  }
  if (new Set(names).size < names.length) return 'Two splits have the same name.';
  const sum = sumOfShares(targets);
  if (sum === null || targets.some(({ share }) => numberIn(share, 0, 100) === 0)) {
    return 'Each share is a number above 0 and up to 100.';
  }
  return Math.abs(sum - 100) > 0.1 ? `The shares add up to ${sum} %, not to 100 %.` : undefined;
}

/** What cannot be saved as it is, by field. */
export function faultsOf(form: Form): Faults {
  const faults: Faults = {};
  if (!parseVersion(form.version)) faults.version = 'Three whole numbers, such as 1.0.0.';
  for (const name of ['minAge', 'maxAge'] as const) {
    if (form[name].trim() && numberIn(form[name], 0, MAX_AGE) === null) {
      faults[name] = `Months from 0 to ${MAX_AGE}.`;
    }
  }
  const [low, high] = [numberIn(form.minAge, 0, MAX_AGE), numberIn(form.maxAge, 0, MAX_AGE)];
  if (low !== null && high !== null && low > high) {
    faults.maxAge = 'The oldest is younger than the youngest.';
  }
  if (numberIn(form.everyNth, 1, 10_000, true) === null) {
    faults.everyNth = 'A whole number from 1 to 10,000.';
  }
  if (form.maxShare.trim() && !numberIn(form.maxShare, 0, 100)) {
    faults.maxShare = 'A percentage above 0 and up to 100.';
  }
  if (numberIn(form.seed, 0, 2 ** 31 - 1, true) === null) faults.seed = 'A whole number from 0.';
  if (form.sources?.length === 0) faults.sources = 'Choose at least one source.';
  if (form.recordings?.length === 0) faults.recordings = 'Choose at least one recording.';
  const targets = faultOfTargets(form.targets);
  if (targets) faults.targets = targets;
  return faults;
}

const FIELDS_OF_EFFECT: readonly (keyof Form)[] = [
  'recordings',
  'sources',
  'minAge',
  'maxAge',
  'everyNth',
  'maxShare',
  'seed',
  'targets',
];

function settingsOf(form: Form): Settings {
  const share = numberIn(form.maxShare, 0, 100);
  return {
    selection: {
      recordings: form.recordings ? [...form.recordings] : null,
      sources: form.sources ? [...form.sources] : null,
      min_age_months: numberIn(form.minAge, 0, MAX_AGE),
      max_age_months: numberIn(form.maxAge, 0, MAX_AGE),
      consented_only: form.consentedOnly,
      demo: form.demo,
      without_flags: [...form.withoutFlags],
      every_nth: numberIn(form.everyNth, 1, 10_000, true) ?? 1,
      near_duplicates: form.nearDuplicates,
      max_share: share === null ? null : share / 100,
    },
    splitting: {
      targets: form.targets.map(({ name, share: typedShare }) => ({
        name,
        share: Number(typedShare) / 100,
      })),
      seed: Number(form.seed),
    },
    packaging: form.packaging,
  };
}

/** What to ask the effect of; null while something that decides it cannot be read. */
export function effectAskedBy(form: Form): EffectAsked | null {
  const faults = faultsOf(form);
  if (FIELDS_OF_EFFECT.some((name) => faults[name])) return null;
  return { settings: settingsOf(form), audience: form.audience };
}

const WORDS = ['version', 'audience', 'licence', 'contact', 'citation', 'notes'] as const;

/** The body that saves changes: settings go as a whole, words one by one. */
export function editOf(form: Form, changes: Edits): ReleaseEdit {
  const names = Object.keys(changes) as (keyof Form)[];
  const words = Object.fromEntries(
    WORDS.filter((name) => names.includes(name)).map((name) => [name, form[name].trim()]),
  );
  const settings = names.some((name) => !(WORDS as readonly string[]).includes(name));
  return { ...words, ...(settings ? { settings: settingsOf(form) } : {}) };
}
