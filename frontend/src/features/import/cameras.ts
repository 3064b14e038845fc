import type { Inspection, InspectionRequest } from '@/shared/api/types';

/** A camera as a person arranged it: its name, and its files in order of time. */
export interface CameraDraft {
  name: string;
  /** Keys of the files in the upload store. */
  files: string[];
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** The cameras that the server understood, by the keys of their files. */
export function camerasOf(
  seen: Inspection,
  keyOf: (uploadId: number) => string | undefined,
): CameraDraft[] {
  return seen.cameras.map((camera) => ({
    name: camera.name,
    files: camera.files.flatMap((file) => keyOf(file.upload_id) ?? []),
  }));
}

/** A name that no camera has yet. */
function freeName(cameras: readonly CameraDraft[]): string {
  const used = new Set(cameras.map((c) => c.name.trim().toLowerCase()));
  for (let n = cameras.length + 1; ; n += 1) {
    if (!used.has(`camera ${n}`)) return `camera ${n}`;
  }
}

/**
 * Gives a file to another camera, or to a new one (null). Within a camera files are ordered by name;
 * a camera without files is gone.
 */
export function moved(
  cameras: readonly CameraDraft[],
  file: string,
  to: number | null,
  nameOf: (file: string) => string,
): CameraDraft[] {
  const next = cameras.map((camera, index) => {
    const rest = camera.files.filter((f) => f !== file);
    if (index !== to) return { ...camera, files: rest };
    const files = [...rest, file].sort((a, b) => collator.compare(nameOf(a), nameOf(b)));
    return { ...camera, files };
  });
  if (to === null) next.push({ name: freeName(next), files: [file] });
  return next.filter((camera) => camera.files.length > 0);
}

export function renamed(
  cameras: readonly CameraDraft[],
  index: number,
  name: string,
): CameraDraft[] {
  return cameras.map((camera, i) => (i === index ? { ...camera, name } : camera));
}

/** Without a file that was taken away. */
export function without(cameras: readonly CameraDraft[], file: string): CameraDraft[] {
  return cameras
    .map((camera) => ({ ...camera, files: camera.files.filter((f) => f !== file) }))
    .filter((camera) => camera.files.length > 0);
}

/** What the server is asked about files that have arrived. */
export function inspectionOf(
  files: readonly { key: string; uploadId: number; path: string }[],
  cameras: readonly CameraDraft[],
  sampling: NonNullable<InspectionRequest['sampling']>,
): InspectionRequest {
  const ids = new Map(files.map((file) => [file.key, file.uploadId]));
  return {
    files: files.map(({ uploadId, path }) => ({ upload_id: uploadId, path })),
    cameras: cameras
      .map(({ name, files: own }, index) => ({
        name: name.trim() || `camera ${index + 1}`,
        upload_ids: own.flatMap((key) => ids.get(key) ?? []),
      }))
      .filter((camera) => camera.upload_ids.length > 0),
    separate: false,
    sampling,
  };
}

/** Why an import cannot begin yet, in words; null when nothing speaks against it. */
export function doubtOf(seen: Inspection, arranged: boolean): string | null {
  const faulty = seen.files.filter((file) => file.fault);
  if (faulty.length) return 'A file cannot be used. Remove it, or send a good one.';
  if (!arranged && seen.cameras.some((camera) => !camera.sure)) {
    return 'Please check which files are one camera, then press Import.';
  }
  return null;
}
