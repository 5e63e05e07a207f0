/** Chance that can be repeated: the same seed, the same run. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number from 0 to `bound` − 1. */
  below(bound: number): number;
  pick<T>(items: readonly T[]): T;
}

/** mulberry32: small, fast and good enough to choose faults with. */
export function createRandom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return { next, below, pick: <T>(items: readonly T[]) => items[below(items.length)] as T };
}
