import { type ObjectDetectionConfig, objectDetectionConfig } from "./object-detection-config.ts";
import type { ObjectDetectionOutput } from "./object-detection-output.ts";
import type { Scorer, Scores } from "./scorer.ts";
import { byName, rowScorer, type RowScorer, UNCERTAINTY_NAMES } from "./uncertainty.ts";

/**
 * Scores of a detection task, each in 0 … 1:
 *
 * - `object_frequency`: prefers images with many objects of many classes. Per class the first box counts 1 and each
 *   further one `frequencyPenalty`; the sum is mapped linearly from the least and most of all images to `minScore` … 1
 *   (all equal: 1). It depends on the other images: one image alone says nothing.
 * - `objectness_least_confidence`: 1 − the mean score of the boxes; 0 without boxes.
 * - `uncertainty_…`: the scores of {@link ScorerClassification} of the class probabilities, the most of all boxes; 0
 *   without boxes.
 */
export class ScorerObjectDetection implements Scorer {
  readonly config: ObjectDetectionConfig;
  readonly #outputs: readonly ObjectDetectionOutput[];

  /**
   * @param modelOutput one per image, in the order of the query set
   * @param config in either spelling (`min_score` or `minScore`)
   * @throws RangeError when the configuration is wrong, naming the key
   */
  constructor(modelOutput: readonly ObjectDetectionOutput[], config?: Readonly<Record<string, unknown>> | Partial<ObjectDetectionConfig>) {
    this.#outputs = modelOutput;
    this.config = objectDetectionConfig(config as Readonly<Record<string, unknown>> | undefined);
  }

  static scoreNames(): string[] {
    return ["object_frequency", "objectness_least_confidence", ...UNCERTAINTY_NAMES];
  }

  calculateScores(): Scores {
    const outputs = this.#outputs;
    return {
      object_frequency: objectFrequency(outputs, this.config),
      objectness_least_confidence: Float64Array.from(outputs, leastConfidence),
      ...byName(uncertainty(outputs)),
    };
  }
}

function objectFrequency(outputs: readonly ObjectDetectionOutput[], { frequencyPenalty, minScore }: ObjectDetectionConfig): Float64Array {
  const counts = Float64Array.from(outputs, ({ labels }) => {
    const classes = new Set(labels).size;
    return classes + frequencyPenalty * (labels.length - classes);
  });
  const least = counts.reduce((a, b) => Math.min(a, b), Infinity);
  const most = counts.reduce((a, b) => Math.max(a, b), -Infinity);
  // The most gets 1 exactly, whatever rounding does to the line.
  return counts.map((count) => (count === most ? 1 : minScore + ((1 - minScore) * (count - least)) / (most - least)));
}

function leastConfidence({ scores }: ObjectDetectionOutput): number {
  if (scores.length === 0) return 0;
  const score = 1 - scores.reduce((sum, value) => sum + value, 0) / scores.length;
  return Number.isNaN(score) ? 0 : score;
}

function uncertainty(outputs: readonly ObjectDetectionOutput[]): Float64Array {
  const triples = new Float64Array(3 * outputs.length);
  const one = new Float64Array(3);
  const scorers = new Map<number, RowScorer>();
  outputs.forEach(({ classProbabilities }, image) => {
    for (const probabilities of classProbabilities) {
      const classes = probabilities.length;
      let score = scorers.get(classes);
      if (score === undefined) scorers.set(classes, (score = rowScorer(classes)));
      score(probabilities, 0, one, 0);
      for (let which = 0; which < 3; which++) triples[3 * image + which] = Math.max(triples[3 * image + which]!, one[which]!);
    }
  });
  return triples;
}
