import { Crosshair, Grid2x2, RectangleHorizontal, ZoomIn } from 'lucide-react';
import type { MeshStyle } from '@/features/fits/bodies/scene/OverlayPainter';
import { errorMessage } from '@/shared/api/problem';
import { cx, IconButton, Notice } from '@/shared/ui';
import { setPrefs, usePrefs } from './prefs';
import { useOverlayPainter } from './useOverlayPainter';
import css from './Views.module.css';
import { ViewTile } from './ViewTile';
import { useWorkbench } from './workbench';

const STYLES: { value: MeshStyle; label: string }[] = [
  { value: 'solid', label: 'Solid' },
  { value: 'wire', label: 'Wireframe' },
  { value: 'silhouette', label: 'Silhouette' },
];

function Toolbar() {
  const { layout, style, opacity, joints, zoomed } = usePrefs();
  const { cameras } = useWorkbench();
  return (
    <div className={css.toolbar} role="toolbar" aria-label="How the views are drawn">
      <fieldset className={css.segments} aria-label="Body">
        {STYLES.map(({ value, label }) => (
          <button
            key={value}
            type="button"
            aria-pressed={style === value}
            onClick={() => setPrefs({ style: value })}
          >
            {label}
          </button>
        ))}
      </fieldset>
      <label className={css.opacity}>
        Opacity
        <input
          type="range"
          min={0}
          max={1}
          step={0.05}
          value={opacity}
          onChange={(event) => setPrefs({ opacity: Number(event.target.value) })}
        />
        <output className="tabular">{Math.round(opacity * 100)}%</output>
      </label>
      <span className={css.gap} />
      <IconButton
        label="Joints and their errors"
        shortcut="J"
        size="sm"
        pressed={joints}
        onClick={() => setPrefs({ joints: !joints })}
      >
        <Crosshair size={16} />
      </IconButton>
      <IconButton
        label="Zoom to the infant"
        shortcut="Z"
        size="sm"
        pressed={zoomed}
        onClick={() => setPrefs({ zoomed: !zoomed })}
      >
        <ZoomIn size={16} />
      </IconButton>
      {cameras.length > 1 ? (
        <IconButton
          label={layout === 'grid' ? 'One view large' : 'All views the same size'}
          shortcut="G"
          size="sm"
          onClick={() => setPrefs({ layout: layout === 'grid' ? 'large' : 'grid' })}
        >
          {layout === 'grid' ? <RectangleHorizontal size={16} /> : <Grid2x2 size={16} />}
        </IconButton>
      ) : null}
    </div>
  );
}

/** The pictures of the moment, from all cameras alike or one of them large. */
export function Views() {
  const { cameras, large, setLarge, bodyError, fit } = useWorkbench();
  const { painter, failed } = useOverlayPainter();
  const layout = usePrefs((s) => s.layout);
  const one = layout === 'large' || cameras.length === 1;
  const choose = (at: number) => {
    const back = one && at === large;
    setPrefs({ layout: back ? 'grid' : 'large' });
    setLarge(at);
  };
  const columns = Math.ceil(Math.sqrt(cameras.length));
  const tiles = cameras.map((camera, at) => (
    <ViewTile
      key={camera.id}
      camera={camera}
      number={at + 1}
      painter={painter}
      small={one && at !== large}
      onChoose={() => choose(at)}
    />
  ));
  return (
    <section className={css.views} aria-label="Views">
      <Toolbar />
      {failed ? (
        <Notice tone="warn">
          This browser shows no 3D graphics (WebGL), so the bodies are not drawn. Joints and numbers
          are shown.
        </Notice>
      ) : null}
      {bodyError && fit ? (
        <Notice tone="warn">
          The surface could not be loaded, so only joints are drawn. {errorMessage(bodyError)}
        </Notice>
      ) : null}
      {one ? (
        <div className={cx(css.large, cameras.length === 1 && css.single)}>
          {tiles[large]}
          {cameras.length > 1 ? (
            <div className={css.strip}>{tiles.filter((_, at) => at !== large)}</div>
          ) : null}
        </div>
      ) : (
        <div
          className={css.grid}
          style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
        >
          {tiles}
        </div>
      )}
    </section>
  );
}
