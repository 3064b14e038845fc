/** Which of many files belong to which camera, by folder and file names. */

export interface NamedCamera {
  id: number;
  name: string;
}

export interface Distribution<T> {
  byCamera: Map<number, T[]>;
  /** Files in which no camera's name was found. */
  left: T[];
}

/** `Cam_01` and `cam 1` are the same: letters and numbers, zeros in front left out. */
export function words(text: string): string[] {
  const parts = text.toLowerCase().match(/\p{L}+|\d+/gu) ?? [];
  return parts.map((part) => (/^\d+$/.test(part) ? String(Number(part)) : part));
}

/** Whether the words of `name` stand next to each other in `text`. */
function contains(text: string[], name: string[]): boolean {
  if (!name.length) return false;
  return text.some((_, i) => name.every((word, k) => text[i + k] === word));
}

const naturally = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** `2.jpg` before `10.jpg`. */
export function byName(a: string, b: string): number {
  return naturally.compare(a, b);
}

function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.') || part === 'Thumbs.db');
}

/** The camera whose name a part of a path holds; of several, the one with the longest name. */
function cameraOf(part: string, cameras: readonly NamedCamera[]): NamedCamera | undefined {
  const own = words(part);
  const found = cameras.filter((camera) => contains(own, words(camera.name)));
  const longest = Math.max(...found.map((camera) => words(camera.name).length));
  const best = found.filter((camera) => words(camera.name).length === longest);
  return best.length === 1 ? best[0] : undefined;
}

/** A folder may also say less than the camera's name: `left` for `visit 3 left`. */
function cameraOfFolder(part: string, cameras: readonly NamedCamera[]): NamedCamera | undefined {
  const own = words(part);
  if (!own.some((word) => /\p{L}/u.test(word))) return undefined;
  const found = cameras.filter((camera) => contains(words(camera.name), own));
  return cameraOf(part, cameras) ?? (found.length === 1 ? found[0] : undefined);
}

function numbered(part: string): number | undefined {
  const numbers = words(part).filter((word) => /^\d+$/.test(word));
  return numbers.length === 1 ? Number(numbers[0]) : undefined;
}

/**
 * Sorts files by camera. The innermost folder that names a camera counts, else the file's own
 * name. Where no folder names one but there are as many folders as cameras, they are taken in
 * order; likewise one file for each.
 */
export function distribute<T>(
  files: readonly T[],
  pathOf: (file: T) => string,
  cameras: readonly NamedCamera[],
): Distribution<T> {
  const byCamera = new Map<number, T[]>();
  const give = (id: number, file: T) => byCamera.set(id, [...(byCamera.get(id) ?? []), file]);
  const sorted = files
    .filter((file) => !isHidden(pathOf(file)))
    .sort((a, b) => byName(pathOf(a), pathOf(b)));
  let left: T[] = [];
  for (const file of sorted) {
    const parts = pathOf(file).split('/');
    const stem = (parts.pop() ?? '').replace(/\.[^.]+$/, '');
    const folder = parts
      .reverse()
      .reduce<NamedCamera | undefined>(
        (found, part) => found ?? cameraOfFolder(part, cameras),
        undefined,
      );
    const camera = folder ?? cameraOf(stem, cameras);
    if (camera) give(camera.id, file);
    else left.push(file);
  }
  const folderOf = (file: T) => pathOf(file).split('/').slice(0, -1).join('/');
  const groups = [...new Set(left.map(folderOf))];
  if (byCamera.size === 0 && left.length) {
    if (groups.length > 1 && groups.length === cameras.length && !groups.includes('')) {
      const order = [...groups].sort(
        (a, b) => (numbered(a) ?? 0) - (numbered(b) ?? 0) || byName(a, b),
      );
      for (const file of left) give(cameras[order.indexOf(folderOf(file))]?.id ?? 0, file);
      left = [];
    } else if (groups.length === 1 && left.length === cameras.length && cameras.length > 1) {
      left.forEach((file, i) => {
        give(cameras[i]?.id ?? 0, file);
      });
      left = [];
    }
  }
  return { byCamera, left };
}
