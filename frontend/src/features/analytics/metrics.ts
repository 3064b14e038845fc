import type { Effort } from '@/shared/api/types';
import { formatNumber, percent } from '@/shared/lib/format';
import type { Metric } from './search';

interface MetricLook {
  label: string;
  help: string;
  words: (value: number) => string;
}

const one = (value: number) => value.toFixed(1);

export const METRIC_LOOKS: Record<Metric, MetricLook> = {
  seconds_per_frame: {
    label: 'Active seconds a frame',
    help: 'Time that a frame was shown to somebody who moved, shared by cameras that were looked at together; where it was not measured, the time between saves, pauses of more than two minutes left out.',
    words: (value) => `${one(value)} s`,
  },
  frames_per_hour: {
    label: 'Frames an hour',
    help: 'Of active work.',
    words: (value) => formatNumber(Math.round(value)),
  },
  actions_per_frame: {
    label: 'Actions a frame',
    help: 'Joints moved, visibilities and verdicts set.',
    words: one,
  },
  share_accepted: {
    label: 'Accepted unmodified',
    help: 'Of the frames that were kept, those taken as they were.',
    words: percent,
  },
  share_propagated: {
    label: 'Propagated',
    help: 'Of the frames that were kept, those with joints that were inferred from other frames.',
    words: percent,
  },
  px_per_joint: {
    label: 'How far joints were moved',
    help: 'From where the pre-label had them, in pixels, of those that were moved.',
    words: (value) => `${one(value)} px`,
  },
  return_rate: {
    label: 'Return rate',
    help: 'Of the frames that an inspector marked, those to be revised.',
    words: percent,
  },
  errors_per_1000: {
    label: 'Errors found by samples',
    help: 'Wrong joints in 1,000, of the frames that inspectors looked at by a random sample.',
    words: one,
  },
  frames: {
    label: 'Frames',
    help: 'Frames of which something was saved.',
    words: formatNumber,
  },
};

/** A number in words; a dash where there is nothing to make it of. */
export function inWords(row: Effort, metric: Metric): string {
  const value = row[metric];
  return value === null ? '–' : METRIC_LOOKS[metric].words(value);
}
