/** A stream of numbers that only depends on its seed. */
export interface Random {
  /** In [from, to); [0, 1) by default. */
  (from?: number, to?: number): number;
  /** A whole number from 0 to count − 1. */
  whole(count: number): number;
  pick<T>(choices: readonly T[]): T;
}

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state are plenty for pictures. */
export function random(seed: number): Random {
  let state = seed | 0;
  const next = (from = 0, to = 1) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return from + (((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * (to - from);
  };
  const whole = (count: number) => Math.floor(next() * count);
  return Object.assign(next, { whole, pick: <T>(choices: readonly T[]) => choices[whole(choices.length)]! });
}
