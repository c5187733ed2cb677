import type { Neighbours } from "../neighbours/nearest.ts";

/** Weighted edges in both directions, by `from`. */
export interface Edges {
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  /** In (0, 1]. */
  readonly weights: Float32Array;
}

const ROUNDS = 64;

/**
 * UMAP's fuzzy simplicial set (McInnes, Healy and Melville 2018, section 3.1): each row's neighbours get the weight
 * exp(−(d − ρ) / σ), ρ being the distance to the nearest that is not a copy and σ such that the weights sum to log₂ k; the
 * two directions are joined as a + b − ab.
 */
export function fuzzyGraph({ k, ids, distances }: Neighbours, rows: number): Edges {
  const directed = new Float64Array(rows * k);
  const meanOfAll = distances.reduce((sum, distance) => sum + distance, 0) / Math.max(1, distances.length);
  const target = Math.log2(k);
  for (let row = 0; row < rows; row++) {
    const own = distances.subarray(row * k, (row + 1) * k);
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
    for (let index = 0; index < k; index++) directed[row * k + index] = Math.exp(-Math.max(0, own[index]! - rho) / sigma);
  }
  const weightOf = (from: number, to: number): number => {
    for (let index = from * k; index < (from + 1) * k; index++) if (ids[index] === to) return directed[index]!;
    return 0;
  };
  const pairs: [number, number, number][] = [];
  for (let row = 0; row < rows; row++) {
    for (let index = row * k; index < (row + 1) * k; index++) {
      const other = ids[index]!;
      const there = directed[index]!;
      const back = weightOf(other, row);
      // Where both list each other the lower row writes the pair down.
      if (other >= rows || (back > 0 && other < row)) continue;
      pairs.push([row, other, there + back - there * back]);
    }
  }
  const starts = new Uint32Array(rows + 1);
  for (const [a, b] of pairs) {
    starts[a + 1]!++;
    starts[b + 1]!++;
  }
  for (let row = 0; row < rows; row++) starts[row + 1]! += starts[row]!;
  const edges = { from: new Uint32Array(2 * pairs.length), to: new Uint32Array(2 * pairs.length), weights: new Float32Array(2 * pairs.length) };
  const put = (a: number, b: number, weight: number): void => {
    const place = starts[a]!++;
    edges.from[place] = a;
    edges.to[place] = b;
    edges.weights[place] = weight;
  };
  for (const [a, b, weight] of pairs) {
    put(a, b, weight);
    put(b, a, weight);
  }
  return edges;
}
