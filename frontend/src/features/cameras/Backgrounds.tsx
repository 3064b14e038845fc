import { useQuery } from '@tanstack/react-query';
import { ImageUp, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { pathOf } from '@/features/uploads/paths';
import { urlOf } from '@/shared/api/client';
import { framesQuery } from '@/shared/api/queries/recordings';
import { count } from '@/shared/lib/format';
import { Button, Field, toast } from '@/shared/ui';
import { distribute, type NamedCamera } from './distribute';
import own from './PointsPlace.module.css';

export interface BackgroundsState {
  /** Address of the picture in which a camera's points are clicked. */
  urlOf: (cameraId: number) => string | null;
  photos: Readonly<Record<number, string>>;
  addPhotos: (files: File[]) => void;
  clearPhotos: () => void;
  /** Moments of the recording of which there are frames, in order. */
  moments: number[];
  moment: number;
  setMoment: (position: number) => void;
}

/** Photos of the room, which stay in this browser; else frames of the recording. */
export function useBackgrounds(
  recordingId: number,
  cameras: readonly NamedCamera[],
): BackgroundsState {
  const { data: frames = [] } = useQuery(framesQuery(recordingId));
  const [photos, setPhotos] = useState<Record<number, string>>({});
  const [position, setPosition] = useState(0);
  const made = useRef<string[]>([]);
  useEffect(
    () => () => {
      for (const url of made.current) URL.revokeObjectURL(url);
    },
    [],
  );
  const moments = [...new Set(frames.flatMap((f) => f.moment_index ?? []))].sort((a, b) => a - b);
  const moment = moments[position];
  return {
    photos,
    moments,
    moment: position,
    setMoment: setPosition,
    urlOf: (cameraId) => {
      const photo = photos[cameraId];
      if (photo) return photo;
      const own = frames.filter((f) => f.camera_id === cameraId);
      const frame = own.find((f) => f.moment_index === moment) ?? own[0];
      return frame ? urlOf('/api/v1/frames/{frame_id}/image', { frame_id: frame.id }) : null;
    },
    addPhotos: (files) => {
      const images = files.filter((f) => f.type.startsWith('image/'));
      const { byCamera, left } = distribute(images, pathOf, cameras);
      const next = { ...photos };
      for (const [id, own] of byCamera) {
        const [first] = own;
        if (!first) continue;
        const url = URL.createObjectURL(first);
        made.current.push(url);
        next[id] = url;
      }
      setPhotos(next);
      if (left.length) {
        toast.info(`${count(left.length, 'photo')} could not be assigned to a camera`, {
          detail: `Name the file after the camera, such as ${cameras[0]?.name ?? 'cam01'}.jpg.`,
        });
      }
    },
    clearPhotos: () => setPhotos({}),
  };
}

interface BackgroundsProps {
  backgrounds: BackgroundsState;
  cameras: readonly NamedCamera[];
}

/** In which pictures the points are clicked. */
export function Backgrounds({ backgrounds, cameras }: BackgroundsProps) {
  const input = useRef<HTMLInputElement>(null);
  const { photos, moments, moment, setMoment, addPhotos, clearPhotos } = backgrounds;
  const taken = cameras.filter((c) => photos[c.id]).length;
  return (
    <div className={own.sources}>
      {taken < cameras.length && moments.length > 1 ? (
        <div className={own.moment}>
          <Field label={`Pictures: moment ${moment + 1} of ${moments.length} of the recording`}>
            {(control) => (
              <input
                {...control}
                type="range"
                min={0}
                max={moments.length - 1}
                value={moment}
                onChange={(e) => setMoment(Number(e.target.value))}
              />
            )}
          </Field>
        </div>
      ) : null}
      <Button icon={<ImageUp size={14} aria-hidden />} onClick={() => input.current?.click()}>
        Use photos of the room
      </Button>
      {taken ? (
        <>
          <span>
            Photos of {taken} of {count(cameras.length, 'camera')}; they stay in this browser.
          </span>
          <Button variant="ghost" icon={<X size={14} aria-hidden />} onClick={clearPhotos}>
            Back to frames
          </Button>
        </>
      ) : null}
      <input
        ref={input}
        type="file"
        hidden
        multiple
        accept="image/*"
        aria-label="Photos of the room"
        onChange={(event) => {
          addPhotos([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
    </div>
  );
}
