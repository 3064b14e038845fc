import { memo, type ReactNode } from 'react';
import { EDGES, JOINT_LABELS, JOINT_SIDES, type Side } from '@/shared/domain/rules.gen';
import { cx } from '@/shared/ui';
import css from './FramePicture.module.css';
import { type Joint, jointsOf, type Region } from './joints';

const COLOURS: Readonly<Record<Side, string>> = {
  left: 'var(--joint-left)',
  right: 'var(--joint-right)',
  middle: 'var(--joint-middle)',
};

const colourOf = (joint: number): string => COLOURS[JOINT_SIDES[joint] ?? 'middle'];

/** A bone takes the side of its joints; one that joins the sides is white. */
const boneColour = (a: number, b: number): string => {
  const sides = [a, b].map((joint) => JOINT_SIDES[joint]).filter((side) => side !== 'middle');
  const [first] = sides;
  return COLOURS[first && sides.every((side) => side === first) ? first : 'middle'];
};

interface SkeletonProps {
  keypoints: readonly number[];
  /** One pixel of the screen in pixels of the image. */
  unit: number;
  /** Drawn with broken lines: what was before. */
  ghost?: boolean;
  /** Joints are buttons then. */
  onJoint?: (joint: number) => void;
  chosen?: number | null;
}

/** Bones and joints in image pixels: visible joints filled, occluded ones as rings. */
export const SkeletonShape = memo(function SkeletonShape(props: SkeletonProps) {
  const { keypoints, unit, ghost, onJoint, chosen } = props;
  const joints = jointsOf(keypoints);
  const bones = EDGES.flatMap(([a, b]) => {
    const [from, to] = [joints[a], joints[b]];
    return from?.v && to?.v ? [{ a, b, from, to }] : [];
  });
  return (
    <g className={cx(css.skeleton, ghost && css.ghost)}>
      {bones.map(({ a, b, from, to }) => (
        <g key={`${a}-${b}`}>
          <line {...ends(from, to)} stroke="var(--joint-outline)" strokeWidth={3.5 * unit} />
          <line
            {...ends(from, to)}
            stroke={boneColour(a, b)}
            strokeWidth={2 * unit}
            strokeDasharray={ghost ? `${5 * unit} ${3 * unit}` : undefined}
          />
        </g>
      ))}
      {joints.map((joint, i) =>
        joint.v ? (
          <JointMark
            // biome-ignore lint/suspicious/noArrayIndexKey: a joint is its number
            key={i}
            index={i}
            joint={joint}
            unit={unit}
            onJoint={onJoint}
            chosen={chosen === i}
          />
        ) : null,
      )}
    </g>
  );
});

const ends = (from: Joint, to: Joint) => ({ x1: from.x, y1: from.y, x2: to.x, y2: to.y });

interface MarkProps {
  index: number;
  joint: Joint;
  unit: number;
  onJoint?: (joint: number) => void;
  chosen: boolean;
}

function JointMark({ index, joint, unit, onJoint, chosen }: MarkProps) {
  const colour = colourOf(index);
  const radius = (onJoint ? 5 : 3) * unit;
  const occluded = joint.v === 1;
  const shape = (
    <>
      {chosen ? (
        <circle cx={joint.x} cy={joint.y} r={radius + 4 * unit} className={css.chosen} />
      ) : null}
      <circle
        cx={joint.x}
        cy={joint.y}
        r={radius}
        fill={occluded ? 'rgb(16 19 26 / 0.35)' : colour}
        stroke={occluded ? colour : 'var(--joint-outline)'}
        strokeWidth={(occluded ? 2 : 1) * unit}
      />
    </>
  );
  if (!onJoint) return shape;
  const name = JOINT_LABELS[index] ?? '';
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button
    <g
      role="button"
      tabIndex={0}
      aria-label={`${name}, ${occluded ? 'occluded' : 'visible'}`}
      aria-pressed={chosen}
      className={css.joint}
      onClick={() => onJoint(index)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        onJoint(index);
      }}
    >
      <title>{name}</title>
      {shape}
    </g>
  );
}

interface PictureProps {
  /** Null where the picture was erased from the store. */
  url: string | null;
  width: number;
  height: number;
  /** What is shown of the picture; all of it by default. */
  region?: Region;
  label: string;
  className?: string;
  children?: ReactNode;
}

/** A picture under what is drawn in its own pixels. */
export function FramePicture(props: PictureProps) {
  const { url, width, height, region, label, className, children } = props;
  const shown = region ?? { x: 0, y: 0, width, height };
  return (
    <svg
      className={cx(css.picture, className)}
      viewBox={`${shown.x} ${shown.y} ${shown.width} ${shown.height}`}
      role={children ? 'group' : 'img'}
      aria-label={label}
    >
      {url ? <image href={url} width={width} height={height} preserveAspectRatio="none" /> : null}
      {children}
    </svg>
  );
}
