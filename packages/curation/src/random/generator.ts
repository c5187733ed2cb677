/** A seeded stream of random numbers: the same seed gives the same stream on every machine. */
export interface Generator {
  /** The next 32 random bits, 0 … 2³² − 1. */
  bits(): number;
  /** A uniform whole number 0 … bound − 1, without bias; bound is 1 … 2³². */
  below(bound: number): number;
  /** A uniform number in [0, 1) with 32 random bits. */
  unit(): number;
  /** A draw from the standard normal distribution (polar method of Marsaglia and Bray 1964). */
  normal(): number;
}

/**
 * sfc32 (Doty-Humphrey, PractRand): 128 bits of state of which 32 are a counter, so no short cycles.
 * @param seed any finite number; all 64 bits of its representation count
 */
export function generator(seed: number): Generator {
  if (!Number.isFinite(seed)) throw new RangeError(`seed must be a finite number, got ${seed}`);
  const words = new Uint32Array(new Float64Array([seed === 0 ? 0 : seed]).buffer);
  let a = words[0]! | 0;
  let b = words[1]! | 0;
  let c = 0x9e3779b9 | 0;
  let counter = 1;
  const bits = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 16; round++) bits();
  const below = (bound: number): number => {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let value = bits();
    while (value >= limit) value = bits();
    return value % bound;
  };
  const unit = (): number => bits() / 2 ** 32;
  let spare = Number.NaN;
  const normal = (): number => {
    if (!Number.isNaN(spare)) {
      const value = spare;
      spare = Number.NaN;
      return value;
    }
    for (;;) {
      const x = 2 * unit() - 1;
      const y = 2 * unit() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      spare = y * factor;
      return x * factor;
    }
  };
  return { bits, below, unit, normal };
}
