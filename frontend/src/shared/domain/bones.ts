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

export const BONE_COLOURS: readonly string[] = [...new Set(BONES.map(({ colour }) => colour))];

interface Place {
  readonly x: number;
  readonly y: number;
}

/** A skeleton's bones as lines, where both ends are there; `at` says where a joint is drawn. */
export function bonesOf<J extends Place & { readonly v?: number }>(
  joints: readonly (J | null)[],
  at: (joint: J) => Place = (joint) => joint,
) {
  return BONES.flatMap((bone) => {
    const [a, b] = [joints[bone.a], joints[bone.b]];
    if (!a || !b || a.v === 0 || b.v === 0) return [];
    const [from, to] = [at(a), at(b)];
    return [{ ...bone, line: { x1: from.x, y1: from.y, x2: to.x, y2: to.y } }];
  });
}

export const VISIBILITY_WORDS = ['not present', 'occluded', 'visible'] as const;
