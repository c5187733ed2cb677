import type { Neighbours } from "../neighbours/nearest.ts";

/** Weighted edges in both directions: those of row i are entries starts[i] … starts[i + 1]. */
export interface Edges {
  readonly starts: Uint32Array;
  readonly to: Uint32Array;
  /** In (0, 1]. */
  readonly weights: Float32Array;
}

const ROUNDS = 64;

/**
 * The weights exp(−(d − ρ) / σ) of a row's neighbours (McInnes, Healy and Melville 2018, section 3.1), ρ being the distance to
 * the nearest that is not a copy and σ such that the weights sum to log₂ k.
 * @param meanOfAll the mean distance of all lists: keeps σ from vanishing for a row among copies
 */
export function memberships(own: Float32Array, meanOfAll: number, into: Float64Array, at: number): void {
  const k = own.length;
  const target = Math.log2(k);
  const rho = own.find((distance) => distance > 0) ?? 0;
  let low = 0;
  let high = Infinity;
  let sigma = 1;
  for (let round = 0; round < ROUNDS; round++) {
    let sum = 0;
    for (let index = 0; index < k; index++) sum += Math.exp(-Math.max(0, own[index]! - rho) / sigma);
    if (Math.abs(sum - target) < 1e-5) break;
    if (sum > target) high = sigma;
    else low = sigma;
    sigma = high === Infinity ? 2 * sigma : (low + high) / 2;
  }
  const meanOfRow = own.reduce((sum, distance) => sum + distance, 0) / k;
  sigma = Math.max(sigma, 1e-3 * (rho > 0 ? meanOfRow : meanOfAll), Number.MIN_VALUE);
  for (let index = 0; index < k; index++) into[at + index] = Math.exp(-Math.max(0, own[index]! - rho) / sigma);
}

/** UMAP's fuzzy simplicial set: the {@link memberships} of both directions joined as a + b − ab. */
export function fuzzyGraph({ k, ids, distances }: Neighbours, rows: number): Edges {
  const directed = new Float64Array(rows * k);
  const meanOfAll = distances.reduce((sum, distance) => sum + distance, 0) / Math.max(1, distances.length);
  for (let row = 0; row < rows; row++) memberships(distances.subarray(row * k, (row + 1) * k), meanOfAll, directed, row * k);
  const placeOf = (from: number, to: number): number => {
    for (let index = from * k; index < (from + 1) * k; index++) if (ids[index] === to) return index;
    return -1;
  };
  // Both rows hold an edge, whoever lists it.
  const starts = new Uint32Array(rows + 1);
  const back = new Int32Array(rows * k);
  for (let row = 0; row < rows; row++) {
    for (let index = row * k; index < (row + 1) * k; index++) {
      const other = ids[index]!;
      if (other >= rows) continue;
      back[index] = placeOf(other, row);
      starts[row + 1]!++;
      if (back[index]! < 0) starts[other + 1]!++;
    }
  }
  for (let row = 0; row < rows; row++) starts[row + 1]! += starts[row]!;
  const next = starts.slice();
  const to = new Uint32Array(starts[rows]!);
  const weights = new Float32Array(starts[rows]!);
  for (let row = 0; row < rows; row++) {
    for (let index = row * k; index < (row + 1) * k; index++) {
      const other = ids[index]!;
      if (other >= rows) continue;
      const here = directed[index]!;
      const there = back[index]! < 0 ? 0 : directed[back[index]!]!;
      const weight = here + there - here * there;
      to[next[row]!] = other;
      weights[next[row]!++] = weight;
      if (back[index]! >= 0) continue;
      to[next[other]!] = row;
      weights[next[other]!++] = weight;
    }
  }
  return { starts, to, weights };
}
