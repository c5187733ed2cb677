import type { Neighbours } from "../neighbours/nearest.ts";

/** A symmetric sparse matrix by rows: row i is entries starts[i] … starts[i + 1]. All entries sum to 1. */
export interface Affinities {
  readonly starts: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Float64Array;
}

const ROUNDS = 100;

/** t-SNE's input similarities: gaussian per row, as wide as the perplexity asks, joined as (p + pᵀ) / 2n. */
export function affinities({ k, ids, distances }: Neighbours, rows: number, perplexity: number): Affinities {
  const directed = new Float64Array(rows * k);
  const target = Math.log(perplexity);
  for (let row = 0; row < rows; row++) {
    const nearest = distances[row * k]! ** 2;
    let beta = 1 / Math.max(distances[row * k + k - 1]! ** 2 - nearest, Number.MIN_VALUE * 2 ** 60);
    let low = 0;
    let high = Infinity;
    let sum = 1;
    for (let round = 0; round < ROUNDS; round++) {
      sum = 0;
      let moment = 0;
      for (let index = row * k; index < (row + 1) * k; index++) {
        const excess = distances[index]! ** 2 - nearest;
        const p = Math.exp(-beta * excess);
        directed[index] = p;
        sum += p;
        moment += p * excess;
      }
      const entropy = Math.log(sum) + (beta * moment) / sum;
      if (Math.abs(entropy - target) < 1e-5) break;
      if (entropy > target) low = beta;
      else high = beta;
      const next = high === Infinity ? 2 * beta : (low + high) / 2;
      // Rows among copies of themselves never reach the perplexity.
      if (!(next < 1e300) || next < 1e-300) break;
      beta = next;
    }
    for (let index = row * k; index < (row + 1) * k; index++) directed[index]! /= sum;
  }
  const weightOf = (from: number, to: number): number => {
    for (let index = from * k; index < (from + 1) * k; index++) if (ids[index] === to) return directed[index]!;
    return 0;
  };
  const lists = (from: number, to: number): boolean => {
    for (let index = from * k; index < (from + 1) * k; index++) if (ids[index] === to) return true;
    return false;
  };
  const starts = new Uint32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    for (let index = row * k; index < (row + 1) * k; index++) {
      if (ids[index]! >= rows) continue;
      starts[row + 1]!++;
      if (!lists(ids[index]!, row)) starts[ids[index]! + 1]!++;
    }
  }
  for (let row = 0; row < rows; row++) starts[row + 1]! += starts[row]!;
  const columns = new Uint32Array(starts[rows]!);
  const values = new Float64Array(starts[rows]!);
  const next = starts.slice();
  for (let row = 0; row < rows; row++) {
    for (let index = row * k; index < (row + 1) * k; index++) {
      const other = ids[index]!;
      if (other >= rows) continue;
      const value = (directed[index]! + weightOf(other, row)) / (2 * rows);
      columns[next[row]!] = other;
      values[next[row]!++] = value;
      if (lists(other, row)) continue;
      columns[next[other]!] = row;
      values[next[other]!++] = value;
    }
  }
  return { starts, columns, values };
}
