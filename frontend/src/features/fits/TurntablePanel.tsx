import { CircleDotDashed, House, RefreshCw, Spline } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Ground, Turntable } from '@/features/fits/bodies/scene/Turntable';
import { IconButton, useTheme } from '@/shared/ui';
import { useSize } from '@/shared/ui/useSize';
import { setPrefs, usePrefs } from './prefs';
import css from './TurntablePanel.module.css';
import { useWorkbench } from './workbench';

/** Where the floor is: as the calibration says, else under the lowest joint of the recording. */
function useGround(): Ground & { known: boolean } {
  const { run, calibration, data } = useWorkbench();
  const floor = calibration?.floor_z ?? null;
  const lowest = useMemo(() => {
    let z = Number.POSITIVE_INFINITY;
    for (const fit of data.fits) for (const p of fit.body_joints) z = Math.min(z, p[2] ?? z);
    return z;
  }, [data.fits]);
  const under = Number.isFinite(lowest) ? Math.round((lowest - 0.03) * 100) / 100 : null;
  const calibrated = Boolean(run?.calibration);
  return useMemo(
    () =>
      calibrated
        ? { up: [0, 0, 1], grid: floor ?? under, known: floor !== null }
        : { up: [0, -1, 0], grid: null, known: false },
    [calibrated, floor, under],
  );
}

/** Turntable in `canvas` once three.js is here; null before, and without WebGL. */
function useTurntable(canvas: React.RefObject<HTMLCanvasElement | null>): Turntable | null {
  const [table, setTable] = useState<Turntable | null>(null);
  useEffect(() => {
    let made: Turntable | null = null;
    let gone = false;
    import('@/features/fits/bodies/scene/Turntable').then(
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
  const { projectors, cameras, posed, fit, defaults } = useWorkbench();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSize(box);
  const table = useTurntable(canvas);
  const ground = useGround();
  const dark = useTheme((s) => s.theme === 'dark');
  const autoRotate = usePrefs((s) => s.autoRotate);
  const intervals = usePrefs((s) => s.intervals);
  const { interval_radius: radius, interval_share: share } = defaults;
  const [stick, setStick] = useState(false);
  useEffect(() => table?.resize(size.width, size.height), [table, size]);
  useEffect(() => {
    if (posed && fit) table?.setBody(posed.body, fit.joints);
    else table?.clearBody();
  }, [table, posed, fit]);
  useEffect(() => {
    if (!posed || !fit) return;
    table?.setIntervals(fit.joints, fit.covariance, radius, intervals);
  }, [table, posed, fit, radius, intervals]);
  useEffect(() => {
    if (!table) return;
    table.setTheme(dark);
    const placed = cameras.flatMap((c) => projectors.get(c.id)?.camera ?? []);
    table.setSession(placed, ground);
  }, [table, dark, cameras, projectors, ground]);
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
        {fit?.covariance ? (
          <IconButton
            label={`Where each joint lies with ${Math.round(100 * share)} %`}
            size="sm"
            pressed={intervals}
            onClick={() => setPrefs({ intervals: !intervals })}
          >
            <CircleDotDashed size={16} />
          </IconButton>
        ) : null}
        <IconButton
          label="Turn automatically"
          size="sm"
          pressed={autoRotate}
          onClick={() => setPrefs({ autoRotate: !autoRotate })}
        >
          <RefreshCw size={16} />
        </IconButton>
        <IconButton label="Back to the first view" size="sm" onClick={() => table?.home()}>
          <House size={16} />
        </IconButton>
      </div>
      <div className={css.box} ref={box}>
        <canvas
          ref={canvas}
          aria-label="The body in 3D: drag to turn, scroll to zoom, right button to move"
          role="img"
        />
        {fit ? null : <p className={css.note}>No fit at this moment</p>}
      </div>
      <div className={css.cameras}>
        <span>See from</span>
        {cameras.map((camera, i) => {
          const seen = projectors.get(camera.id)?.camera;
          return (
            <button
              key={camera.id}
              type="button"
              disabled={!seen}
              aria-label={`See from ${camera.name}`}
              title={`See from ${camera.name}`}
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
        {projectors.size > 1 ? (
          <button type="button" title="See all cameras" onClick={() => table?.overview()}>
            all
          </button>
        ) : null}
        {ground.grid === null ? null : (
          <em
            title={
              ground.known
                ? 'The floor of the calibration'
                : 'The calibration defines no floor: the grid lies under the lowest joint'
            }
          >
            10 cm grid
          </em>
        )}
      </div>
    </section>
  );
}
