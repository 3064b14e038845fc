/** Names of cameras in a calibration file, looked up before it is sent. */
import { type NamedCamera, words } from './distribute';

/** `[cam_0]` with `name = "left"` in TOML, `serial` or `name` in Qualisys' XML. */
export function namesIn(filename: string, text: string): string[] {
  const all = (pattern: RegExp) => [...text.matchAll(pattern)].flatMap((m) => m[1] ?? []);
  if (/\.toml$/i.test(filename)) {
    const names = all(/^\s*name\s*=\s*["']([^"']+)["']/gm);
    if (names.length) return [...new Set(names)];
    return all(/^\s*\[(?:cameras\.)?([^\]]+)\]\s*$/gm).filter((name) => name !== 'metadata');
  }
  if (/<\s*camera\b/i.test(text)) {
    const cameras = all(/<\s*camera\b([^>]*)>/gi);
    return cameras.flatMap((attributes, i) => {
      const named = /\b(?:name|serial)\s*=\s*["']([^"']+)["']/i.exec(attributes);
      return named?.[1] ?? String(i + 1);
    });
  }
  // OpenCV's files hold one camera each and say nothing of its name.
  return [filename.replace(/\.[^.]+$/, '')];
}

/** Which name in the file each camera has: by words that agree, else in order. */
export function matchNames(
  cameras: readonly NamedCamera[],
  names: readonly string[],
): Record<number, string> {
  const same = (a: string, b: string) => words(a).join(' ') === words(b).join(' ');
  const found = cameras.map((camera) => names.find((name) => same(name, camera.name)) ?? '');
  const inOrder = found.every((name) => !name);
  return Object.fromEntries(
    cameras.map((camera, i) => [camera.id, (inOrder ? names[i] : found[i]) ?? '']),
  );
}
