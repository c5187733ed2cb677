import type { Neighbours } from "../neighbours/nearest.ts";
import { yielder } from "../pool/yielder.ts";

/** A symmetric sparse matrix by rows: row i is entries starts[i] … starts[i + 1]. All entries sum to 1. */
export interface Affinities {
  readonly starts: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Float64Array;
}

const ROUNDS = 100;

/** t-SNE's input similarities: gaussian per row, as wide as the perplexity asks, joined as (p + pᵀ) / 2n. */
export async function affinities({ k, ids, distances }: Neighbours, rows: number, perplexity: number, signal?: AbortSignal): Promise<Affinities> {
  const rest = yielder(signal);
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
    if ((row & 255) === 0) await rest();
  }
  // For each entry the place of the same pair in the other row's list, or −1.
  const back = new Int32Array(rows * k);
  for (let row = 0; row < rows; row++) {
    for (let index = row * k; index < (row + 1) * k; index++) {
      const other = ids[index]!;
      back[index] = other < rows ? placeIn(ids, other * k, (other + 1) * k, row) : -1;
    }
    if ((row & 255) === 0) await rest();
  }
  const starts = new Uint32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    for (let index = row * k; index < (row + 1) * k; index++) {
      if (ids[index]! >= rows) continue;
      starts[row + 1]!++;
      if (back[index]! < 0) starts[ids[index]! + 1]!++;
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
      const value = (directed[index]! + (back[index]! < 0 ? 0 : directed[back[index]!]!)) / (2 * rows);
      columns[next[row]!] = other;
      values[next[row]!++] = value;
      if (back[index]! >= 0) continue;
      columns[next[other]!] = row;
      values[next[other]!++] = value;
    }
  }
  return { starts, columns, values };
}

function placeIn(ids: Uint32Array, start: number, end: number, id: number): number {
  for (let index = start; index < end; index++) if (ids[index] === id) return index;
  return -1;
}
