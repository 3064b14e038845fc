import { useEffect, useRef, useState } from 'react';
import { BONES, colourOf } from '@/shared/domain/bones';
import { JOINT_LABELS, JOINTS } from '@/shared/domain/rules.gen';
import { count } from '@/shared/lib/format';
import { useEditor, useEditorParts } from '../store/context';
import css from './multiview.module.css';
import { activeCamera } from './panes';
import type { SceneStyle, SceneView } from './scene';
import { useConsensus } from './useConsensus';

/** The figure on which the views agree, with the cameras around it. */
export function ScenePanel() {
  const editor = useEditor();
  const element = useRef<HTMLElement>(null);
  const [view, setView] = useState<SceneView | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [near, setNear] = useState(false);
  const [tip, setTip] = useState<string | null>(null);
  const consensus = useConsensus();
  const { shown, active, joint, floorZ } = useEditorParts((s) => ({
    shown: s.panes.size > 0 && s.views.scene,
    active: activeCamera(s),
    joint: s.hover.kind === 'joint' ? s.hover.joint : s.selected,
    floorZ: s.calibration?.floor_z ?? 0,
  }));
  const possible = shown && consensus.views.length > 1;

  useEffect(() => {
    const { current } = element;
    if (!possible || current === null) return;
    let closed = false;
    let opened: SceneView | null = null;
    import('./scene')
      .then((module) => {
        if (closed) return;
        opened = new module.SceneView(current, styleOf(current), {
          onHover: (hovered, camera) => {
            const hover =
              hovered === null
                ? ({ kind: 'nothing' } as const)
                : ({ kind: 'joint', joint: hovered } as const);
            if (hovered !== null || editor.state.hover.kind === 'joint') editor.set({ hover });
            const words = hovered === null ? null : (JOINT_LABELS[hovered] ?? null);
            setTip(camera === null ? words : `Work in ${editor.views.nameOf(camera)}`);
          },
          onJoint: (hit) => editor.select(hit),
          onCamera: (camera) => editor.views.activate(camera, true),
        });
        setView(opened);
        setNear(false);
      })
      .catch((error: unknown) => setFault(error instanceof Error ? error.message : String(error)));
    return () => {
      closed = true;
      opened?.close();
      setView(null);
    };
  }, [editor, possible]);

  useEffect(() => {
    view?.show({
      points: consensus.joints.map((found) => (found.agreed ? found.point : null)),
      cameras: consensus.views.map(({ camera, model }) => ({
        id: camera,
        name: editor.views.nameOf(camera),
        model,
      })),
      floorZ,
      active,
      joint,
    });
  }, [view, consensus, floorZ, active, joint, editor]);

  if (!possible) return null;
  const agreed = consensus.joints.filter((found) => found.agreed).length;
  return (
    <section
      ref={element}
      className={css.scene}
      aria-label={`The figure in 3D: ${agreed} of 17 joints, ${count(consensus.views.length, 'camera')}`}
      data-testid="scene"
      data-ready={view !== null || undefined}
    >
      {fault !== null && <span className={css.sceneNote}>3D cannot be shown here: {fault}</span>}
      {view !== null && (
        <button
          type="button"
          className={css.sceneNear}
          onClick={() => {
            setNear(!near);
            view.come(!near);
          }}
        >
          {near ? 'All cameras' : 'Figure'}
        </button>
      )}
      <span className={css.sceneTip}>{tip ?? 'Drag to turn · wheel to zoom'}</span>
    </section>
  );
}

function styleOf(element: Element): SceneStyle {
  const style = getComputedStyle(element);
  const colour = (value: string): string => {
    const name = /^var\((.*)\)$/.exec(value)?.[1];
    return name === undefined ? value : style.getPropertyValue(name).trim();
  };
  return {
    bones: BONES.map(({ a, b, colour: own }) => ({ a, b, colour: colour(own) })),
    joints: JOINTS.map((_, i) => colour(colourOf(i))),
    ground: colour('var(--canvas)'),
    line: colour('var(--border-strong)'),
    accent: colour('var(--accent)'),
    text: colour('var(--text-2)'),
  };
}
