/** Moving what is drawn of a skeleton along with the hand, without rendering it again. */
import { BONE_COLOURS, bonesOf } from '@/shared/domain/bones';
import { JOINTS } from '@/shared/domain/rules.gen';
import { isPresent } from '../document/skeleton';
import type { Skeleton } from '../document/types';
import { type Camera, toScreen } from '../store/geometry';

/** What the paths of a skeleton's bones are: the outline of all first, then one for each colour. */
export function bonePaths(skeleton: Skeleton, camera: Camera): readonly string[] {
  const lines = bonesOf(skeleton, (joint) => toScreen(camera, joint));
  const pathOf = (some: typeof lines): string =>
    some.map(({ line: { x1, y1, x2, y2 } }) => `M${x1} ${y1}L${x2} ${y2}`).join('');
  return [
    pathOf(lines),
    ...BONE_COLOURS.map((colour) => pathOf(lines.filter((bone) => bone.colour === colour))),
  ];
}

export const placeOf = (camera: Camera, joint: { x: number; y: number }): string => {
  const { x, y } = toScreen(camera, joint);
  return `translate(${x} ${y})`;
};

/** Put joints that lie elsewhere than before, and all bones, where they lie now. */
export function moveDrawn(root: Element, now: Skeleton, before: Skeleton, camera: Camera): void {
  now.forEach((joint, i) => {
    if (joint === before[i] || !isPresent(joint)) return;
    root
      .querySelector(`:scope > [data-joint='${JOINTS[i]}']`)
      ?.setAttribute('transform', placeOf(camera, joint));
  });
  const paths = root.querySelectorAll(':scope > [data-bones] > path');
  bonePaths(now, camera).forEach((path, i) => {
    if (paths[i]?.getAttribute('d') !== path) paths[i]?.setAttribute('d', path);
  });
}
