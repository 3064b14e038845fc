import type { Consent, ImportRequest, Inspection, Sex, Source } from '@/shared/api/types';
import type { CameraDraft } from './cameras';
import { type Choices, NO_CHOICES, toServer } from './look/choices';

export type ImportKind = Exclude<ImportRequest['kind'], 'coco'>;

/** What a person has filled in so far. */
export interface Draft {
  kind: ImportKind;
  /** Keys of videos. */
  videos: string[];
  /** Cameras that a person arranged; none: as the server understands the files. */
  cameras: CameraDraft[];
  /** Keys of images, archives, or videos that labels name. */
  images: string[];
  /** Keys of files of labels; they may also lie in an archive of the images. */
  labels: string[];
  name: string;
  /** The name as it was taken from a file; while it stands, another file's may take its place. */
  suggested: string;
  source: Source | '';
  pseudonym: string;
  sex: Sex | '';
  age: string;
  consent: Consent | '';
  notes: string;
  sampling: 'every' | 'fps';
  every: string;
  fps: string;
}

export const EMPTY_DRAFT: Draft = {
  kind: 'video',
  videos: [],
  cameras: [],
  images: [],
  labels: [],
  name: '',
  suggested: '',
  source: '',
  pseudonym: '',
  sex: '',
  age: '',
  consent: '',
  notes: '',
  sampling: 'every',
  every: '10',
  fps: '2',
};

const KINDS: readonly ImportKind[] = ['video', 'images', 'labels'];
const STORAGE_KEY = 'infantnet.import';

/** Words survive a reload; files cannot, they are chosen again and their uploads go on. */
export function saveDraft(draft: Draft, storage = sessionStorage): void {
  const { videos: _videos, cameras: _cameras, images: _images, labels: _labels, ...words } = draft;
  try {
    storage.setItem(STORAGE_KEY, JSON.stringify(words));
  } catch {
    // Storage is off: the form works, it only starts empty after a reload.
  }
}

export function loadDraft(storage = sessionStorage): Draft {
  try {
    const words = JSON.parse(storage.getItem(STORAGE_KEY) ?? '{}') as Partial<Draft>;
    const kind = words.kind && KINDS.includes(words.kind) ? words.kind : EMPTY_DRAFT.kind;
    return { ...EMPTY_DRAFT, ...words, kind, videos: [], cameras: [], images: [], labels: [] };
  } catch {
    return EMPTY_DRAFT;
  }
}

export function clearDraft(storage = sessionStorage): void {
  storage.removeItem(STORAGE_KEY);
}

/** All files of the draft, in the order in which they are sent. */
export function filesOf(draft: Draft): string[] {
  if (draft.kind === 'video') return draft.videos;
  return [...draft.images, ...(draft.kind === 'labels' ? draft.labels : [])];
}

export type Faults = Partial<Record<'files' | 'cameras' | 'sampling' | keyof Draft, string>>;

/** What is missing or wrong, by field; empty when the import can begin. */
export function faultsOf(draft: Draft): Faults {
  const faults: Faults = {};
  if (draft.kind === 'video') {
    if (!draft.videos.length) faults.files = 'Choose at least one video.';
    const names = draft.cameras.map((c) => c.name.trim().toLowerCase());
    if (names.some((n) => !n)) faults.cameras = 'Give every camera a name.';
    else if (new Set(names).size < names.length) {
      faults.cameras = 'Two cameras have the same name.';
    }
    const { mode, value } = samplingOf(draft);
    if (mode === 'every' && (!Number.isInteger(value) || value < 1)) {
      faults.sampling = 'A whole number of 1 or more is needed.';
    } else if (!(value > 0)) faults.sampling = 'A number above 0 is needed.';
  } else if (draft.kind === 'labels') {
    if (!draft.images.length && !draft.labels.length) {
      faults.labels = 'Choose the labels, or an archive that holds labels and images.';
    }
  } else if (!draft.images.length) {
    faults.files = 'Choose images, or one zip file with all of them.';
  }
  if (!draft.name.trim()) faults.name = 'Give the recording a name.';
  if (!draft.source) faults.source = 'Say where it comes from.';
  if (!draft.pseudonym.trim()) faults.pseudonym = 'Name the infant by a pseudonym.';
  if (!draft.consent) faults.consent = 'Say what the family agreed to.';
  const age = Number(draft.age);
  if (draft.age && !(age >= 0 && age <= 60)) faults.age = 'Months from 0 to 60.';
  return faults;
}

/** Which frames are to be taken. */
export function samplingOf(draft: Draft): { mode: Draft['sampling']; value: number } {
  return {
    mode: draft.sampling,
    value: Number(draft.sampling === 'every' ? draft.every : draft.fps),
  };
}

/**
 * The request of a draft without faults; `idOf` gives the finished upload of a file, `seen` is what
 * the server understood of the videos, `choices` what was chosen after the first pass over labels.
 */
export function toRequest(
  draft: Draft,
  idOf: (file: string) => number,
  { seen, choices = NO_CHOICES }: { seen: Inspection | null; choices?: Choices },
): ImportRequest {
  const video = draft.kind === 'video';
  return {
    kind: draft.kind,
    choices: toServer(draft.kind === 'labels' ? choices : NO_CHOICES),
    name: draft.name.trim(),
    source: draft.source as Source,
    infant: { pseudonym: draft.pseudonym.trim(), sex: draft.sex || null },
    age_months: draft.age === '' ? null : Number(draft.age),
    consent: draft.consent as Consent,
    notes: draft.notes.trim() || null,
    cameras:
      video && seen
        ? seen.cameras.map(({ name, files }) => ({
            name,
            upload_ids: files.map((file) => file.upload_id),
          }))
        : [],
    upload_ids: video ? [] : draft.images.map(idOf),
    label_upload_ids: draft.kind === 'labels' ? draft.labels.map(idOf) : [],
    sampling: samplingOf(draft),
  };
}

/** `bedroom visit.cam2.mp4` → `bedroom visit.cam2`. */
/** The name of the recording after its first file, unless a person typed one. */
export function suggestedBy(draft: Draft, first: File | undefined): Partial<Draft> {
  if (!first) return {};
  const { name, suggested, videos, images, labels } = draft;
  const alone = videos.length + images.length + labels.length === 0;
  if (name && !(name === suggested && alone)) return {};
  return { name: stem(first.name), suggested: stem(first.name) };
}

export function stem(filename: string): string {
  return filename.replace(/\.[^.]+$/, '') || filename;
}
