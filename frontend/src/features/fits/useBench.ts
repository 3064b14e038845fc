import { useCallback, useEffect, useMemo, useState } from 'react';
import { gateOf, momentAt } from '@/features/fits/bodies/facts';
import { rangeOf } from '@/features/fits/bodies/timeline';
import type {
  FitDefaults,
  FitsOfRecording,
  MomentCamera,
  MomentsOfRecording,
} from '@/features/fits/bodies/types';
import type { RecordingDetail } from '@/shared/api/types';
import { usePosedBody, useProjectors, type Workbench } from './workbench';

interface Loaded {
  recording: RecordingDetail;
  data: FitsOfRecording;
  defaults: FitDefaults;
  session: MomentsOfRecording;
}

/** Whether the size of a camera's pictures is known, as it is from the first one on. */
const isRead = (camera: MomentsOfRecording['cameras'][number]): camera is MomentCamera =>
  camera.width !== null && camera.height !== null;

/** Runs the cursor at the speed at which the recording was filmed, until its end. */
function usePlayback(
  moments: MomentsOfRecording['moments'],
  playing: boolean,
  cursor: number,
  step: (at: number) => void,
  end: () => void,
): void {
  // The cursor of the moment at which playing began; it moves by itself from then on.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only playing starts and stops it
  useEffect(() => {
    if (!playing) return;
    const last = moments.length - 1;
    const start = cursor >= last ? 0 : cursor;
    const startTime = moments[start]?.time_s ?? 0;
    const began = performance.now();
    let shown = -1;
    let asked = 0;
    const tick = (now: number) => {
      const at = momentAt(moments, startTime + (now - began) / 1000);
      if (at !== shown) step(at);
      shown = at;
      if (at >= last) end();
      else asked = requestAnimationFrame(tick);
    };
    asked = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(asked);
  }, [playing, moments]);
}

/** Where one is in a recording's fits, what is selected, and what is shown there. */
export function useBench({ recording, data, defaults, session }: Loaded): Workbench | null {
  const { moments } = session;
  const cameras = useMemo(() => session.cameras.filter(isRead), [session.cameras]);
  const byMoment = useMemo(() => new Map(data.fits.map((f) => [f.moment_id, f])), [data.fits]);
  const fitOf = useCallback((momentId: number) => byMoment.get(momentId), [byMoment]);
  const [at, setAt] = useState(() =>
    Math.max(
      0,
      moments.findIndex((m) => byMoment.has(m.id)),
    ),
  );
  const [anchor, setAnchor] = useState<number | null>(null);
  const [playing, setPlaying] = useState(false);
  const [large, setLarge] = useState(0);
  const cursor = Math.min(at, moments.length - 1);

  const goTo = useCallback(
    (next: number, extend = false) => {
      const wanted = Math.min(moments.length - 1, Math.max(0, next));
      setAnchor((held) => (extend ? (held ?? cursor) : null));
      setAt(wanted);
    },
    [moments.length, cursor],
  );
  const clearRange = useCallback(() => setAnchor(null), []);
  const end = useCallback(() => setPlaying(false), []);
  usePlayback(moments, playing, cursor, setAt, end);

  const moment = moments[cursor];
  const fit = moment && fitOf(moment.id);
  const run = data.runs.find((r) => r.id === fit?.run_id) ?? data.run ?? undefined;
  const { calibration, projectors } = useProjectors(run, cameras, moment?.time_s);
  const { posed, error: bodyError } = usePosedBody(fit);
  if (!moment) return null;
  const gate = gateOf(run, defaults.gate_px);
  return {
    recording,
    data,
    defaults,
    gate,
    gatePx: gate.mean,
    cameras,
    moments,
    fitOf,
    cursor,
    moment,
    fit,
    run,
    calibration,
    projectors,
    posed,
    bodyError,
    range: rangeOf(anchor, cursor),
    selecting: anchor !== null,
    playing,
    large: Math.min(large, cameras.length - 1),
    goTo,
    clearRange,
    setPlaying,
    setLarge,
  };
}
