import { id, oneOf, type RawSearch } from '@/shared/lib/search';

export const BYS = ['person', 'recording', 'week'] as const;
export const METRICS = [
  'seconds_per_frame',
  'frames_per_hour',
  'actions_per_frame',
  'share_accepted',
  'share_propagated',
  'px_per_joint',
  'return_rate',
  'errors_per_1000',
  'frames',
] as const;
export const SPANS = [4, 12, 26, 52] as const;

export type By = (typeof BYS)[number];
export type Metric = (typeof METRICS)[number];

export interface AnalyticsSearch {
  by?: By;
  metric?: Metric;
  /** Weeks to look back. */
  weeks?: number;
  person?: number;
}

export const analyticsSearch = (raw: RawSearch): AnalyticsSearch => ({
  by: oneOf(BYS, raw.by),
  metric: oneOf(METRICS, raw.metric),
  weeks: SPANS.find((weeks) => weeks === id(raw.weeks)),
  person: id(raw.person),
});
