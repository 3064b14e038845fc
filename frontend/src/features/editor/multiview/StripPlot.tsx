import { useQuery } from '@tanstack/react-query';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { answer, http } from '@/shared/api/client';
import { keys } from '@/shared/api/keys';
import { errorMessage } from '@/shared/api/problem';
import type { FrameItem, ViewErrors } from '@/shared/api/types';
import { JOINT_LABELS, MIRROR } from '@/shared/domain/rules.gen';
import { count } from '@/shared/lib/format';
import { useEditor, useEditorParts } from '../store/context';
import { canShowViews } from './panes';
import { type Cell, type PlotColours, paintPlot, plotOf, type Rows } from './strip';
import css from './strip.module.css';
import { useConsensus } from './useConsensus';

const JOINT_ROW = 8;
const VIEW_ROW = 22;
/** After a save the numbers are asked for again once the hand rests. */
const REST_MS = 1200;

/** Errors per joint, view and moment; a click leads to the frame and the joint. */
export function StripPlot() {
  const shown = useEditorParts((s) => ({
    on: s.views.layout !== 'single' && s.views.strip && canShowViews(s),
  }));
  return shown.on ? <Plot /> : null;
}

function Plot() {
  const editor = useEditor();
  const [rows, setRows] = useState<Rows>('joint');
  const [onlyView, setOnlyView] = useState<number | null>(null);
  const { recordingId, thresholdPx, calibration } = useEditorParts((s) => ({
    recordingId: s.recording.id,
    thresholdPx: s.views.thresholdPx,
    calibration: s.calibration?.id ?? null,
  }));
  const query = useQuery({
    queryKey: [...keys.viewErrors(recordingId, thresholdPx), calibration],
    // The client takes pairs for lists.
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/recordings/{recording_id}/view-errors', {
          params: { path: { recording_id: recordingId }, query: { threshold_px: thresholdPx } },
          signal,
        }),
      ) as Promise<ViewErrors>,
    staleTime: 0,
  });
  const { refetch } = query;
  useEffect(() => {
    let timer = 0;
    const stop = editor.queue.subscribe({
      onSaved: () => {
        window.clearTimeout(timer);
        timer = window.setTimeout(() => void refetch(), REST_MS);
      },
    });
    return () => {
      window.clearTimeout(timer);
      stop();
    };
  }, [editor, refetch]);
  const data = useLive(query.data ?? null);

  return (
    <section className={css.strip} aria-label="Errors over time">
      <header className={css.bar}>
        <strong>Errors over time</strong>
        <label>
          rows
          <select
            value={rows}
            onChange={(event) => {
              setRows(event.target.value as Rows);
              event.target.blur();
            }}
          >
            <option value="joint">joints</option>
            <option value="view">cameras</option>
          </select>
        </label>
        {rows === 'joint' && data !== null && (
          <label>
            of
            <select
              value={onlyView ?? ''}
              onChange={(event) => {
                const { value } = event.target;
                setOnlyView(value === '' ? null : Number(value));
                event.target.blur();
              }}
            >
              <option value="">the worst camera</option>
              {data.cameras.map((camera, i) => (
                <option key={camera} value={i}>
                  {editor.views.nameOf(camera)}
                </option>
              ))}
            </select>
          </label>
        )}
        <Legend thresholdPx={thresholdPx} />
      </header>
      {query.error !== null && data === null ? (
        <p className={css.note}>The errors could not be read: {errorMessage(query.error)}</p>
      ) : data === null ? (
        <p className={css.note}>Loading…</p>
      ) : (
        <Cells data={data} rows={rows} onlyView={onlyView} thresholdPx={thresholdPx} />
      )}
    </section>
  );
}

function Legend({ thresholdPx }: { thresholdPx: number }) {
  return (
    <span className={css.legend}>
      <i className={css.none}>·</i> nothing to compare
      <i className={css.ramp} /> 0 to {thresholdPx} px
      <i className={css.wrong}>×</i> disagrees
    </span>
  );
}

/** The current moment as it is on the screen, before the server has it. */
function useLive(data: ViewErrors | null): ViewErrors | null {
  const { joints, views } = useConsensus();
  const { moment, settled } = useEditorParts((s) => ({
    moment: s.frames[s.index]?.moment_id ?? null,
    settled: !s.loading && [...s.panes.values()].every((pane) => !pane.loading),
  }));
  return useMemo(() => {
    if (data === null || !settled || joints.length === 0) return data;
    const moments = data.moments.map((known) => {
      if (known.id !== moment) return known;
      const at = data.cameras.map((camera) => views.findIndex((view) => view.camera === camera));
      return {
        ...known,
        errors: at.map((i) => joints.map((found) => found.errors[i] ?? null)),
        disagrees: data.cameras.flatMap((camera, c) =>
          joints.flatMap((found, j): [number, number][] =>
            found.disagrees[at[c] ?? -1] ? [[camera, j]] : [],
          ),
        ),
      };
    });
    return { ...data, moments };
  }, [data, joints, views, moment, settled]);
}

interface CellsProps {
  data: ViewErrors;
  rows: Rows;
  onlyView: number | null;
  thresholdPx: number;
}

