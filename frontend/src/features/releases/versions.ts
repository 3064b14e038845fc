/** Numbers that follow a version; the server has the last word. */
import type { Change } from './queries';

export const FIRST_VERSION = '1.0.0';
type Version = readonly [major: number, minor: number, patch: number];

/** `1.2.3` as numbers; null where it is none. */
export function parseVersion(text: string): Version | null {
  const found = /^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})$/.exec(text.trim());
  return found ? [Number(found[1]), Number(found[2]), Number(found[3])] : null;
}

export function compareVersions(a: string, b: string): number {
  const [one, other] = [parseVersion(a) ?? [0, 0, 0], parseVersion(b) ?? [0, 0, 0]];
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}

/** The version after the highest of those that there are. */
export function nextVersion(known: readonly string[], change: Change): string {
  const last = [...known].sort(compareVersions).at(-1);
  const version = last === undefined ? null : parseVersion(last);
  if (!version) return FIRST_VERSION;
  const [major, minor, patch] = version;
  if (change === 'major') return `${major + 1}.0.0`;
  return change === 'minor' ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`;
}
