import { House, RefreshCw, Spline } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { median } from '@/bodies/facts';
import type { Ground, Turntable } from '@/bodies/scene/Turntable';
import type { Fit } from '@/bodies/types';
import { IconButton, useTheme } from '@/ui';
import { setPrefs, usePrefs } from './prefs';
import css from './TurntablePanel.module.css';
import { useSize } from './useSize';
import { useWorkbench } from './workbench';

/** The middle of where the infant was during the session. */
function middleOf(fits: readonly Fit[]): number[] {
  const hips = fits.map((fit) => fit.body_joints[0] ?? fit.translation);
  return [0, 1, 2].map((axis) => median(hips.map((p) => p[axis] ?? 0)) || 0);
}

function useGround(): Ground {
  const { run, calibration } = useWorkbench();
  return useMemo(
    () =>
      run?.calibration
        ? { up: [0, 0, 1], floor: calibration?.floor_z ?? null }
        : { up: [0, -1, 0], floor: null },
    [run?.calibration, calibration?.floor_z],
  );
}

/** Turntable in `canvas` once three.js is here; null before, and without WebGL. */
function useTurntable(canvas: React.RefObject<HTMLCanvasElement | null>): Turntable | null {
  const [table, setTable] = useState<Turntable | null>(null);
  useEffect(() => {
    let made: Turntable | null = null;
    let gone = false;
    import('@/bodies/scene/Turntable').then(
      ({ Turntable }) => {
        if (gone || !canvas.current) return;
        try {
          made = new Turntable(canvas.current);
          setTable(made);
        } catch (error) {
          console.warn('No turntable:', error);
        }
      },
      () => undefined,
    );
    return () => {
      gone = true;
      made?.dispose();
      setTable(null);
    };
  }, [canvas]);
  return table;
}

/** The body from all sides, with the floor and the cameras around it. */
export function TurntablePanel() {
  const { projectors, cameras, data, posed, fit } = useWorkbench();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSize(box);
  const table = useTurntable(canvas);
  const ground = useGround();
  const dark = useTheme((s) => s.theme === 'dark');
  const autoRotate = usePrefs((s) => s.autoRotate);
  const [stick, setStick] = useState(false);
  const target = useMemo(() => middleOf(data.fits), [data.fits]);
  // A verdict makes new fits in the same places; the view must not jump for that.
  const place = target.map((v) => v.toFixed(2)).join();

  useEffect(() => table?.resize(size.width, size.height), [table, size]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the target by its place only
  useEffect(() => {
    if (!table) return;
    table.setTheme(dark);
    const placed = cameras.flatMap((c) => projectors.get(c.id)?.camera ?? []);
    table.setSession(placed, ground, target);
  }, [table, dark, cameras, projectors, ground, place]);
  useEffect(() => {
    if (posed && fit) table?.setBody(posed.body, fit.joints);
    else table?.clearBody();
  }, [table, posed, fit]);
  useEffect(() => table?.setAutoRotate(autoRotate), [table, autoRotate]);
  useEffect(() => table?.setStick(stick), [table, stick]);

  return (
    <section className={css.panel} aria-label="Body from all sides">
      <div className={css.toolbar}>
        <h2>From all sides</h2>
        <IconButton
          label="Stick figure inside"
          size="sm"
          pressed={stick}
          onClick={() => setStick(!stick)}
        >
          <Spline size={16} />
        </IconButton>
        <IconButton
          label="Turn by itself"
          size="sm"
          pressed={autoRotate}
          onClick={() => setPrefs({ autoRotate: !autoRotate })}
        >
          <RefreshCw size={16} />
        </IconButton>
        <IconButton label="First view again" size="sm" onClick={() => table?.home()}>
          <House size={16} />
        </IconButton>
      </div>
      <div className={css.box} ref={box}>
        <canvas
          ref={canvas}
          aria-label="The body in 3D: drag to turn, scroll to come closer, right button to move"
          role="img"
        />
        {fit ? null : <p className={css.note}>No fit at this moment</p>}
      </div>
      <div className={css.cameras}>
        <span>See as</span>
        {cameras.map((camera, i) => {
          const seen = projectors.get(camera.id)?.camera;
          return (
            <button
              key={camera.id}
              type="button"
              disabled={!seen}
              aria-label={`See as ${camera.name}`}
              title={`See as ${camera.name}`}
              onClick={() => seen && table?.seeAs(seen)}
            >
              {i + 1}
            </button>
          );
        })}
        {ground.up[2] === 1 ? (
          <button type="button" onClick={() => table?.from([0.001, 0, 1])}>
            above
          </button>
        ) : null}
        {ground.floor === null ? null : <em>floor squares 10 cm</em>}
      </div>
    </section>
  );
}
