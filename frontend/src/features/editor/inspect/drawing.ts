/** The browser's copy of `backend/domain/vouching.py`'s draw; both are held to `vouching.json`. */

const MASK = (1n << 64n) - 1n;

/** SplitMix64 (Steele et al. 2014). */
function mixed(value: bigint): bigint {
  let z = (value + 0x9e3779b97f4a7c15n) & MASK;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
  return z ^ (z >> 31n);
}

/** Frames of a random sample, in the order in which they were drawn. */
export function drawn(frames: readonly number[], size: number, seed: number): number[] {
  const start = mixed(BigInt(seed));
  return frames
    .map((id) => ({ id, key: mixed(BigInt(id) ^ start) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.id - b.id))
    .slice(0, size)
    .map(({ id }) => id);
}