function Cells({ data, rows, onlyView, thresholdPx }: CellsProps) {
  const editor = useEditor();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [hover, setHover] = useState<{ row: number; column: number } | null>(null);
  const { moment, selected } = useEditorParts((s) => ({
    moment: s.frames[s.index]?.moment_id ?? null,
    selected: s.selected,
  }));
  const plot = useMemo(() => plotOf(data, rows, onlyView), [data, rows, onlyView]);
  const row = rows === 'joint' ? JOINT_ROW : VIEW_ROW;
  const height = plot.rows * row;

  useLayoutEffect(() => {
    const { current } = canvas;
    if (current === null) return;
    const observer = new ResizeObserver(() => setWidth(Math.floor(current.clientWidth)));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || width === 0) return;
    const ratio = window.devicePixelRatio || 1;
    context.canvas.width = width * ratio;
    context.canvas.height = height * ratio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    paintPlot(context, plot, { width, height }, coloursOf(context.canvas), thresholdPx);
  }, [plot, width, height, thresholdPx]);

  const at = (event: React.PointerEvent | React.MouseEvent) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return {
      row: clampTo(Math.floor((event.clientY - top) / row), plot.rows),
      column: clampTo(Math.floor(((event.clientX - left) / width) * plot.columns), plot.columns),
    };
  };
  const jump = async (column: number, target: Cell): Promise<void> => {
    const { frames } = editor.state;
    const index = frameOf(frames, data, column, target);
    const id = frames[index ?? -1]?.id;
    if (index === undefined || id === undefined) return;
    // Selecting comes after showing, which clears the selection.
    await editor.cache.load(id).catch(() => null);
    editor.go(index);
    if (target.error !== null || target.disagrees) editor.select(target.joint);
  };
  const here = data.moments.findIndex(({ id }) => id === moment);
  const cell = width / Math.max(1, plot.columns);
  const lit = rows === 'joint' ? selected : null;

  return (
    <div className={css.cells}>
      <ul className={css.names} style={{ height }}>
        {rows === 'joint'
          ? JOINT_GROUPS.map(({ name, joints }) => {
              const one = joints.find((i) => i === hover?.row) ?? joints.find((i) => i === lit);
              return (
                <li
                  key={name}
                  style={{ height: row * joints.length }}
                  data-lit={one !== undefined}
                  title={joints.map((i) => JOINT_LABELS[i]).join(' above ')}
                >
                  {one === undefined ? name : JOINT_LABELS[one]}
                </li>
              );
            })
          : data.cameras.map((camera, i) => (
              <li key={camera} style={{ height: row }} data-lit={hover?.row === i}>
                {editor.views.nameOf(camera)}
              </li>
            ))}
      </ul>
      <div className={css.plot} style={{ height }}>
        <canvas
          ref={canvas}
          style={{ height }}
          role="img"
          aria-label={summary(data)}
          data-testid="error-strip"
          onPointerMove={(event) => setHover(at(event))}
          onPointerLeave={() => setHover(null)}
          onClick={(event) => {
            const { row: r, column } = at(event);
            void jump(column, plot.cell(r, column));
          }}
        />
        {here >= 0 && (
          <i className={css.here} style={{ left: here * cell - 1, width: Math.max(3, cell + 1) }} />
        )}
        {hover !== null && (
          <Tip
            nameOf={(camera) => editor.views.nameOf(camera)}
            data={data}
            at={hover}
            plot={plot}
            cell={cell}
            width={width}
          />
        )}
      </div>
    </div>
  );
}

/** Rows are too low for a name each: left and right, which follow each other, share one. */
const JOINT_GROUPS = JOINT_LABELS.flatMap((name, i) => {
  if (MIRROR[i] === i) return [{ name, joints: [i] }];
  return MIRROR[i] === i + 1
    ? [{ name: `${name.replace(/^left /, '')}s`, joints: [i, i + 1] }]
    : [];
});

const clampTo = (value: number, count: number): number => Math.min(Math.max(value, 0), count - 1);

function Tip({
  nameOf,
  data,
  at,
  plot,
  cell,
  width,
}: {
  nameOf: (camera: number) => string;
  data: ViewErrors;
  at: { row: number; column: number };
  plot: ReturnType<typeof plotOf>;
  cell: number;
  width: number;
}) {
  const moment = data.moments[at.column];
  if (moment === undefined) return null;
  const { joint } = plot.cell(at.row, at.column);
  return (
    <div
      className={css.tip}
      role="tooltip"
      style={{ left: Math.min(Math.max(at.column * cell, 90), Math.max(90, width - 90)) }}
    >
      <strong>
        {JOINT_LABELS[joint]}, moment {moment.index + 1}
      </strong>
      {data.cameras.map((camera, view) => {
        const error = moment.errors[view]?.[joint] ?? null;
        const wrong = moment.disagrees.some(([c, j]) => c === camera && j === joint);
        return (
          <span key={camera}>
            {nameOf(camera)} {error === null ? '–' : `${error.toFixed(1)} px`}
            {wrong ? ' × disagrees' : ''}
          </span>
        );
      })}
    </div>
  );
}

/** The frame with the largest error of a cell, as an index; another of its moment without one. */
function frameOf(
  frames: readonly FrameItem[],
  data: ViewErrors,
  column: number,
  cell: Cell,
): number | undefined {
  const moment = data.moments[column]?.id;
  const ofMoment = frames.flatMap((item, i) => (item.moment_id === moment ? [i] : []));
  return ofMoment.find((i) => frames[i]?.camera_id === data.cameras[cell.view]) ?? ofMoment[0];
}

function summary(data: ViewErrors): string {
  const wrong = data.moments.reduce((sum, moment) => sum + moment.disagrees.length, 0);
  return `Errors of ${count(data.joints, 'joint')} in ${count(data.cameras.length, 'camera')} at ${count(data.moments.length, 'moment')}; ${wrong === 1 ? '1 mark disagrees' : `${count(wrong, 'mark')} disagree`}`;
}

function coloursOf(element: Element): PlotColours {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ground: colour('--bg-side'),
    none: colour('--text-3'),
    low: colour('--info'),
    high: colour('--danger'),
    mark: colour('--bg-raised'),
  };
}
