import type { Camera } from '@/shared/api/types';
import { cx } from '@/shared/ui';
import {
  type Clocks,
  cameraTime,
  frameMs,
  nearestPicture,
  type Picture,
  signedMs,
  ZERO,
} from './clocks';
import { usePreloaded } from './usePreloaded';
import css from './Views.module.css';

interface ViewProps {
  camera: Camera;
  number: number;
  pictures: readonly Picture[];
  wanted: number;
  selected: boolean;
  onSelect: () => void;
}

function View({ camera, number, pictures, wanted, selected, onSelect }: ViewProps) {
  const index = nearestPicture(pictures, wanted);
  const picture = pictures[index];
  usePreloaded(pictures, index);
  const away = picture ? (picture.time - wanted) * 1000 : 0;
  // A picture half a frame off is as near as the camera can be.
  const near = Math.abs(away) <= frameMs(camera) / 2 + 0.5;
  return (
    <button
      type="button"
      className={cx(css.view, selected && css.selected)}
      style={{ aspectRatio: `${camera.width ?? 4} / ${camera.height ?? 3}` }}
      aria-pressed={selected}
      onClick={onSelect}
    >
      {picture ? (
        <img src={picture.url} alt="" draggable={false} data-time={picture.time.toFixed(4)} />
      ) : (
        <span className={css.none}>No picture</span>
      )}
      <span className={css.name}>
        <kbd aria-hidden>{number}</kbd>
        {camera.name}
      </span>
      {picture ? (
        <span className={css.time}>
          {picture.time.toFixed(3)} s{near ? null : <em>{signedMs(away, 0)} from the moment</em>}
        </span>
      ) : null}
    </button>
  );
}

interface ViewsProps {
  cameras: readonly Camera[];
  pictures: ReadonlyMap<number, readonly Picture[]>;
  clocks: Clocks;
  time: number;
  selected: number;
  onSelect: (cameraId: number) => void;
}

const NONE: readonly Picture[] = [];

/** All cameras at one moment of the common time. */
export function Views({ cameras, pictures, clocks, time, selected, onSelect }: ViewsProps) {
  const upright = cameras.every(({ width, height }) => width && height && height > width);
  const columns = upright ? Math.min(4, cameras.length) : cameras.length <= 4 ? 2 : 3;
  return (
    <fieldset
      className={cx(css.grid, upright && css.upright)}
      aria-label="All cameras at one moment"
      style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
    >
      {cameras.map((camera, i) => (
        <View
          key={camera.id}
          camera={camera}
          number={i + 1}
          pictures={pictures.get(camera.id) ?? NONE}
          wanted={cameraTime(time, clocks[camera.id] ?? ZERO)}
          selected={camera.id === selected}
          onSelect={() => onSelect(camera.id)}
        />
      ))}
    </fieldset>
  );
}
