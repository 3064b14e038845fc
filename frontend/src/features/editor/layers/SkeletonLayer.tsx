import { memo, useContext, useEffect, useRef } from 'react';
import { BONE_COLOURS, colourOf, VISIBILITY_WORDS } from '@/shared/domain/bones';
import { DOUBT_NAMES, type Doubt, FACE, JOINT_LABELS, JOINTS } from '@/shared/domain/rules.gen';
import { cx } from '@/shared/ui/cx';
import { isPresent } from '../document/skeleton';
import type { Joint, Skeleton } from '../document/types';
import { useConcerns } from '../frames/useConcerns';
import { seenFrom } from '../multiview/panes';
import { PaneContext, useEditor, useEditorPartsPaced } from '../store/context';
import { type Camera, toScreen } from '../store/geometry';
import { isDragging } from '../store/pace';
import { bonePaths, moveDrawn, placeOf } from './drawn';
import { goesLeft } from './labels';
import css from './layers.module.css';

/** The infant's bones and joints. Machine-made ones that nobody confirmed are drawn thinner. */
export function SkeletonLayer() {
  const { document, camera, viewport, selected, hover, labels, scale, frame, inferred } =
    useEditorPartsPaced((s) => ({
      document: s.document,
      camera: s.camera,
      viewport: s.viewport,
      selected: s.selected,
      hover: s.hover.kind === 'joint' ? s.hover.joint : null,
      labels: s.view.labels,
      scale: s.view.jointSize,
      frame: s.frame,
      inferred: s.inferred !== null,
    }));
  const { concerned, modified, worries } = useConcerns(useEditorPartsPaced);
  const root = useDrawnByHand();
  if (document?.skeleton == null || frame === null) return null;
  const confirmed = document.decision.verdict === 'keep' || (modified && !inferred);
  // The same words as in the list of doubts.
  const doubt = worries.find(({ waived, joints }) => waived === null && joints[0] === selected);
  const size = jointSize(document.skeleton, camera) * scale;
  return (
    <g
      ref={root}
      data-testid="skeleton"
      data-inferred={inferred || undefined}
      className={cx(document.decision.verdict === 'discard' && css.left, inferred && css.inferred)}
    >
      <Bones
        skeleton={document.skeleton}
        camera={camera}
        width={(confirmed ? 3 : 1.6) * Math.sqrt(scale)}
      />
      {document.skeleton.map((joint, i) => (
        <JointMark
          key={JOINTS[i]}
          index={i}
          joint={joint}
          camera={camera}
          width={viewport.width}
          size={size}
          selected={selected === i}
          hovered={hover === i}
          concerned={concerned.has(i)}
          named={labels || selected === i || hover === i}
          doubt={selected === i ? (doubt?.doubt ?? null) : null}
        />
      ))}
    </g>
  );
}

/** While a joint is in the hand, what is drawn of it follows each move of the pointer by itself. */
function useDrawnByHand() {
  const editor = useEditor();
  const pane = useContext(PaneContext);
  const root = useRef<SVGGElement>(null);
  useEffect(
    () =>
      editor.store.api.subscribe((state, last) => {
        if (!isDragging(state)) return;
        const { document, frame, camera } = seenFrom(state, pane);
        const before = seenFrom(last, pane);
        const now = document?.skeleton ?? null;
        const was = before.document?.skeleton ?? null;
        if (now === was || now === null || was === null || frame !== before.frame) return;
        if (root.current !== null) moveDrawn(root.current, now, was, camera);
      }),
    [editor, pane],
  );
  return root;
}

/** Joints shrink with an infant that fills little of the screen, so that they do not hide it. */
function jointSize(skeleton: Skeleton, camera: Camera): number {
  const xs = skeleton.filter(isPresent).map((j) => j.x);
  const ys = skeleton.filter(isPresent).map((j) => j.y);
  if (xs.length === 0) return 5;
  const extent = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
  return Math.min(6, Math.max(3.5, (extent * camera.zoom) / 60));
}

/** One path for each colour, and one for the outline of all: a switch of frames then writes four. */
export function Bones({
  skeleton,
  camera,
  width,
}: {
  skeleton: Skeleton;
  camera: Camera;
  width: number;
}) {
  const [outline, ...coloured] = bonePaths(skeleton, camera);
  return (
    <g className={css.bones} data-bones>
      <path d={outline} className={css.boneOutline} strokeWidth={width + 2} />
      {BONE_COLOURS.map((colour, i) => (
        <path key={colour} d={coloured[i]} stroke={colour} strokeWidth={width} />
      ))}
    </g>
  );
}

interface JointMarkProps {
  index: number;
  joint: Joint;
  camera: Camera;
  /** Of the pane, in pixels. */
  width: number;
  size: number;
  selected: boolean;
  hovered: boolean;
  concerned: boolean;
  named: boolean;
  doubt: Doubt | null;
}

const JointMark = memo(function JointMark({
  index,
  joint,
  camera,
  width,
  size,
  selected,
  hovered,
  concerned,
  named,
  doubt,
}: JointMarkProps) {
  if (!isPresent(joint)) return null;
  const { x } = toScreen(camera, joint);
  const colour = colourOf(index);
  const radius = (FACE.includes(index) ? size - 1 : size) + (selected || hovered ? 1.5 : 0);
  const seen = joint.v === 2;
  const name = JOINT_LABELS[index] ?? '';
  const said = doubt === null ? name : `${name}: ${DOUBT_NAMES[doubt]}`;
  const left = goesLeft(said, x, radius + 7, width);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a joint is a mark in a drawing; keys reach it by Tab
    <g
      role="button"
      tabIndex={-1}
      aria-label={`${name}, ${VISIBILITY_WORDS[joint.v]}`}
      aria-pressed={selected}
      data-joint={JOINTS[index]}
      data-visibility={joint.v}
      data-concerned={concerned || undefined}
      className={css.joint}
      transform={placeOf(camera, joint)}
    >
      <circle r={12} fill="transparent" />
      {concerned && <circle className={css.halo} r={radius + 5} stroke={colour} />}
      {selected && <circle className={css.selection} r={radius + 4} />}
      {seen ? (
        <circle r={radius} fill={colour} className={css.seen} />
      ) : (
        <>
          <circle r={radius} className={css.ringOutline} />
          <circle r={radius} className={css.ring} stroke={colour} />
        </>
      )}
      {named && (
        <text
          className={css.name}
          x={left ? -radius - 7 : radius + 7}
          y={4}
          textAnchor={left ? 'end' : 'start'}
        >
          {said}
        </text>
      )}
    </g>
  );
});
