import { ChevronLeft, ChevronRight } from 'lucide-react';
import { cx, IconButton } from '@/shared/ui';
import css from './Scrubber.module.css';

interface ScrubberProps {
  time: number;
  range: readonly [number, number];
  /** Where pictures of every source frame are there. */
  instants: readonly number[];
  /** Seconds of one frame. */
  step: number;
  onTime: (time: number) => void;
  /** By pictures of the first camera. */
  onStep: (count: 1 | -1) => void;
}

/** Session time, with the spots at which every source frame can be seen. */
export function Scrubber({
  time,
  range: [begin, end],
  instants,
  step,
  onTime,
  onStep,
}: ScrubberProps) {
  const span = Math.max(end - begin, 1e-3);
  return (
    <div className={css.bar}>
      <IconButton label="One frame back" shortcut="," onClick={() => onStep(-1)}>
        <ChevronLeft size={16} />
      </IconButton>
      <div className={cx(css.track, instants.length > 0 && css.spotted)}>
        <input
          type="range"
          aria-label="Common time"
          aria-valuetext={`${time.toFixed(3)} seconds`}
          min={begin}
          max={end}
          step={step / 4}
          value={time}
          onChange={(event) => onTime(Number(event.target.value))}
        />
        <div className={css.spots}>
          {instants.map((at, i) => (
            <button
              key={at}
              type="button"
              style={{ left: `${(100 * (at - begin)) / span}%` }}
              aria-label={`Spot ${i + 1} with every source frame, at ${at.toFixed(1)} seconds`}
              title="Every source frame can be seen here"
              data-near={Math.abs(at - time) < 0.6 || undefined}
              onClick={() => onTime(at)}
            />
          ))}
        </div>
      </div>
      <IconButton label="One frame forward" shortcut="." onClick={() => onStep(1)}>
        <ChevronRight size={16} />
      </IconButton>
      <output className={css.time}>{time.toFixed(3)} s</output>
    </div>
  );
}
