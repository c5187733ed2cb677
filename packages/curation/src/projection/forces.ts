// The curve 1 / (1 + a·d^2b) that fits a least distance of 0.1 and a spread of 1, as umap-learn's defaults do.
const A = 1.5769434602;
const B = 0.8950608779;

// Forces depend on the squared distance only, through a power that costs more than all the rest. They are looked up by the
// exponent (−30 … 29) and the first 7 bits of the mantissa, as kernels/layout.ts does: 0.4 % off at most.
const SHIFT = 16;
const FIRST = (127 - 30) << 7;
const CELLS = 60 << 7;

/** What draws two rows together, as a factor on their difference. */
export function attraction(square: number): number {
  const power = square ** B;
  return square > 0 ? (-2 * A * B * (power / square)) / (1 + A * power) : 0;
}

/** What drives two rows apart, as a factor on their difference. */
export function repulsion(square: number): number {
  return (2 * B) / ((0.001 + square) * (1 + A * square ** B));
}

/** Both, in the middle of each cell. */
export function forceTables(): { attraction: Float32Array; repulsion: Float32Array } {
  const bits = Uint32Array.from({ length: CELLS }, (_, index) => ((index + FIRST) << SHIFT) | (1 << (SHIFT - 1)));
  const squares = new Float32Array(bits.buffer);
  return { attraction: squares.map(attraction), repulsion: squares.map(repulsion) };
}
