/** Numbers of values in bins of equal ratio. */
export interface LogHistogram {
  /** Ascending; one more than there are bins; empty without positive values. */
  readonly edges: readonly number[];
  /** One entry per series, each with one count per bin. The last bin holds its upper edge. */
  readonly counts: readonly (readonly number[])[];
  /** Per series, how many values are zero (up to rounding): they have no place on a logarithmic scale. */
  readonly zeros: readonly number[];
}

/** Distances of float32 vectors below this can't be told from zero. */
const ZERO_DISTANCE = 1e-6;

/** Histogram of several series over common bins of equal ratio. NaN, which stands for "not known", is passed over. */
export function logHistogram(series: readonly ArrayLike<number>[], bins = 28): LogHistogram {
  let least = Infinity;
  let most = 0;
  const zeros = series.map(() => 0);
  for (const [which, values] of series.entries()) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (!Number.isFinite(value)) continue;
      if (value <= ZERO_DISTANCE) zeros[which]!++;
      else {
        if (value < least) least = value;
        if (value > most) most = value;
      }
    }
  }
  if (most === 0) return { edges: [], counts: series.map(() => []), zeros };
  // A single value gets bins around it.
  if (most / least < 1.05) {
    least /= 1.25;
    most *= 1.25;
  }
  const low = Math.log(least);
  const step = (Math.log(most) - low) / bins;
  const edges = Array.from({ length: bins + 1 }, (_, i) => (i === 0 ? least : i === bins ? most : Math.exp(low + i * step)));
  const counts = series.map((values) => {
    const counts = Array.from({ length: bins }, () => 0);
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (!(value > ZERO_DISTANCE) || value === Infinity) continue;
      const bin = Math.min(bins - 1, Math.max(0, Math.floor((Math.log(value) - low) / step)));
      counts[bin]!++;
    }
    return counts;
  });
  return { edges, counts, zeros };
}

/** What a column of distances comes to. All null when no value is known. */
export interface DistanceSummary {
  /** Values that are known. */
  readonly known: number;
  readonly zeros: number;
  readonly least: number | null;
  readonly median: number | null;
  readonly mean: number | null;
  readonly most: number | null;
}

export function summariseDistances(values: ArrayLike<number>): DistanceSummary {
  const known = Float64Array.from(values as ArrayLike<number>).filter(Number.isFinite).sort();
  if (known.length === 0) return { known: 0, zeros: 0, least: null, median: null, mean: null, most: null };
  let sum = 0;
  let zeros = 0;
  for (const value of known) {
    sum += value;
    if (value <= ZERO_DISTANCE) zeros++;
  }
  const half = known.length >> 1;
  const median = known.length % 2 === 1 ? known[half]! : (known[half - 1]! + known[half]!) / 2;
  return { known: known.length, zeros, least: known[0]!, median, mean: sum / known.length, most: known.at(-1)! };
}
