import type { Matrix } from "./matrix.ts";
import { toUnitLength } from "./unit.ts";

/**
 * What has to be kept of a collection so that later images land in the same space as its first ones. Plain data:
 * `JSON.stringify` and back gives the same numbers.
 */
export interface EncoderState {
  readonly version: 1;
  /** The encoder that made the vectors; a state only goes with vectors of the same encoder. */
  readonly encoder: string;
  /** How many vectors it was made of. */
  readonly count: number;
  /** Mean of the vectors, one value per dimension. */
  readonly mean: readonly number[];
}

/**
 * Learns the state of a collection from its vectors: their mean. Photographs share much of what an encoder sees, so that
 * all its vectors lie in a narrow cone and all cosines are near 1; without the mean, directions tell what differs.
 * Summed in double precision in the order of rows.
 * @throws Error without vectors.
 */
export function fitState(vectors: Matrix, encoder: string): EncoderState {
  const { data, rows, columns } = vectors;
  if (rows === 0) throw new Error("a state can't be made of no vectors at all");
  const sums = new Float64Array(columns);
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < columns; j++, at++) sums[j]! += data[at]!;
  return { version: 1, encoder, count: rows, mean: Array.from(sums, (sum) => sum / rows) };
}

/**
 * Vectors without the state's mean, of unit length again, in new memory. Keep the state and use the same one for images
 * that come later: a new mean would move all that are there.
 * @throws Error when widths differ or the state is of an unknown version.
 */
export function applyState(vectors: Matrix, state: EncoderState): Matrix {
  const { rows, columns } = vectors;
  if (state.version !== 1) throw new Error(`the encoder state has version ${String(state.version)}; 1 is understood`);
  if (state.mean.length !== columns) throw new Error(`the encoder state is ${state.mean.length} wide, the vectors ${columns}`);
  const mean = Float64Array.from(state.mean);
  const data = new Float32Array(rows * columns);
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, at++) data[at] = vectors.data[at]! - mean[j]!;
    toUnitLength(data.subarray(at - columns, at));
  }
  return { data, rows, columns };
}
