import type { Scorer, Scores } from "./scorer.ts";
import { byName, rowScorer, UNCERTAINTY_NAMES } from "./uncertainty.ts";

/** Probabilities as one row per sample: value j of row i is `data[i * columns + j]`. A `Matrix` is one. */
export interface ProbabilityRows {
  readonly data: Float32Array | Float64Array;
  readonly rows: number;
  readonly columns: number;
}

/** N rows of C class probabilities; rows of plain numbers, or one typed array. */
export type ClassProbabilities = ProbabilityRows | readonly ArrayLike<number>[];

/**
 * Scores of a classification task: `uncertainty_least_confidence`, `uncertainty_margin`, `uncertainty_entropy`, each in
 * 0 … 1, 0 for a model that is certain and 1 for one that holds all classes for equally likely. Formulas: {@link rowScorer}.
 * @example
 * new ScorerClassification([[0.1, 0.9], [0.3, 0.7]]).calculateScores()["uncertainty_margin"]; // 0.2, 0.6
 */
export class ScorerClassification implements Scorer {
  readonly #rows: ProbabilityRows;

  /**
   * @param modelOutput N × C probabilities, each row summing to 1 (which is not checked), in the order of the query set;
   *   with one column it is the probability of the first of two classes
   * @throws RangeError when rows differ in length, are empty, or data and shape disagree
   */
  constructor(modelOutput: ClassProbabilities) {
    this.#rows = probabilityRows(modelOutput);
  }

  static scoreNames(): string[] {
    return [...UNCERTAINTY_NAMES];
  }

  /**
   * One score per row and name, in O(N · C).
   * @param options.normalizeTo01 default true; false gives the plain formulas (entropy in bits), unstretched
   */
  calculateScores({ normalizeTo01 = true }: { readonly normalizeTo01?: boolean } = {}): Scores {
    const { data, rows, columns } = this.#rows;
    const triples = new Float64Array(3 * rows);
    if (rows > 0) {
      const score = rowScorer(columns, { raw: !normalizeTo01 });
      for (let row = 0; row < rows; row++) score(data, row * columns, triples, 3 * row);
    }
    return byName(triples);
  }
}

function probabilityRows(given: ClassProbabilities): ProbabilityRows {
  if ("data" in given) {
    const { data, rows, columns } = given;
    if (data.length !== rows * columns) throw new RangeError(`probabilities of ${rows} × ${columns} must hold ${rows * columns} values, got ${data.length}`);
    if (rows > 0 && columns === 0) throw new RangeError("probabilities must have at least one column, got 0");
    return given;
  }
  const columns = given[0]?.length ?? 0;
  if (given.length > 0 && columns === 0) throw new RangeError("probabilities must have at least one column: row 0 is empty, or no row at all");
  const data = new Float64Array(given.length * columns);
  for (let row = 0; row < given.length; row++) {
    const values = given[row]!;
    if (values.length !== columns) throw new RangeError(`all rows of probabilities must have ${columns} values like row 0: row ${row} has ${values.length}`);
    data.set(values, row * columns);
  }
  return { data, rows: given.length, columns };
}
