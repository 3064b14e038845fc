/** Joints that a box drawn by hand leaves out: nearly always a slip of the hand. */
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { isPresent } from '../document/skeleton';
import type { Skeleton } from '../document/types';
import type { Rectangle } from './geometry';

/** A joint this near to an edge counts as inside, in image pixels. */
const SLACK_PX = 1;
const MOST_NAMED = 3;

/**
 * What to say of a box that leaves out joints; null where it holds all of them.
 *
 * Joints beyond the image's border cannot be in a box, and are no reason to say anything.
 */
export function leftOutHint(
  box: Rectangle,
  skeleton: Skeleton | null,
  image: { readonly width: number; readonly height: number },
): string | null {
  const outside = (skeleton ?? []).flatMap((joint, index) =>
    isPresent(joint) && within(joint, { x: 0, y: 0, ...image }, 0) && !within(joint, box, SLACK_PX)
      ? [JOINT_LABELS[index] ?? `joint ${index + 1}`]
      : [],
  );
  if (outside.length === 0) return null;
  const named = outside.slice(0, MOST_NAMED).join(', ');
  const more = outside.length - MOST_NAMED;
  return `The box leaves out ${named}${more > 0 ? ` and ${more} more` : ''}: pull it out, or correct the joint.`;
}

function within(
  { x, y }: { readonly x: number; readonly y: number },
  box: Rectangle,
  slack: number,
): boolean {
  return (
    x >= box.x - slack &&
    y >= box.y - slack &&
    x <= box.x + box.width + slack &&
    y <= box.y + box.height + slack
  );
}
