/** The infant's left is blue, its right orange, the middle white, on every image. */
import { EDGES, JOINT_SIDES, type Side } from './rules.gen';

const SIDE_COLOURS: Readonly<Record<Side, string>> = {
  left: 'var(--joint-left)',
  right: 'var(--joint-right)',
  middle: 'var(--joint-middle)',
};

const sideOf = (joint: number): Side => JOINT_SIDES[joint] ?? 'middle';

export const colourOf = (joint: number): string => SIDE_COLOURS[sideOf(joint)];

/** A bone takes the side of its joints; one that joins the sides is white. */
export const BONES = EDGES.map(([a, b]) => {
  const sides = new Set([sideOf(a), sideOf(b)]);
  const side: Side =
    sides.has('left') && sides.has('right')
      ? 'middle'
      : sides.has('left')
        ? 'left'
        : sides.has('right')
          ? 'right'
          : 'middle';
  return { a, b, key: `${a}-${b}`, colour: SIDE_COLOURS[side] };
});

export const VISIBILITY_WORDS = ['not present', 'occluded', 'visible'] as const;
