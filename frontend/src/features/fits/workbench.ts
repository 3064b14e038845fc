import { useQuery } from '@tanstack/react-query';
import { createContext, useContext, useMemo } from 'react';
import type { Gate } from '@/features/fits/bodies/facts';
import { assumedCamera, Projector } from '@/features/fits/bodies/projection';
import { PosedBody } from '@/features/fits/bodies/skinning';
import type {
  Fit,
  FitDefaults,
  FitRun,
  FitsOfRecording,
  Moment,
  MomentCamera,
} from '@/features/fits/bodies/types';
import type { Calibration, RecordingDetail } from '@/shared/api/types';
import { scaledTo } from '@/shared/geometry/cameras';
import { calibrationQuery, fitModelQuery } from './queries';

/** What the parts of the page share. */
export interface Workbench {
  recording: RecordingDetail;
  data: FitsOfRecording;
  defaults: FitDefaults;
  gate: Gate;
  /** Its mean, which most parts need. */
  gatePx: number;
  cameras: readonly MomentCamera[];
  moments: readonly Moment[];
  fitOf: (momentId: number) => Fit | undefined;
  /** Position in `moments`. */
  cursor: number;
  moment: Moment;
  fit: Fit | undefined;
  run: FitRun | undefined;
  calibration: Calibration | null;
  /** By camera id; missing where the camera has no known place. */
  projectors: ReadonlyMap<number, Projector>;
  /** The body at the cursor, a new object whenever it moves. */
  posed: { body: PosedBody } | null;
  bodyError: unknown;
  /** Both ends included; one moment where nothing is selected. */
  range: readonly [number, number];
  selecting: boolean;
  playing: boolean;
  /** Camera shown large, by position. */
  large: number;
  goTo: (at: number, extend?: boolean) => void;
  clearRange: () => void;
  setPlaying: (on: boolean) => void;
  setLarge: (at: number) => void;
}

const Context = createContext<Workbench | null>(null);
export const WorkbenchProvider = Context.Provider;

export function useWorkbench(): Workbench {
  const bench = useContext(Context);
  if (!bench) throw new Error('Only within the page of body fits.');
  return bench;
}

/** The fits of the selected moments. */
export function selectedFits({ moments, fitOf, range }: Workbench): Fit[] {
  return moments
    .slice(range[0], range[1] + 1)
    .map((moment) => fitOf(moment.id))
    .filter((fit) => fit !== undefined);
}

/** Cameras as the fit saw them: those of its calibration, or one that was assumed. */
export function useProjectors(
  run: FitRun | undefined,
  cameras: readonly MomentCamera[],
  timeS: number | undefined,
) {
  const id = run?.calibration?.id;
  const { data: calibration = null } = useQuery({
    ...calibrationQuery(id ?? 0),
    enabled: id !== undefined,
  });
  const projectors = useMemo(() => {
    const found = new Map<number, Projector>();
    if (!run) return found;
    for (const { id: cameraId, name, width, height } of cameras) {
      const stored = calibration?.cameras.find((c) => c.camera_id === cameraId);
      // A camera that was knocked has one place after the other.
      const place = stored?.moves?.findLast((m) => (m.from_s ?? -Infinity) <= (timeS ?? 0));
      const calibrated = stored && { ...stored, ...place };
      const camera = run.calibration
        ? calibrated && scaledTo(calibrated, width, height)
        : assumedCamera(name, width, height);
      if (camera?.T_camera_world) found.set(cameraId, new Projector(camera));
    }
    return found;
  }, [run, calibration, cameras, timeS]);
  return { calibration, projectors };
}

/** The mesh of a fit, posed. */
export function usePosedBody(fit: Fit | undefined) {
  const { data: mesh, error } = useQuery(fitModelQuery(fit));
  const body = useMemo(() => (mesh ? new PosedBody(mesh) : null), [mesh]);
  const posed = useMemo(() => (fit && body ? { body: body.pose(fit) } : null), [fit, body]);
  return { posed, error };
}
