import { memo, useMemo, useRef, useState } from 'react';
import type { FrameItem } from '@/shared/api/types';
import {
  codeOf,
  GROUP_LABELS,
  namePosture,
  POSTURE_SHORT,
  type PostureLabel,
} from '@/shared/domain/postures';
import { cx } from '@/shared/ui/cx';
import type { StripScale } from '../filmstrip/cells';
import { useEditor } from '../store/context';
import { type Border, borderAt, momentsBetween, type Run, runsOf } from './lane';
import css from './postures.module.css';
import { untaken } from './timeline';
import { usePostures } from './usePostures';

/** Runs narrower than this are not drawn one by one. */
const MIN_RUN_PX = 1;
/** A name needs about so much room a letter. */
const LETTER_PX = 6.2;

interface Props {
  readonly frames: readonly FrameItem[];
  readonly order: readonly number[];
  readonly scale: StripScale;
}

type Drag =
  | { readonly kind: 'border'; readonly border: Border; readonly to: number }
  | { readonly kind: 'mark'; readonly from: number; readonly to: number };

/** Postures under the filmstrip: click shows a frame, a drag marks moments or moves a border. */
export const PostureLane = memo(function PostureLane({ frames, order, scale }: Props) {
  const editor = useEditor();
  const { ranges, proposals, marked, on, waiting } = usePostures((s) => ({
    ranges: s.ranges,
    proposals: s.proposals,
    marked: s.marked,
    on: s.on,
    waiting: s.waiting,
  }));
  const [drag, setDrag] = useState<Drag | null>(null);
  const [grip, setGrip] = useState(false);
  const lane = useRef<HTMLDivElement>(null);
  const open = useMemo(() => untaken(proposals, ranges), [proposals, ranges]);
  const runs = useMemo(() => runsOf(frames, order, ranges, open), [frames, order, ranges, open]);
  const pending = useMemo(() => waiting.flatMap(({ strokes }) => strokes), [waiting]);
  if (!on && ranges.length === 0 && waiting.length === 0) return null;
  const paints = on && editor.postures.canPaint;
  const xOf = (event: React.PointerEvent): number =>
    event.clientX - event.currentTarget.getBoundingClientRect().left;
  const drop = (): void => {
    if (drag?.kind === 'border') {
      const at = frames[order[drag.to] ?? -1]?.moment_index;
      const after = at ?? editor.postures.state.moments ?? drag.border.moment;
      editor.postures.move(drag.border.moment, after);
    } else if (drag?.kind === 'mark') {
      if (drag.from === drag.to || !paints) {
        const index = order[drag.from];
        editor.postures.mark(null);
        if (index !== undefined) editor.go(index);
      } else editor.postures.mark(momentsBetween(frames, order, drag.from, drag.to));
    }
    setDrag(null);
  };
  const shown = drag?.kind === 'mark' && paints ? cellsOf(drag) : null;

  return (
    <div
      ref={lane}
      className={cx(css.lane, paints && css.paints, grip && css.grip)}
      role="img"
      aria-label={`Postures: ${summary(runs)}`}
      data-testid="posture-lane"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        const x = xOf(event);
        const border = paints ? borderAt(runs, x, scale.cell) : null;
        const cell = scale.at(x);
        setDrag(
          border === null
            ? { kind: 'mark', from: cell, to: cell }
            : { kind: 'border', border, to: border.cell },
        );
      }}
      onPointerMove={(event) => {
        const x = xOf(event);
        if (drag === null) setGrip(paints && borderAt(runs, x, scale.cell) !== null);
        else if (drag.kind === 'mark') setDrag({ ...drag, to: scale.at(x) });
        else {
          const to = Math.round(x / Math.max(scale.cell, 0.01));
          setDrag({ ...drag, to: Math.min(Math.max(to, 0), order.length) });
        }
      }}
      onPointerUp={drop}
      onPointerCancel={() => setDrag(null)}
    >
      {runs.map((run) => {
        const width = scale.x(run.to) - scale.x(run.from);
        if (width < MIN_RUN_PX) return null;
        return (
          <span
            key={`${run.from} ${run.kind}`}
            className={css.run}
            data-group={run.label.group}
            data-place={codeOf(run.label).slice(1)}
            data-kind={run.kind}
            data-waiting={pending.some((s) => s.first <= run.last && run.first <= s.last)}
            style={{ left: scale.x(run.from), width }}
            title={titleOf(run)}
          >
            {nameIn(run.label, width, run.kind)}
          </span>
        );
      })}
      {marked !== null && drag === null && <Marked {...{ frames, order, scale, marked }} />}
      {shown !== null && (
        <i
          className={css.marked}
          style={{ left: scale.x(shown[0]), width: scale.x(shown[1] + 1) - scale.x(shown[0]) }}
        />
      )}
      {drag?.kind === 'border' && (
        <i className={css.border} style={{ left: scale.x(drag.to) - 1 }} />
      )}
    </div>
  );
});

const cellsOf = ({ from, to }: { from: number; to: number }): [number, number] => [
  Math.min(from, to),
  Math.max(from, to),
];

function Marked({
  frames,
  order,
  scale,
  marked,
}: Props & { marked: { first: number; last: number } }) {
  // Of each camera a stretch of its own.
  const parts: [number, number][] = [];
  order.forEach((index, cell) => {
    const moment = frames[index]?.moment_index ?? -1;
    if (moment < marked.first || moment > marked.last) return;
    const before = parts.at(-1);
    if (before !== undefined && before[1] === cell - 1) before[1] = cell;
    else parts.push([cell, cell]);
  });
  return parts.map(([from, to]) => (
    <i
      key={from}
      className={css.marked}
      style={{ left: scale.x(from), width: scale.x(to + 1) - scale.x(from) }}
    />
  ));
}

/** As much of a posture's name as there is room for; two digits where there is little. */
function nameIn(label: PostureLabel, width: number, kind: Run['kind']): string {
  // Three dots: which of the group is not named.
  const name =
    label.posture === null
      ? `${GROUP_LABELS[label.group].toLowerCase()} …`
      : POSTURE_SHORT[label.posture];
  const asked = kind === 'proposed' ? `${name} ?` : name;
  if (width >= asked.length * LETTER_PX + 6) return asked;
  return width >= 2 * LETTER_PX + 4 ? codeOf(label) : '';
}

const titleOf = ({ label, kind, first, last }: Run): string =>
  `${kind === 'proposed' ? 'Proposed: ' : ''}${namePosture(label)}, moments ${first + 1}–${last + 1}`;

function summary(runs: readonly Run[]): string {
  const said = runs.filter(({ kind }) => kind === 'said').length;
  const proposed = runs.length - said;
  return `${said} named, ${proposed} proposed`;
}
