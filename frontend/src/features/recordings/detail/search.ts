import { FRAME_STATES, QUALITY_FLAGS, type QualityFlag } from '@/shared/domain/rules.gen';
import { id, oneOf, type RawSearch } from '@/shared/lib/search';

const RECORDING_TABS = ['frames', 'rounds', 'comments', 'activity'] as const;
export type RecordingTab = (typeof RECORDING_TABS)[number];

export const FRAME_FILTERS = [
  ...FRAME_STATES,
  'suspicious',
  'quick',
  'returned',
  'commented',
  'changed',
  'doubtful_box',
  'box_sent_back',
] as const;
export type FrameFilter = (typeof FRAME_FILTERS)[number];

/** Working order, or the most doubted frame first. */
export const FRAME_ORDERS = ['working', 'doubted'] as const;
export type FrameOrder = (typeof FRAME_ORDERS)[number];

export interface RecordingSearch {
  tab?: RecordingTab;
  state?: FrameFilter;
  quality?: QualityFlag;
  camera?: number;
  order?: FrameOrder;
  /** The import's job, so that its failure can be told after the recording is gone. */
  job?: number;
}

export const recordingSearch = (raw: RawSearch): RecordingSearch => ({
  tab: oneOf(RECORDING_TABS, raw.tab),
  state: oneOf(FRAME_FILTERS, raw.state),
  quality: oneOf(QUALITY_FLAGS, raw.quality),
  camera: id(raw.camera),
  order: oneOf(FRAME_ORDERS, raw.order),
  job: id(raw.job),
});
