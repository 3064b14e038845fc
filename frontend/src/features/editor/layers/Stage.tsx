import { memo, useContext, useEffect, useRef } from 'react';
import { AgreementLayer, GeometryLayer } from '../multiview/GeometryLayer';
import { activeCamera, seenFrom } from '../multiview/panes';
import { PaneContext, useEditor, useEditorParts } from '../store/context';
import { type ScreenPoint, screenPoint } from '../store/geometry';
import type { EditorState } from '../store/state';
import type { Toolbox } from '../tools/Toolbox';
import type { Pointer } from '../tools/tool';
import { InferredLayer } from '../travel/InferredLayer';
import { BoxLayer } from './BoxLayer';
import { CommentPins } from './CommentPins';
import { GhostLayer } from './GhostLayer';
import { GammaFilter, ImageLayer } from './ImageLayer';
import css from './layers.module.css';
import { lookThrough } from './looking';
import { MaskLayer } from './MaskLayer';
import { OthersLayer } from './OthersLayer';
import { Crosshair, GuideLabel, Magnifier } from './PointerAids';
import { SkeletonLayer } from './SkeletonLayer';

/** The canvas: image, masks, boxes, bones, and everything that follows the pointer. */
export function Stage() {
  const editor = useEditor();
  const pane = useContext(PaneContext);
  const stage = useRef<HTMLDivElement>(null);
  const { cursor, label } = useEditorParts((s) => ({
    cursor: s.cursor,
    label: s.index < 0 ? 'No frame' : `Frame ${s.index + 1} of ${s.frames.length}`,
  }));

  useEffect(() => {
    const element = stage.current;
    if (element === null) return;
    return lookThrough(element, {
      seen: () => seenFrom(editor.state, pane),
      look: (change) => editor.panes.look(pane, change),
      letGo: () => editor.tools.finish(),
    });
  }, [editor, pane]);

  return (
    <section
      ref={stage}
      className={css.stage}
      aria-label={label}
      style={{ cursor }}
      onContextMenu={(event) => event.preventDefault()}
      onPointerDown={(event) => {
        if (event.pointerType === 'touch' && !event.isPrimary) return;
        // Taking hold of something in another pane means to work there.
        if (pane !== null && !editor.views.activate(pane)) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        (document.activeElement as HTMLElement | null)?.blur();
        editor.set({ pointer: pointOf(event) });
        editor.tools.current.down(pointerOf(editor.tools, event));
      }}
      onPointerMove={(event) => {
        if (event.pointerType === 'touch' && !event.isPrimary) return;
        if (!isActive(editor.state, pane)) return;
        const pointer = pointerOf(editor.tools, event);
        if (editor.state.loading) return;
        const hover = event.buttons === 0 ? editor.tools.hit(pointer.screen) : editor.state.hover;
        editor.store.together(() => {
          editor.set({ pointer: pointer.screen, hover });
          editor.tools.current.move(pointer);
        });
      }}
      onPointerUp={(event) => {
        if (isActive(editor.state, pane)) editor.tools.current.up(pointerOf(editor.tools, event));
      }}
      onPointerCancel={() => editor.tools.finish()}
      onPointerLeave={() => {
        if (isActive(editor.state, pane)) editor.set({ pointer: null, hover: { kind: 'nothing' } });
      }}
    >
      <Layers />
    </section>
  );
}

/** What lies on the stage; its name changes with every frame, and these need not hear of it. */
const Layers = memo(function Layers() {
  const { viewport, overlay, opacity } = useEditorParts((s) => ({
    viewport: s.viewport,
    overlay: s.view.overlay && !s.view.peeking,
    opacity: s.view.opacity,
  }));
  return (
    <>
      <ImageLayer />
      {overlay && <MaskLayer />}
      <GammaFilter />
      {/* biome-ignore lint/a11y/noSvgWithoutTitle: a title would pop up under the pointer */}
      <svg className={css.svg} width={viewport.width} height={viewport.height}>
        {overlay && (
          <g opacity={opacity === 1 ? undefined : opacity}>
            <OthersLayer />
            <BoxLayer />
            <GhostLayer />
            <InferredLayer />
            <GeometryLayer />
            <SkeletonLayer />
            <AgreementLayer />
            <CommentPins />
          </g>
        )}
        <Crosshair />
      </svg>
      <GuideLabel />
      <Magnifier />
    </>
  );
});

const isActive = (state: EditorState, pane: number | null): boolean =>
  pane === null || pane === activeCamera(state);

interface Position {
  clientX: number;
  clientY: number;
  currentTarget: Element;
}

function pointOf({ clientX, clientY, currentTarget }: Position): ScreenPoint {
  const { left, top } = currentTarget.getBoundingClientRect();
  return screenPoint(clientX - left, clientY - top);
}

function pointerOf(
  tools: Toolbox,
  event: Position & { button: number; shiftKey: boolean; ctrlKey: boolean; altKey: boolean },
): Pointer {
  return {
    ...tools.pointerAt(pointOf(event)),
    button: event.button,
    shift: event.shiftKey,
    ctrl: event.ctrlKey,
    alt: event.altKey,
  };
}
