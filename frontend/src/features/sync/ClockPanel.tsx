import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Camera } from '@/shared/api/types';
import type { Trust } from '@/shared/domain/rules.gen';
import { Badge, cx, IconButton, Input, type Tone } from '@/shared/ui';
import css from './ClockPanel.module.css';
import {
  type Clock,
  type Clocks,
  frameMs,
  percent,
  round,
  signedMs,
  TRUST_WORDS,
  trustOf,
  ZERO,
} from './clocks';
import type { CameraOffset } from './queries';

const TONES: Record<Trust, Tone> = {
  sure: 'ok',
  likely: 'info',
  doubtful: 'warn',
  guess: 'danger',
};

function OffsetInput({
  camera,
  clock,
  disabled,
  onChange,
}: {
  camera: Camera;
  clock: Clock;
  disabled: boolean;
  onChange: (ms: number) => void;
}) {
  const [text, setText] = useState(String(round(clock.offsetMs)));
  useEffect(() => setText(String(round(clock.offsetMs))), [clock.offsetMs]);
  const commit = () => {
    const value = Number(text.replace('−', '-').replace(',', '.'));
    if (text.trim() && Number.isFinite(value) && Math.abs(value) <= 86_400_000) onChange(value);
    else setText(String(round(clock.offsetMs)));
  };
  return (
    <Input
      aria-label={`Offset of ${camera.name} in milliseconds`}
      inputMode="decimal"
      className={css.input}
      value={text}
      disabled={disabled}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
      }}
    />
  );
}

/** `= 0.4 frames`: what an offset means for this camera. */
function inFrames(camera: Camera, clock: Clock): string {
  const frames = clock.offsetMs / frameMs(camera);
  return `= ${Math.abs(frames).toFixed(1)} frames`;
}

function Facts({
  camera,
  offset,
  clock,
}: {
  camera: Camera;
  offset: CameraOffset | undefined;
  clock: Clock;
}) {
  if (!offset) return null;
  const moved = Math.abs(clock.offsetMs - offset.offset_ms) >= 0.01;
  const trust = trustOf(offset.confidence ?? 0);
  return (
    <div className={css.facts}>
      {offset.measured ? (
        <Badge tone={TONES[trust]}>
          {TRUST_WORDS[trust]} · {percent(offset.confidence ?? 0)}
        </Badge>
      ) : (
        <Badge>Not measured</Badge>
      )}
      {clock.offsetMs ? <span>{inFrames(camera, clock)}</span> : null}
      {moved ? <span>measured {signedMs(offset.offset_ms)}</span> : null}
      {clock.driftPpm ? <span>drift {clock.driftPpm.toFixed(1)} ppm</span> : null}
      {offset.residual_ms != null ? <span>{offset.residual_ms.toFixed(1)} ms residual</span> : null}
    </div>
  );
}

interface ClockPanelProps {
  cameras: readonly Camera[];
  clocks: Clocks;
  offsets: readonly CameraOffset[];
  selected: number;
  mayChange: boolean;
  onSelect: (cameraId: number) => void;
  onOffset: (cameraId: number, ms: number) => void;
}

/** Each camera's offset, how far to trust it, and nudging it by source frames. */
export function ClockPanel(props: ClockPanelProps) {
  const { cameras, clocks, offsets, selected, mayChange, onSelect, onOffset } = props;
  return (
    <ul className={css.list} aria-label="Clocks of the cameras">
      {cameras.map((camera, i) => {
        const clock = clocks[camera.id] ?? ZERO;
        const offset = offsets.find((o) => o.camera_id === camera.id);
        const step = frameMs(camera);
        const nudge = (frames: number) =>
          onOffset(camera.id, round(clock.offsetMs - frames * step));
        return (
          <li key={camera.id} className={cx(css.camera, camera.id === selected && css.selected)}>
            <div className={css.row}>
              <button type="button" className={css.name} onClick={() => onSelect(camera.id)}>
                {camera.name}
                {i === 0 ? <small>reference</small> : null}
              </button>
              <IconButton
                label={`${camera.name}: one source frame back`}
                size="sm"
                disabled={!mayChange}
                onClick={() => nudge(-1)}
              >
                <ChevronLeft size={14} />
              </IconButton>
              <OffsetInput
                camera={camera}
                clock={clock}
                disabled={!mayChange}
                onChange={(ms) => onOffset(camera.id, ms)}
              />
              <IconButton
                label={`${camera.name}: one source frame forward`}
                size="sm"
                disabled={!mayChange}
                onClick={() => nudge(1)}
              >
                <ChevronRight size={14} />
              </IconButton>
              <span className={css.unit}>ms</span>
            </div>
            <Facts camera={camera} offset={offset} clock={clock} />
            {offset?.note ? <p className={css.note}>{offset.note}</p> : null}
          </li>
        );
      })}
    </ul>
  );
}
