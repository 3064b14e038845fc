/** Which images somebody looked at in this tab, kept over a reload; on disk nothing remains. */
const keyOf = (person: number, release: number): string => `infantnet.faces.${person}.${release}`;

export function loadLooked(
  person: number,
  release: number,
  storage = sessionStorage,
): ReadonlySet<string> {
  try {
    const found: unknown = JSON.parse(storage.getItem(keyOf(person, release)) ?? '[]');
    return new Set(Array.isArray(found) ? found.filter((path) => typeof path === 'string') : []);
  } catch {
    return new Set();
  }
}

export function saveLooked(
  person: number,
  release: number,
  looked: ReadonlySet<string>,
  storage = sessionStorage,
): void {
  try {
    storage.setItem(keyOf(person, release), JSON.stringify([...looked]));
  } catch {
    // A full storage only costs what was looked at before a reload.
  }
}
