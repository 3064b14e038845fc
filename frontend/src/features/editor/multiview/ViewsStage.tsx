import { Maximize2, TriangleAlert } from 'lucide-react';
import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import { errorMessage } from '@/shared/api/problem';
import { JOINT_LABELS } from '@/shared/domain/rules.gen';
import { FRAME_STATE_LABELS } from '@/shared/domain/words';
import { count } from '@/shared/lib/format';
import { cx } from '@/shared/ui/cx';
import { FrameStateDot } from '@/shared/ui/FrameStateDot';
import { signOf } from '../filmstrip/cells';
import { Stage } from '../layers/Stage';
import { PaneContext, useEditor, useEditorParts } from '../store/context';
import type { Rectangle, Size } from '../store/geometry';
import { arrange } from './arrange';
import css from './multiview.module.css';
import { activeCamera } from './panes';
import { useConsensus } from './useConsensus';

/** All cameras of the moment: a grid, or one large and the others beside. */
export function ViewsStage() {
  const editor = useEditor();
  const element = useRef<HTMLDivElement>(null);
  const [space, setSpace] = useState<Size>({ width: 0, height: 0 });
  const { layout, active, large, recording } = useEditorParts((s) => ({
    layout: s.views.layout,
    active: activeCamera(s),
    large: s.large,
    recording: s.recording,
  }));

  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return;
    const measure = (): void => {
      setSpace({ width: current.clientWidth, height: current.clientHeight });
    };
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    measure();
    return () => observer.disconnect();
  }, []);

  const cameras = useMemo(
    () => [...recording.cameras_list].sort((a, b) => a.index - b.index),
    [recording.cameras_list],
  );
  const rectangles = useMemo(() => {
    const images = cameras.map(({ width, height }) => ({ width: width ?? 4, height: height ?? 3 }));
    const main = cameras.findIndex(({ id }) => id === (large ?? active));
    return arrange(layout, images, Math.max(main, 0), space);
  }, [cameras, layout, large, active, space]);

  return (
    <div ref={element} className={css.views} data-layout={layout} data-testid="views">
      {space.width > 0 &&
        cameras.map(({ id, name }, i) => (
          <PaneContext key={id} value={id}>
            <ViewPane
              camera={id}
              name={name}
              active={id === active}
              place={rectangles[i] ?? { x: 0, y: 0, ...space }}
              onEnlarge={
                layout === 'beside' && id !== (large ?? active)
                  ? () => editor.views.activate(id, true)
                  : null
              }
            />
          </PaneContext>
        ))}
    </div>
  );
}

interface ViewPaneProps {
  camera: number;
  name: string;
  active: boolean;
  place: Rectangle;
  onEnlarge: (() => void) | null;
}

function ViewPane({ camera, name, active, place, onEnlarge }: ViewPaneProps) {
  const { item, mode, loading, loadError, frame } = useEditorParts((s) => ({
    item: s.frames[s.index] ?? null,
    mode: s.mode,
    loading: s.loading,
    loadError: s.loadError,
    frame: s.frame,
  }));
  const state = item === null ? null : signOf(item, mode);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a second click on an image enlarges it; Alt+1… do the same
    <div
      className={cx(css.pane, active && css.active)}
      style={{ left: place.x, top: place.y, width: place.width, height: place.height }}
      data-camera={camera}
      data-active={active || undefined}
      data-loading={loading || undefined}
      onDoubleClick={onEnlarge ?? undefined}
    >
      <section className={css.paneStage} aria-label={name}>
        <Stage />
      </section>
      <div className={css.chip}>
        {state !== null && (
          <FrameStateDot state={state} commented={(item?.comments ?? 0) > 0} size={13} decorative />
        )}
        <strong>{name}</strong>
        {state !== null && <span className="visually-hidden">{FRAME_STATE_LABELS[state]}</span>}
        <Disagreements camera={camera} />
        {onEnlarge !== null && (
          <button
            type="button"
            tabIndex={-1}
            title={`${name} large`}
            aria-label={`${name} large`}
            onClick={onEnlarge}
          >
            <Maximize2 size={12} aria-hidden />
          </button>
        )}
      </div>
      {loadError !== null ? (
        <span className={css.paneNote}>Could not be loaded: {errorMessage(loadError)}</span>
      ) : item === null ? (
        <span className={css.paneNote}>No frame of this moment</span>
      ) : loading && frame === null ? (
        <span className={css.paneNote}>Loading…</span>
      ) : null}
    </div>
  );
}

/** How many joints of this view the others contradict; which, on pointing at it. */
function Disagreements({ camera }: { camera: number }) {
  const { joints, views } = useConsensus();
  const at = views.findIndex((view) => view.camera === camera);
  const wrong = joints.flatMap((found, i) => (found.disagrees[at] ? [JOINT_LABELS[i]] : []));
  if (at < 0 || wrong.length === 0) return null;
  return (
    <span className={css.warning} title={`The other views disagree: ${wrong.join(', ')}`}>
      <TriangleAlert size={12} aria-hidden />
      {wrong.length === 1 ? wrong[0] : count(wrong.length, 'joint')}
      <span className="visually-hidden"> not where the other views place them</span>
    </span>
  );
}
