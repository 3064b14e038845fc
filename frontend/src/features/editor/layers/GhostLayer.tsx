import { BONES } from '@/shared/domain/bones';
import { JOINTS } from '@/shared/domain/rules.gen';
import { changedJoints, isPresent, jointAt } from '../document/skeleton';
import { useEditorParts } from '../store/context';
import { toScreen } from '../store/geometry';
import css from './layers.module.css';

/** The skeleton as it was submitted in the round before, and where its joints went. */
export function GhostLayer() {
  const { previous, now, camera, show } = useEditorParts((s) => ({
    previous: s.frame?.doc.previous?.joints ?? null,
    now: s.document?.skeleton ?? null,
    camera: s.camera,
    show: s.view.ghost && s.mode !== 'boxes',
  }));
  if (previous === null || !show) return null;
  const changed = changedJoints(previous, now);
  if (changed.length === 0) return null;
  const moved = new Set(changed);
  return (
    <g className={css.ghost} data-testid="ghost">
      {BONES.filter(({ a, b }) => moved.has(a) || moved.has(b)).map(({ a, b, key }) => {
        const from = jointAt(previous, a);
        const to = jointAt(previous, b);
        if (!isPresent(from) || !isPresent(to)) return null;
        const p = toScreen(camera, from);
        const q = toScreen(camera, to);
        return <line key={key} className={css.ghostBone} x1={p.x} y1={p.y} x2={q.x} y2={q.y} />;
      })}
      {changed.map((i) => {
        const was = jointAt(previous, i);
        const is = jointAt(now, i);
        const p = toScreen(camera, was);
        const q = toScreen(camera, is);
        return (
          <g key={JOINTS[i]} data-changed={JOINTS[i]}>
            {isPresent(was) && isPresent(is) && (
              <line className={css.ghostWay} x1={p.x} y1={p.y} x2={q.x} y2={q.y} />
            )}
            {isPresent(was) && <circle className={css.ghostJoint} cx={p.x} cy={p.y} r={4} />}
            {isPresent(is) && <circle className={css.changed} cx={q.x} cy={q.y} r={11} />}
          </g>
        );
      })}
    </g>
  );
}
