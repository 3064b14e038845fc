import type { StateCounts } from '@/shared/api/types';
import { FRAME_STATES } from '@/shared/domain/rules.gen';
import { FRAME_STATE_LABELS } from '@/shared/domain/words';
import { formatNumber, formatPercent } from '@/shared/lib/format';
import { cx, FrameStateDot, SegmentedBar } from '@/shared/ui';
import css from './StateBar.module.css';

function totalFrames(counts: StateCounts): number {
  return FRAME_STATES.reduce((sum, state) => sum + counts[state], 0);
}

function decidedFrames(counts: StateCounts): number {
  return totalFrames(counts) - counts.undecided;
}

/** Decided frames first, what is left to decide last. */
const ORDER = ['accepted', 'corrected', 'discarded', 'undecided'] as const;

/** A recording's frames by state, as one bar. */
export function StateBar({ counts, height }: { counts: StateCounts; height?: number }) {
  const segments = ORDER.map((state) => ({
    key: state,
    label: FRAME_STATE_LABELS[state].toLowerCase(),
    value: counts[state],
    className: cx(css.segment, css[state]),
  }));
  return <SegmentedBar label="Frames" segments={segments} height={height} />;
}

/** The bar with its percentage of decided frames. */
export function StateProgress({ counts }: { counts: StateCounts }) {
  const total = totalFrames(counts);
  const decided = decidedFrames(counts);
  return (
    <div
      className={css.progress}
      title={`${formatNumber(decided)} of ${formatNumber(total)} decided`}
    >
      <StateBar counts={counts} />
      <span>{formatPercent(decided, total)}</span>
    </div>
  );
}

/** What the colours and signs of the bar mean, with numbers. */
export function StateLegend({ counts }: { counts: StateCounts }) {
  return (
    <ul className={css.legend}>
      {ORDER.map((state) => (
        <li key={state}>
          <FrameStateDot state={state} decorative />
          {FRAME_STATE_LABELS[state]}
          <strong>{formatNumber(counts[state])}</strong>
        </li>
      ))}
    </ul>
  );
}
