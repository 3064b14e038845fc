import { ChevronLeft, ChevronRight, Keyboard, Pause, Play, X } from 'lucide-react';
import { type PointerEvent, useId, useMemo, useRef } from 'react';
import {
  formatPx,
  LOOK_LABELS,
  LOOKS,
  lookOf,
  type MomentLook,
} from '@/features/fits/bodies/facts';
import { layTimeline, momentUnder, signsPath } from '@/features/fits/bodies/timeline';
import { count, formatNumber } from '@/shared/lib/format';
import { Button, cx, IconButton } from '@/shared/ui';
import { useSize } from '@/shared/ui/useSize';
import css from './Timeline.module.css';
import { useWorkbench } from './workbench';

const CHART = 64;
const BAND = 14;

function formatTime(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - 60 * minutes).toFixed(2).padStart(5, '0')}`;
}

/** Fills of the band: hatchings that read without colour. */
function Patterns({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={`${id}-rejected`} width="5" height="5" patternUnits="userSpaceOnUse">
        <path d="M-1 1 1-1M0 5 5 0M4 6 6 4" className={css.hatchRejected} />
      </pattern>
      <pattern id={`${id}-stale`} width="4" height="4" patternUnits="userSpaceOnUse">
        <circle cx="1.5" cy="1.5" r="1" className={css.dotStale} />
      </pattern>
      <pattern id={`${id}-failed`} width="4" height="4" patternUnits="userSpaceOnUse">
        <path d="M2 0V4" className={css.hatchFailed} />
      </pattern>
    </defs>
  );
}

function Sign({ look }: { look: MomentLook }) {
  const d = signsPath([{ at: 0, x: 6, y: 6, look, beyond: false }], look, 3.5);
  return (
    <svg width="12" height="12" aria-hidden>
      {look === 'none' ? (
        <path d="M2 6h8" className={css.none} />
      ) : (
        <path d={d} className={css[look]} />
      )}
    </svg>
  );
}

function Legend() {
  const { moments, fitOf } = useWorkbench();
  const many = new Map<MomentLook, number>();
  for (const moment of moments) {
    const look = lookOf(fitOf(moment.id));
    many.set(look, (many.get(look) ?? 0) + 1);
  }
  return (
    <ul className={css.legend} aria-label="Moments by state">
      {LOOKS.filter((look) => many.has(look)).map((look) => (
        <li key={look}>
          <Sign look={look} />
          {LOOK_LABELS[look]} <strong>{formatNumber(many.get(look) ?? 0)}</strong>
        </li>
      ))}
    </ul>
  );
}

function Head({ onKeys }: { onKeys: () => void }) {
  const { cursor, moments, moment, playing, setPlaying, goTo, selecting, range, clearRange } =
    useWorkbench();
  return (
    <div className={css.head}>
      <IconButton
        label="Previous moment"
        shortcut="D"
        size="sm"
        side="top"
        disabled={cursor === 0}
        onClick={() => goTo(cursor - 1)}
      >
        <ChevronLeft size={16} />
      </IconButton>
      <IconButton
        label={playing ? 'Pause' : 'Play at real speed'}
        shortcut="Space"
        size="sm"
        side="top"
        onClick={() => setPlaying(!playing)}
      >
        {playing ? <Pause size={16} /> : <Play size={16} />}
      </IconButton>
      <IconButton
        label="Next moment"
        shortcut="F"
        size="sm"
        side="top"
        disabled={cursor === moments.length - 1}
        onClick={() => goTo(cursor + 1)}
      >
        <ChevronRight size={16} />
      </IconButton>
      <p className={cx(css.where, 'tabular')}>
        <strong>Moment {cursor + 1}</strong> of {formatNumber(moments.length)} ·{' '}
        {formatTime(moment.time_s)}
      </p>
      {selecting ? (
        <Button
          size="sm"
          variant="ghost"
          icon={<X size={14} aria-hidden />}
          onClick={clearRange}
          title="Clear the selection (Esc)"
        >
          {count(range[1] - range[0] + 1, 'moment')} selected
        </Button>
      ) : null}
      <Legend />
      <IconButton label="Keys" shortcut="?" size="sm" side="top" onClick={onKeys}>
        <Keyboard size={16} />
      </IconButton>
    </div>
  );
}

/** All moments of the recording: where each fit stands, and how large its error is. */
export function Timeline({ onKeys }: { onKeys: () => void }) {
  const { moments, fitOf, gatePx, cursor, range, selecting, goTo } = useWorkbench();
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const { width } = useSize(box);
  const layout = useMemo(
    () => layTimeline(moments, fitOf, gatePx, Math.max(1, width), CHART),
    [moments, fitOf, gatePx, width],
  );
  const radius = Math.max(1.5, Math.min(4.5, layout.step / 2.4));
  const scrub = (event: PointerEvent<HTMLElement>, begins: boolean) => {
    if (!begins && !(event.buttons & 1)) return;
    const { left } = event.currentTarget.getBoundingClientRect();
    const at = momentUnder(event.clientX - left, width, moments.length);
    if (begins) event.currentTarget.setPointerCapture(event.pointerId);
    if (at !== cursor || begins) goTo(at, event.shiftKey);
  };
  const fit = fitOf(moments[cursor]?.id ?? 0);
  const x = cursor * layout.step;
  return (
    <section className={css.timeline} aria-label="Timeline">
      <Head onKeys={onKeys} />
      <div className={css.chart}>
        <div className={css.axis} aria-hidden>
          <span style={{ top: layout.gateY }}>{formatNumber(gatePx)} px</span>
        </div>
        <div
          ref={box}
          className={css.box}
          role="slider"
          tabIndex={0}
          aria-label="Moment"
          aria-valuemin={1}
          aria-valuemax={moments.length}
          aria-valuenow={cursor + 1}
          aria-valuetext={`Moment ${cursor + 1}, ${LOOK_LABELS[lookOf(fit)]}${
            fit ? `, ${formatPx(fit.mean_error_px)} px` : ''
          }`}
          onPointerDown={(event) => scrub(event, true)}
          onPointerMove={(event) => scrub(event, false)}
        >
          <svg width={width} height={CHART + BAND + 6} aria-hidden>
            <Patterns id={id} />
            {selecting ? (
              <rect
                className={css.selection}
                x={range[0] * layout.step}
                width={(range[1] - range[0] + 1) * layout.step}
                y={0}
                height={CHART + BAND + 6}
              />
            ) : null}
            <rect
              className={css.cursor}
              x={x}
              width={Math.max(2, layout.step)}
              y={0}
              height={CHART + BAND + 6}
            />
            <line className={css.gate} x1={0} x2={width} y1={layout.gateY} y2={layout.gateY} />
            <line className={css.base} x1={0} x2={width} y1={CHART} y2={CHART} />
            {LOOKS.map((look) => (
              <path key={look} d={signsPath(layout.dots, look, radius)} className={css[look]} />
            ))}
            {layout.runs.map((run) => (
              <rect
                key={run.from}
                x={run.x + 0.5}
                y={CHART + 5}
                width={Math.max(1, run.width - 1)}
                height={BAND}
                rx={2}
                className={cx(css.run, css[`run_${run.look}`])}
                style={
                  ['rejected', 'stale', 'failed'].includes(run.look)
                    ? { fill: `url(#${id}-${run.look})` }
                    : undefined
                }
              />
            ))}
          </svg>
        </div>
      </div>
    </section>
  );
}
