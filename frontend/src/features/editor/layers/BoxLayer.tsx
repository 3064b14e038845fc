import { boxIn } from '../store/boxShown';
import { useEditor, useEditorParts } from '../store/context';
import { toScreen } from '../store/geometry';
import css from './layers.module.css';

/** The infant's box, or the one that is being drawn; handles where it can be dragged. */
export function BoxLayer() {
  const editor = useEditor();
  const { box, draft, camera, mode, tool } = useEditorParts((s) => ({
    box: boxIn(s),
    draft: s.gesture?.box ?? null,
    camera: s.camera,
    mode: s.mode,
    tool: s.tool,
  }));
  const shown = draft ?? box;
  if (shown === null || mode === 'inspect') return null;
  const status = box?.status ?? 'proposed';
  const from = toScreen(camera, shown);
  const width = shown.width * camera.zoom;
  const height = shown.height * camera.zoom;
  const handles = box !== null && editor.boxes.canEdit && tool === 'box';
  return (
    <g data-testid="box" data-status={status} data-stale={box?.stale || undefined}>
      <rect className={css.boxOutline} x={from.x} y={from.y} width={width} height={height} />
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: a rectangle is no control */}
      <rect
        role="img"
        aria-label={`box, ${status.replace('_', ' ')}`}
        className={css.box}
        x={from.x}
        y={from.y}
        width={width}
        height={height}
      />
      {handles &&
        [0, 0.5, 1].flatMap((u) =>
          [0, 0.5, 1]
            .filter((v) => !(u === 0.5 && v === 0.5))
            .map((v) => (
              <rect
                key={`${u}-${v}`}
                className={css.handle}
                x={from.x + u * width - 4}
                y={from.y + v * height - 4}
                width={8}
                height={8}
              />
            )),
        )}
    </g>
  );
}
