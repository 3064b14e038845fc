import { useMemo } from 'react';
import { colourOf } from '@/shared/domain/bones';
import { JOINT_LABELS, JOINTS } from '@/shared/domain/rules.gen';
import type { ImagePoint } from '@/shared/geometry/points';
import { isPresent, jointAt } from '../document/skeleton';
import type { Skeleton } from '../document/types';
import { staysLeft } from '../layers/labels';
import { useEditor, useEditorPartsPaced, useEditorState } from '../store/context';
import { type Camera, type Size, toScreen } from '../store/geometry';
import { offeredTo } from './accept';
import { type Consensus, curvesIn, placeIn } from './consensus';
import css from './multiview.module.css';
import { useConsensus, usePaneCamera } from './useConsensus';

interface Here {
  consensus: Consensus;
  here: number;
  at: number;
}

/** The pane's camera among those that are compared, or null where nothing can be said. */
function useHere(): Here | null {
  const on = useEditorState((s) => s.view.geometry && s.panes.size > 0);
  const consensus = useConsensus();
  const here = usePaneCamera();
  const at = consensus.views.findIndex((view) => view.camera === here);
  return on && here !== null && at >= 0 && consensus.joints.length > 0
    ? { consensus, here, at }
    : null;
}

/** Under the skeleton: lines of sight of the other cameras, and joints that they offer. */
export function GeometryLayer() {
  const { camera, viewport, selected, skeleton, mode } = useEditorPartsPaced((s) => ({
    mode: s.mode,
    camera: s.camera,
    viewport: s.viewport,
    selected: s.selected,
    skeleton: s.document?.skeleton ?? null,
  }));
  const place = useHere();
  if (place === null) return null;
  const { consensus, here } = place;
  return (
    <g className={css.geometry} data-testid="geometry">
      {selected !== null && <Lines {...{ consensus, here, selected, camera, viewport }} />}
      {mode === 'annotate' && <Offers {...{ consensus, here, selected, camera, skeleton }} />}
    </g>
  );
}

/** Over the skeleton: where the views agree that the selected joint is, and marks that disagree. */
export function AgreementLayer() {
  const { camera, viewport, selected, skeleton } = useEditorPartsPaced((s) => ({
    camera: s.camera,
    viewport: s.viewport,
    selected: s.selected,
    skeleton: s.document?.skeleton ?? null,
  }));
  const place = useHere();
  if (place === null) return null;
  const { consensus, here, at } = place;
  return (
    <g className={css.geometry} data-testid="agreement">
      <Disagreeing {...{ consensus, at, camera, skeleton }} />
      {selected !== null && (
        <Point {...{ consensus, here, at, joint: selected, camera, viewport, skeleton }} />
      )}
    </g>
  );
}

/** Views with less room than this, across or down, are small. */
const SMALL: Size = { width: 420, height: 240 };

interface Common {
  consensus: Consensus;
  here: number;
  camera: Camera;
}

/** The lines along which the other cameras see the selected joint, bent by this one's lens. */
function Lines({
  consensus,
  here,
  selected,
  camera,
  viewport,
}: Common & { selected: number; viewport: Size }) {
  const editor = useEditor();
  const curves = useMemo(() => curvesIn(consensus, here, selected), [consensus, here, selected]);
  // The joint's own name stands at the point: names of lines keep away from it.
  const point = placeIn(consensus, here, selected);
  const taken: { x: number; y: number }[] = point === null ? [] : [toScreen(camera, point)];
  return curves.map(({ camera: from, curve }) => {
    if (curve.length < 2) return null;
    const points = curve.map((point) => toScreen(camera, point));
    const path = points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
    const label = labelPlace(points, viewport, taken);
    if (label !== null) taken.push(label);
    return (
      <g key={from} data-epipolar={from}>
        <polyline className={css.lineOutline} points={path} />
        <polyline className={css.line} points={path} stroke={colourOf(selected)} />
        {label !== null && (
          <text className={css.lineName} x={label.x + 6} y={label.y - 6}>
            {editor.views.nameOf(from)}
          </text>
        )}
      </g>
    );
  });
}

