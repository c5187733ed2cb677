import type { Scores } from "./scorer.ts";

/** Names of the three scores of a row of class probabilities, in the order of every triple here. */
export const UNCERTAINTY_NAMES = ["uncertainty_least_confidence", "uncertainty_margin", "uncertainty_entropy"] as const;

/** Writes the three scores of the probabilities `data[offset … offset + classes)` into `into[at]`, `into[at + 1]`, `into[at + 2]`. */
export type RowScorer = (data: ArrayLike<number>, offset: number, into: Float64Array, at: number) => void;

/**
 * How unsure a model is, from class probabilities p that sum to 1 (B. Settles, Active Learning Literature Survey,
 * University of Wisconsin-Madison 2009, section 3.1):
 *
 * - least confidence: 1 − max p
 * - margin: 1 − (largest p − second largest p)
 * - entropy: −Σ p log₂ p, terms with p ≤ 0 counting 0
 *
 * Unless `raw`, each is divided by its value for the uniform p and cut to 0 … 1: a certain p gives 0, the uniform one 1.
 * A row with a NaN scores 0.
 * @param classes columns of a row; 1 stands for the probability of the first of two classes
 */
export function rowScorer(classes: number, { raw = false }: { readonly raw?: boolean } = {}): RowScorer {
  if (classes === 1) {
    const scoreTwo = rowScorer(2, { raw });
    const both = new Float64Array(2);
    return (data, offset, into, at) => {
      both[0] = data[offset]!;
      both[1] = 1 - both[0]!;
      scoreTwo(both, 0, into, at);
    };
  }
  if (raw) {
    return (data, offset, into, at) => {
      rawScores(data, offset, classes, into, at);
      // As large as a number can be, for what isn't one.
      for (let score = at; score < at + 3; score++) into[score] = Math.min(Math.max(into[score]!, -Number.MAX_VALUE), Number.MAX_VALUE);
    };
  }
  const most = new Float64Array(3);
  rawScores(new Float64Array(classes).fill(1 / classes), 0, classes, most, 0);
  const [mostLeast, mostMargin, mostEntropy] = most as unknown as [number, number, number];
  return (data, offset, into, at) => {
    rawScores(data, offset, classes, into, at);
    into[at] = Math.min(1, Math.max(0, into[at]! / mostLeast));
    into[at + 1] = Math.min(1, Math.max(0, into[at + 1]! / mostMargin));
    into[at + 2] = Math.min(1, Math.max(0, into[at + 2]! / mostEntropy));
  };
}

function rawScores(data: ArrayLike<number>, offset: number, classes: number, into: Float64Array, at: number): void {
  let largest = -Infinity;
  let second = -Infinity;
  let sum = 0;
  let unknown = false;
  for (let index = offset; index < offset + classes; index++) {
    const p = data[index]!;
    if (p > 0) sum += p * Math.log2(p);
    if (p > largest) {
      second = largest;
      largest = p;
    } else if (p > second) second = p;
    if (Number.isNaN(p)) unknown = true;
  }
  into[at] = unknown ? 0 : 1 - largest;
  into[at + 1] = unknown || largest === second && !Number.isFinite(largest) ? 0 : 1 - (largest - second);
  into[at + 2] = unknown || Number.isNaN(sum) ? 0 : 0 - sum;
}

/** Columns of triples, by name. */
export function byName(triples: Float64Array): Scores {
  const count = triples.length / 3;
  return Object.fromEntries(UNCERTAINTY_NAMES.map((name, which) => [name, Float64Array.from({ length: count }, (_, row) => triples[3 * row + which]!)]));
}
