/** Scores by name: one number per prediction, in the order of the predictions, higher where labelling promises more. */
export type Scores = Record<string, Float64Array>;

/** Turns what a model said into scores for active learning. */
export interface Scorer {
  /** May be called once only when the predictions come as a stream. */
  calculateScores(): Scores | Promise<Scores>;
}