/** Where a line's name can be read: in the window, away from the other names. */
function labelPlace(
  points: readonly { x: number; y: number }[],
  { width, height }: Size,
  taken: readonly { x: number; y: number }[],
): { x: number; y: number } | null {
  const inside = points.filter(({ x, y }) => x > 8 && x < width - 80 && y > 52 && y < height - 10);
  const free = inside.filter((p) =>
    taken.every((t) => Math.abs(t.y - p.y) > 16 || Math.abs(t.x - p.x) > 90),
  );
  return free[Math.floor(free.length * 0.12)] ?? null;
}

/** Where joints would go that this view lacks: faint, until they are accepted. */
function Offers({
  consensus,
  here,
  selected,
  camera,
  skeleton,
}: Common & { selected: number | null; skeleton: Skeleton | null }) {
  const offered = useMemo(() => offeredTo(consensus, here), [consensus, here]);
  return [...offered].map((joint) => {
    const place = placeIn(consensus, here, joint);
    if (place === null || joint === selected) return null;
    const { x, y } = toScreen(camera, place);
    return (
      <g key={joint} data-offer={JOINTS[joint]}>
        <Leader from={jointAt(skeleton, joint)} to={place} camera={camera} />
        <g transform={`translate(${x} ${y})`}>
          <path className={css.diamondOutline} d="M 0 -5 L 5 0 L 0 5 L -5 0 Z" />
          <path className={css.diamond} d="M 0 -5 L 5 0 L 0 5 L -5 0 Z" stroke={colourOf(joint)} />
        </g>
      </g>
    );
  });
}

/** Marks of this view with which the others do not agree. */
function Disagreeing({
  consensus,
  at,
  camera,
  skeleton,
}: Omit<Common, 'here'> & { at: number; skeleton: Skeleton | null }) {
  return consensus.joints.map((found, joint) => {
    const mark = jointAt(skeleton, joint);
    if (!found.disagrees[at] || !isPresent(mark)) return null;
    const { x, y } = toScreen(camera, mark);
    return (
      <g
        key={JOINTS[joint]}
        className={css.disagrees}
        transform={`translate(${x} ${y})`}
        data-disagrees={JOINTS[joint]}
      >
        <path d="M -11 -11 L -6 -6 M 11 -11 L 6 -6 M -11 11 L -6 6 M 11 11 L 6 6" />
      </g>
    );
  });
}

/** The selected joint as the views agree on it, with the distance from this view's mark. */
function Point({
  consensus,
  here,
  at,
  joint,
  camera,
  viewport,
  skeleton,
}: Common & { at: number; joint: number; viewport: Size; skeleton: Skeleton | null }) {
  const place = placeIn(consensus, here, joint);
  if (place === null) return null;
  const { x, y } = toScreen(camera, place);
  const found = consensus.joints[joint];
  const error = found?.errors[at] ?? null;
  const words = error === null ? 'from the other views' : `${error.toFixed(1)} px`;
  // Beside a large image the others are small: there only what is wrong is written out, and the
  // list at the side has all numbers.
  const small = viewport.width < SMALL.width || viewport.height < SMALL.height;
  const written = !small || error === null || found?.disagrees[at] === true;
  const left = staysLeft(words, x, 12, viewport.width);
  return (
    <g data-triangulated={JOINTS[joint]} data-error={error?.toFixed(2)}>
      <title>{`${JOINT_LABELS[joint]} by the views: ${words}`}</title>
      <Leader from={jointAt(skeleton, joint)} to={place} camera={camera} />
      <g transform={`translate(${x} ${y})`}>
        <path className={css.diamondOutline} d="M 0 -8 L 8 0 L 0 8 L -8 0 Z" />
        <path className={css.chosen} d="M 0 -8 L 8 0 L 0 8 L -8 0 Z" stroke={colourOf(joint)} />
        {written && (
          <text
            className={css.error}
            x={left ? -12 : 12}
            y={4}
            style={{ textAnchor: left ? 'end' : 'start' }}
          >
            {words}
          </text>
        )}
      </g>
    </g>
  );
}

function Leader({
  from,
  to,
  camera,
}: {
  from: { x: number; y: number; v: number };
  to: ImagePoint;
  camera: Camera;
}) {
  if (from.v === 0) return null;
  const a = toScreen(camera, from);
  const b = toScreen(camera, to);
  if (Math.hypot(a.x - b.x, a.y - b.y) < 10) return null;
  return <line className={css.leader} x1={a.x} y1={a.y} x2={b.x} y2={b.y} />;
}
