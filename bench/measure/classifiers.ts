/** Classifiers that say what a selection is worth: trained on the picked rows, asked about all others. */
import type { Matrix } from "@winnow/curation";

/** Cosines between all rows, which are of unit length: entry [i · rows + j]. */
export function cosines({ data, rows, columns }: Matrix): Float64Array {
  const table = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let column = 0; column < columns; column++) sum += data[i * columns + column]! * data[j * columns + column]!;
      table[i * rows + j] = table[j * rows + i] = sum;
    }
  }
  return table;
}

export interface Lesson {
  readonly rows: number;
  /** Of all rows, see {@link cosines}. */
  readonly table: Float64Array;
  /** Class of each row, 0 … classes − 1. */
  readonly labels: Uint32Array;
  readonly classes: number;
  /** The rows whose labels may be looked at. */
  readonly picked: ArrayLike<number>;
}

/** Share of the rows that weren't picked whose class is the one of most of the k nearest picked ones; ties go to the larger sum of cosines. */
export function nearestVote({ rows, table, labels, classes, picked }: Lesson, k = 5): number {
  const chosen = Array.from(picked);
  const seen = new Set(chosen);
  let right = 0;
  for (let row = 0; row < rows; row++) {
    if (seen.has(row)) continue;
    const nearest = chosen.toSorted((a, b) => table[row * rows + b]! - table[row * rows + a]! || a - b).slice(0, k);
    // A vote counts more than any sum of cosines.
    const votes = new Float64Array(classes);
    for (const other of nearest) votes[labels[other]!]! += 1000 + table[row * rows + other]!;
    if (votes.indexOf(Math.max(...votes)) === labels[row]) right++;
  }
  return right / Math.max(1, rows - chosen.length);
}

/**
 * Multinomial logistic regression with an L2 penalty, by accelerated gradient descent. The weights are sums of the picked
 * rows, so that only their cosines are needed.
 * @returns probability of class c for row i at [i · classes + c]
 */
export function logisticRegression({ rows, table, labels, classes, picked }: Lesson, { penalty = 1e-3, steps = 400 } = {}): Float64Array {
  const count = picked.length;
  const weights = new Float64Array(count * classes);
  let ahead = weights.slice();
  const gram = Float64Array.from({ length: count * count }, (_, at) => table[picked[Math.floor(at / count)]! * rows + picked[at % count]!]!);
  // The largest eigenvalue of the Gram matrix is at most its largest row sum of magnitudes.
  let most = 0;
  for (let i = 0; i < count; i++) most = Math.max(most, gram.subarray(i * count, (i + 1) * count).reduce((sum, value) => sum + Math.abs(value), 0));
  const rate = 1 / (most / (2 * count) + penalty);
  for (let step = 0; step < steps; step++) {
    const likely = new Float64Array(count * classes);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) for (let c = 0; c < classes; c++) likely[i * classes + c]! += gram[i * count + j]! * ahead[j * classes + c]!;
      softmax(likely.subarray(i * classes, (i + 1) * classes));
      likely[i * classes + labels[picked[i]!]!]! -= 1;
    }
    const momentum = step / (step + 3);
    const next = ahead.map((value, at) => value - rate * (likely[at]! / count + penalty * value));
    ahead = next.map((value, at) => value + momentum * (value - weights[at]!));
    weights.set(next);
  }
  const likely = new Float64Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < count; j++) for (let c = 0; c < classes; c++) likely[row * classes + c]! += table[row * rows + picked[j]!]! * weights[j * classes + c]!;
    softmax(likely.subarray(row * classes, (row + 1) * classes));
  }
  return likely;
}

/** Share of the rows that weren't picked whose most likely class is theirs. */
export function accuracyOnRest(likely: Float64Array, { rows, labels, classes, picked }: Lesson): number {
  const seen = new Set(Array.from(picked));
  let right = 0;
  for (let row = 0; row < rows; row++) {
    if (seen.has(row)) continue;
    const own = likely.subarray(row * classes, (row + 1) * classes);
    if (own.indexOf(Math.max(...own)) === labels[row]) right++;
  }
  return right / Math.max(1, rows - seen.size);
}

function softmax(values: Float64Array): void {
  const most = Math.max(...values);
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at] = Math.exp(values[at]! - most);
  for (let at = 0; at < values.length; at++) values[at]! /= sum;
}
