/** Files by camera, as they are chosen and sorted. */
import { pathOf } from '@/features/uploads/paths';
import { addFile, removeFile, useUploads } from '@/features/uploads/store';
import { byName, distribute, type NamedCamera } from './distribute';

export interface CameraFilesDraft {
  /** Camera's id to keys of the upload store, in the order of their names. */
  of: Record<number, string[]>;
  /** Keys of files that no camera has yet. */
  left: string[];
}

export const NO_FILES: CameraFilesDraft = { of: {}, left: [] };

const READABLE = /\.(jpe?g|png|webp|bmp|tiff?|mp4|mov|m4v|mkv|avi|webm|mts|m2ts)$/i;

function isReadable(file: File): boolean {
  return READABLE.test(file.name);
}

function inOrder(keys: string[]): string[] {
  const { items } = useUploads.getState();
  const name = (key: string) => (items[key] ? pathOf(items[key].file) : '');
  return [...keys].sort((a, b) => byName(name(a), name(b)));
}

/** Begins to send files, each for the camera that its folder or name tells. */
export function addSorted(
  draft: CameraFilesDraft,
  files: File[],
  cameras: readonly NamedCamera[],
): CameraFilesDraft {
  const { byCamera, left } = distribute(files.filter(isReadable), pathOf, cameras);
  const of = { ...draft.of };
  for (const [id, own] of byCamera) of[id] = inOrder([...(of[id] ?? []), ...own.map(addFile)]);
  return { of, left: [...draft.left, ...left.map(addFile)] };
}

export function addTo(draft: CameraFilesDraft, cameraId: number, files: File[]): CameraFilesDraft {
  const keys = files.filter(isReadable).map(addFile);
  return {
    ...draft,
    of: { ...draft.of, [cameraId]: inOrder([...(draft.of[cameraId] ?? []), ...keys]) },
  };
}

/** Gives all files that are left over to one camera. */
export function giveLeft(draft: CameraFilesDraft, cameraId: number): CameraFilesDraft {
  const keys = [...(draft.of[cameraId] ?? []), ...draft.left];
  return { of: { ...draft.of, [cameraId]: inOrder(keys) }, left: [] };
}

export function removeFrom(draft: CameraFilesDraft, gone: readonly string[]): CameraFilesDraft {
  for (const key of gone) removeFile(key);
  const stays = (key: string) => !gone.includes(key);
  return {
    of: Object.fromEntries(Object.entries(draft.of).map(([id, keys]) => [id, keys.filter(stays)])),
    left: draft.left.filter(stays),
  };
}

/** All keys that are sent with the form. */
export function keysOf(draft: CameraFilesDraft): string[] {
  return Object.values(draft.of).flat();
}

export function toUploads(
  draft: CameraFilesDraft,
  idOf: (key: string) => number,
): Record<string, number[]> {
  const filled = Object.entries(draft.of).filter(([, keys]) => keys.length);
  return Object.fromEntries(filled.map(([id, keys]) => [id, keys.map(idOf)]));
}
