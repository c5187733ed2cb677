import type { KeypointPrediction } from "./keypoint-predictions.ts";
import type { Scorer, Scores } from "./scorer.ts";

/**
 * Score of a keypoint task: `mean_uncertainty` in 0 … 1, which is 1 − the mean over instances of the mean confidence of
 * their keypoints; instances without keypoints are left out, and an image without any scores 0.
 */
export class ScorerKeypointDetection implements Scorer {
  readonly #predictions: readonly KeypointPrediction[];

  /** @param modelOutput one per image, in the order of the query set */
  constructor(modelOutput: readonly KeypointPrediction[]) {
    this.#predictions = modelOutput;
  }

  static scoreNames(): string[] {
    return ["mean_uncertainty"];
  }

  calculateScores(): Scores {
    return { mean_uncertainty: Float64Array.from(this.#predictions, meanUncertainty) };
  }
}

function meanUncertainty({ instances }: KeypointPrediction): number {
  const confidences = instances.filter(({ keypoints }) => keypoints.length > 0).map((instance) => mean(instance.confidences));
  if (confidences.length === 0) return 0;
  const score = 1 - mean(confidences);
  return Number.isNaN(score) ? 0 : score;
}

function mean(values: readonly number[] | Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
