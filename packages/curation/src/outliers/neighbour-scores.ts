import type { Neighbours } from "../neighbours/nearest.ts";

/**
 * How typical a row is for the collection: t(i) = s / (s + m(i)), where m(i) is the mean distance to its k nearest
 * neighbours and s the median of m. 1: among copies; ½: as the median row; towards 0: alone. Without a neighbour: ½.
 *
 * Orders rows as the inverse mean distance 1 / m does (Hacohen, Dekel and Weinshall, ICML 2022), and unlike it has a range,
 * and the same values whatever the unit of the points.
 * @returns one score in [0, 1] per row
 */
export function typicality(neighbours: Neighbours): Float32Array {
  const { k, distances } = neighbours;
  const rows = k === 0 ? 0 : distances.length / k;
  const means = meansOfRows(distances, k);
  const scale = median(means);
  return Float32Array.from({ length: rows }, (_, row) => (means[row] === 0 ? 1 : scale / (scale + means[row]!)));
}

/**
 * Local outlier factor (Breunig, Kriegel, Ng and Sander, SIGMOD 2000) over the k nearest neighbours N:
 *
 *     r(i)   = mean over j in N(i) of max(d(i, j), k-distance(j))        1 / r is the local reachability density
 *     LOF(i) = mean over j in N(i) of r(i) / r(j)
 *
 * About 1 in the middle of any cluster, however dense it is; 1.5 and more: clearly sparser than its neighbours. r is taken
 * to be at least 10⁻⁶ of its median over all rows, so that rows beside many copies get a large, finite factor.
 * @returns one factor in (0, ∞) per row
 */
export function outlierFactors(neighbours: Neighbours): Float32Array {
  const { k, ids, distances } = neighbours;
  const rows = k === 0 ? 0 : distances.length / k;
  const reach = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    let count = 0;
    for (let index = row * k; index < (row + 1) * k; index++) {
      const other = ids[index]!;
      if (other >= rows) continue;
      sum += Math.max(distances[index]!, distances[other * k + k - 1]!);
      count++;
    }
    reach[row] = count > 0 ? sum / count : 0;
  }
  const floor = median(reach) * 1e-6;
  const least = floor > 0 ? floor : Number.MIN_VALUE * 2 ** 60;
  for (let row = 0; row < rows; row++) reach[row] = Math.max(reach[row]!, least);
  return Float32Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    let count = 0;
    for (let index = row * k; index < (row + 1) * k; index++) {
      const other = ids[index]!;
      if (other >= rows) continue;
      sum += reach[row]! / reach[other]!;
      count++;
    }
    return count > 0 ? Math.min(sum / count, FACTOR_MAX) : 1;
  });
}

/**
 * The probability that a row is an outlier among its k nearest neighbours: LoOP (Kriegel, Kröger, Schubert and Zimek,
 * CIKM 2009) with λ = 2.
 *
 *     σ(i)    = √(mean over j in N(i) of d(i, j)²)
 *     PLOF(i) = σ(i) / (mean over j in N(i) of σ(j)) − 1
 *     LoOP(i) = max(0, erf(PLOF(i) / (2 · √2 · √(mean of PLOF²))))
 *
 * Unlike a factor it means the same for every collection: near 0 for most rows, near 1 for what stands out.
 * @returns one score in [0, 1] per row; 0 throughout when no row differs from another
 */
export function outlierScores(neighbours: Neighbours): Float32Array {
  const { k, ids, distances } = neighbours;
  const rows = k === 0 ? 0 : distances.length / k;
  const spread = meansOfRows(distances.map((distance) => distance * distance), k).map(Math.sqrt);
  const least = median(spread) * 1e-6;
  const excess = Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    let count = 0;
    for (let index = row * k; index < (row + 1) * k; index++) {
      const other = ids[index]!;
      if (other >= rows) continue;
      sum += spread[other]!;
      count++;
    }
    const around = Math.max(count > 0 ? sum / count : 0, least);
    return around > 0 ? Math.min(spread[row]! / around, FACTOR_MAX) - 1 : spread[row]! > 0 ? FACTOR_MAX : 0;
  });
  const usual = Math.sqrt(excess.reduce((sum, value) => sum + value * value, 0) / Math.max(1, rows));
  return Float32Array.from(excess, (value) => (value > 0 && usual > 0 ? errorFunction(value / (2 * Math.SQRT2 * usual)) : 0));
}

const FACTOR_MAX = 1e9;

/** Means over the finite ones of each k distances; 0 when there is none. */
function meansOfRows(values: Float32Array, k: number): Float64Array {
  return Float64Array.from({ length: k === 0 ? 0 : values.length / k }, (_, row) => {
    let sum = 0;
    let count = 0;
    for (let index = row * k; index < (row + 1) * k; index++) {
      if (values[index] === Infinity) continue;
      sum += values[index]!;
      count++;
    }
    return count > 0 ? sum / count : 0;
  });
}

function median(values: Float64Array): number {
  return values.length === 0 ? 0 : values.slice().sort()[values.length >> 1]!;
}

/** erf for x ≥ 0, off by less than 1.5e-7 (Abramowitz and Stegun 7.1.26). */
function errorFunction(x: number): number {
  const t = 1 / (1 + 0.3275911 * x);
  return 1 - t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp(-x * x);
}
