/** What is edited of a draft: as typed, and what it means. */

import type { components } from '@/shared/api/schema.gen';
import type { Release, Source } from '@/shared/api/types';
import type { Posture, QualityFlag } from '@/shared/domain/rules.gen';
import { labelOf, SOURCE_LABELS } from '@/shared/domain/words';
import type { EffectAsked, ReleaseEdit } from './queries';
import { parseVersion } from './versions';
import type { Audience } from './words';

type Schemas = components['schemas'];
/** All that is written beside the annotations; what this page does not show stays as it is. */
export type Packaging = Required<Schemas['Packaging']>;
type Settings = Schemas['ReleaseSettings'];
export type PlaybackPolicy = Schemas['PlaybackPolicy'];

export interface Target {
  name: string;
  /** Percent, as typed. */
  share: string;
}

export type SourceShares = Readonly<Partial<Record<Source, Readonly<Record<string, string>>>>>;

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
  /** Null means every frame, also without a posture. */
  postures: readonly Posture[] | null;
  postureRequired: boolean;
  withoutFlags: readonly QualityFlag[];
  everyNth: string;
  nearDuplicates: boolean;
  maxShare: string;
  targets: readonly Target[];
  /** Shares in percent, as typed, of sources that differ from the others. */
  bySource: SourceShares;
  /** How many folds; null where targets have shares. */
  folds: string | null;
  seed: string;
  packaging: Packaging;
  playback: PlaybackPolicy;
  /** Percent of frames accepted in playback that are checked one by one, as typed. */
  playbackShare: string;
  playbackSeed: number;
}

export type Edits = Partial<Form>;
export type Faults = Partial<Record<keyof Form, string>>;
export const SOURCES: readonly Source[] = ['youtube', 'home_visit', 'other'];
export const MAX_SPLITS = 20;
export const DEFAULT_TARGETS: readonly Target[] = [
  { name: 'train', share: '80' },
  { name: 'val', share: '10' },
  { name: 'test', share: '10' },
];
const SPLIT_NAME = /^[a-z][a-z0-9_-]{0,39}$/;
const MAX_AGE = 60;

const typed = (value: number | null | undefined): string => (value == null ? '' : String(value));
const percent = (share: number | null | undefined): string =>
  share == null ? '' : String(Math.round(share * 1e6) / 1e4);

function sharesOf(bySource: Schemas['Splitting']['by_source']): SourceShares {
  return Object.fromEntries(
    Object.entries(bySource ?? {}).map(([source, parts]) => [
      source,
      Object.fromEntries(Object.entries(parts ?? {}).map(([name, part]) => [name, percent(part)])),
    ]),
  );
}

/** The sides of the split: the targets, or the folds that are asked for. */
export function sidesOf({ targets, folds }: Pick<Form, 'targets' | 'folds'>): readonly Target[] {
  if (folds === null) return targets;
  const k = numberIn(folds, 2, MAX_SPLITS, true);
  if (k === null) return [];
  return Array.from({ length: k }, (_, i) => ({ name: `fold_${i + 1}`, share: percent(1 / k) }));
}

/** A release as its page edits it. */
export function formOf(release: Release): Form {
  const { selection, splitting, packaging, playback } = release.settings;
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
    postures: selection?.postures ?? null,
    postureRequired: selection?.posture_required ?? false,
    withoutFlags: selection?.without_flags ?? [],
    everyNth: typed(selection?.every_nth ?? 1),
    nearDuplicates: selection?.near_duplicates ?? true,
    maxShare: percent(selection?.max_share),
    targets: (splitting?.targets ?? []).map(({ name, share }) => ({ name, share: percent(share) })),
    bySource: sharesOf(splitting?.by_source),
    folds: splitting?.folds == null ? null : String(splitting.folds),
    seed: typed(splitting?.seed ?? 1),
    packaging: packaging as Packaging,
    playback: playback?.policy ?? 'sampled',
    playbackShare: percent(playback?.share ?? 0.05),
    playbackSeed: playback?.seed ?? 1,
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

function faultOfSources(form: Form): string | undefined {
  for (const [source, parts] of Object.entries(form.bySource)) {
    const values = form.targets.map(({ name }) => numberIn(parts[name] ?? '0', 0, 100));
    if (values.includes(null)) return `${source}: each share is a number from 0 to 100.`;
    const sum = Math.round(values.reduce((all: number, one) => all + (one ?? 0), 0) * 1e4) / 1e4;
    if (Math.abs(sum - 100) > 0.1) {
      return `The shares of ${labelOf(SOURCE_LABELS, source)} add up to ${sum} %, not to 100 %.`;
    }
  }
  return undefined;
}

function faultsOfSplitting(form: Form): Faults {
  if (form.folds !== null) {
    return numberIn(form.folds, 2, MAX_SPLITS, true) === null
      ? { folds: `A whole number from 2 to ${MAX_SPLITS}.` }
      : {};
  }
  const targets = faultOfTargets(form.targets);
  if (targets) return { targets };
  const bySource = faultOfSources(form);
  return bySource ? { bySource } : {};
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
  if (!numberIn(form.playbackShare, 0, 100)) {
    faults.playbackShare = 'A percentage above 0 and up to 100.';
  }
  if (form.sources?.length === 0) faults.sources = 'Choose at least one source.';
  if (form.postures?.length === 0) faults.postures = 'Choose at least one posture.';
  if (form.recordings?.length === 0) faults.recordings = 'Choose at least one recording.';
  return { ...faults, ...faultsOfSplitting(form) };
}

const FIELDS_OF_EFFECT: readonly (keyof Form)[] = [
  'recordings',
  'sources',
  'postures',
  'minAge',
  'maxAge',
  'everyNth',
  'maxShare',
  'seed',
  'playbackShare',
  'targets',
  'bySource',
  'folds',
];

function partsOf({ bySource, targets }: Form): Record<string, Record<string, number>> {
  return Object.fromEntries(
    Object.entries(bySource).map(([source, parts]) => [
      source,
      Object.fromEntries(targets.map(({ name }) => [name, Number(parts[name] ?? 0) / 100])),
    ]),
  );
}

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
      postures: form.postures ? [...form.postures] : null,
      posture_required: form.postureRequired,
      without_flags: [...form.withoutFlags],
      every_nth: numberIn(form.everyNth, 1, 10_000, true) ?? 1,
      near_duplicates: form.nearDuplicates,
      max_share: share === null ? null : share / 100,
    },
    splitting: {
      targets: sidesOf(form).map((target) => ({
        name: target.name,
        share: Number(target.share) / 100,
      })),
      by_source: form.folds === null ? partsOf(form) : {},
      folds: form.folds === null ? null : Number(form.folds),
      seed: Number(form.seed),
    },
    packaging: form.packaging,
    playback: {
      policy: form.playback,
      share: Number(form.playbackShare) / 100,
      seed: form.playbackSeed,
    },
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
