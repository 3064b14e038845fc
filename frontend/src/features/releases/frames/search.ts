/** Which frames of a release the list shows, as the address has it. */
import { DISCARD_REASONS, type DiscardReason } from '@/shared/domain/rules.gen';
import { id, oneOf, type RawSearch, text } from '@/shared/lib/search';

export const STANDINGS = ['placed', 'visible', 'occluded', 'absent'] as const;
export type Standing = (typeof STANDINGS)[number];

const SOURCES = ['youtube', 'home_visit', 'other'] as const;

const SEXES = ['female', 'male', 'unknown'] as const;

export interface FrameSearch {
  split?: string;
  recording?: number;
  infant?: number;
  source?: (typeof SOURCES)[number];
  /** Age in whole months; -1 where nobody noted it. */
  months?: number;
  /** Ages that splits balance together. */
  ages?: string;
  sex?: (typeof SEXES)[number];
  joint?: number;
  /** Of `joint`. */
  visibility?: Standing;
  posture?: string;
  /** Tenth of the box's size. */
  box?: number;
  width?: number;
  height?: number;
  fitted?: boolean;
  /** Number of a person who saved a version of its labels. */
  annotator?: number;
  /** Number of the inspector of its recording. */
  inspector?: number;
  /** Discarded frames of the release's recordings, for this reason. */
  reason?: DiscardReason | 'any';
  /** All frames of the release's recordings, whether or not it holds them. */
  raw?: boolean;
  /** The frame that is shown large. */
  frame?: number;
}

const whole = (value: unknown, low: number, high: number): number | undefined => {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= low && number <= high
    ? number
    : undefined;
};

/** The empty name is that of infants of a draft that are in no split yet. */
const split = (value: unknown): string | undefined => (value === '' ? '' : text(value));

export function frameSearch(raw: RawSearch): FrameSearch {
  const joint = whole(raw.joint, 0, 16);
  return {
    split: split(raw.split),
    recording: id(raw.recording),
    infant: id(raw.infant),
    source: oneOf(SOURCES, raw.source),
    months: whole(raw.months, -1, 60),
    ages: text(raw.ages),
    sex: oneOf(SEXES, raw.sex),
    joint,
    visibility: joint === undefined ? undefined : oneOf(STANDINGS, raw.visibility),
    posture: text(raw.posture),
    box: whole(raw.box, 0, 9),
    width: id(raw.width),
    height: id(raw.height),
    fitted: typeof raw.fitted === 'boolean' ? raw.fitted : undefined,
    annotator: id(raw.annotator),
    inspector: id(raw.inspector),
    reason: oneOf([...DISCARD_REASONS, 'any'] as const, raw.reason),
    raw: raw.raw === true ? true : undefined,
    frame: id(raw.frame),
  };
}

/** What the server is asked: everything but the frame that is shown large. */
export function asked({ frame, recording, infant, ages, ...others }: FrameSearch) {
  const { annotator, inspector, ...rest } = others;
  return {
    ...rest,
    recording_id: recording,
    infant_id: infant,
    age_group: ages,
    annotated_by: annotator,
    inspected_by: inspector,
  };
}

/** Whether the frames are those of the recordings of now, not those that the release holds. */
export const ofRecordings = ({ reason, raw }: FrameSearch): boolean =>
  raw === true || reason !== undefined;

/** One condition of the list in words, and the search without it. */
export interface Condition {
  key: string;
  words: string;
  without: FrameSearch;
}
