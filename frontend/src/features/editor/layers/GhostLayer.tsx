import { useContext, useMemo } from 'react';
import { bonesOf } from '@/shared/domain/bones';
import { JOINTS } from '@/shared/domain/rules.gen';
import { changedJoints, isPresent, jointAt } from '../document/skeleton';
import { seenFrom } from '../multiview/panes';
import { PaneContext, useEditor, useEditorPartsPaced } from '../store/context';
import { toScreen } from '../store/geometry';
import { ghostsOf } from './ghosts';
import css from './layers.module.css';

/** Another skeleton of this infant behind the one that is worked at, and where the joints went. */
export function GhostLayer() {
  const editor = useEditor();
  const pane = useContext(PaneContext);
  const { frame, document, camera, ghost, mode } = useEditorPartsPaced((s) => ({
    frame: s.frame,
    document: s.document,
    camera: s.camera,
    ghost: s.view.ghost,
    mode: s.mode,
  }));
  // biome-ignore lint/correctness/useExhaustiveDependencies: what a ghost is made of
  const drawn = useMemo(() => {
    const state = seenFrom(editor.state, pane);
    const sources = editor.ghostSources(state);
    const { shown } = ghostsOf(state, sources);
    return shown === 'off' ? null : { kind: shown, skeleton: sources[shown] };
  }, [editor, pane, frame, document, ghost, mode]);
  const now = document?.skeleton ?? null;
  if (drawn?.skeleton == null || mode === 'boxes') return null;
  const { kind, skeleton: before } = drawn;
  const changed = changedJoints(before, now);
  if (changed.length === 0) return null;
  const moved = new Set(changed);
  return (
    <g className={css.ghost} data-testid="ghost" data-ghost={kind}>
      {bonesOf(before, (joint) => toScreen(camera, joint))
        .filter(({ a, b }) => moved.has(a) || moved.has(b))
        .map(({ key, line }) => (
          <line key={key} {...line} className={css.ghostBone} />
        ))}
      {changed.map((i) => {
        const was = jointAt(before, i);
        const is = jointAt(now, i);
        const p = toScreen(camera, was);
        const q = toScreen(camera, is);
        // From one frame to the next every joint moves: ways and rings would only hide the image.
        const told = kind !== 'before';
        return (
          <g key={JOINTS[i]} data-changed={JOINTS[i]}>
            {told && isPresent(was) && isPresent(is) && (
              <line className={css.ghostWay} x1={p.x} y1={p.y} x2={q.x} y2={q.y} />
            )}
            {isPresent(was) && <circle className={css.ghostJoint} cx={p.x} cy={p.y} r={4} />}
            {told && isPresent(is) && <circle className={css.changed} cx={q.x} cy={q.y} r={11} />}
          </g>
        );
      })}
    </g>
  );
}
