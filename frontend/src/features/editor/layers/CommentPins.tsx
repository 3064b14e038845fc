import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { isPresent, jointAt } from '../document/skeleton';
import { useEditorPartsPaced } from '../store/context';
import { toScreen } from '../store/geometry';
import css from './layers.module.css';

/** Open comments at their joints. Where the joint is gone, the pin stands where it was before. */
export function CommentPins() {
  const { comments, skeleton, previous, camera } = useEditorPartsPaced((s) => ({
    comments: s.frame?.doc.comments ?? null,
    skeleton: s.document?.skeleton ?? null,
    previous: s.frame?.doc.previous?.joints ?? null,
    camera: s.camera,
  }));
  const counts = new Map<number, number>();
  for (const comment of comments ?? []) {
    if (comment.joint === null || comment.resolved_at !== null) continue;
    counts.set(comment.joint, (counts.get(comment.joint) ?? 0) + 1);
  }
  return [...counts].map(([joint, count]) => {
    const now = jointAt(skeleton, joint);
    const place = isPresent(now) ? now : jointAt(previous, joint);
    if (!isPresent(place)) return null;
    const { x, y } = toScreen(camera, place);
    return (
      <g
        key={joint}
        className={css.pin}
        transform={`translate(${x} ${y})`}
        data-comment={joint}
        data-label={`comment on ${JOINT_LABELS[joint]}`}
      >
        <path d="M 5 -5 L 8 -18 A 9 9 0 1 1 18 -8 Z" />
        <text x={16} y={-13}>
          {count}
        </text>
      </g>
    );
  });
}
