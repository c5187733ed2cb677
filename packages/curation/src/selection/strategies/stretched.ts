/**
 * Values as gains: mapped linearly so that the least gives 0 and the most 1; all equal: all 1. NaN, for none, gives
 * `without`.
 */
export function stretched(values: Float64Array, without = 0): Float64Array {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  // Halves before the difference: two finite values may be further apart than the largest number.
  const range = most / 2 - least / 2;
  return values.map((value) => (Number.isNaN(value) ? without : range > 0 ? (value / 2 - least / 2) / range : 1));
}
