import type { BoundingBox } from "./bounding-box.ts";

/** What a detector said about one image; entry i of each list belongs to box i. */
export class ObjectDetectionOutput {
  readonly boxes: readonly BoundingBox[];
  /** Confidence 0 … 1 of each box: object probability times the largest class probability. */
  readonly scores: readonly number[];
  /** The most likely class of each box, the first of equals. */
  readonly labels: readonly number[];
  /** Probability 0 … 1 that there is an object at all. */
  readonly objectProbabilities: readonly number[];
  /** Per box the probability of every class, given that there is an object. */
  readonly classProbabilities: readonly ArrayLike<number>[];

  /** @throws RangeError when the lists differ in length, or a box has no class probabilities */
  constructor(boxes: readonly BoundingBox[], objectProbabilities: readonly number[], classProbabilities: readonly ArrayLike<number>[], known?: { readonly scores: readonly number[]; readonly labels: readonly number[] }) {
    sameLength({ boxes, "object probabilities": objectProbabilities, "class probabilities": classProbabilities });
    this.boxes = boxes;
    this.objectProbabilities = objectProbabilities;
    this.classProbabilities = classProbabilities;
    this.labels = known?.labels ?? classProbabilities.map(mostLikely);
    this.scores = known?.scores ?? objectProbabilities.map((probability, box) => probability * classProbabilities[box]![this.labels[box]!]!);
  }

  /** The constructor under a name that says what it starts from. */
  static fromProbabilities(boxes: readonly BoundingBox[], objectProbabilities: readonly number[], classProbabilities: readonly ArrayLike<number>[]): ObjectDetectionOutput {
    return new ObjectDetectionOutput(boxes, objectProbabilities, classProbabilities);
  }

  /**
   * From a detector that only gives a score and a label per box. Its probabilities are a guess: object probability s,
   * class probability s for the label and the rest of 1 in equal parts for the other classes, of which there are as many
   * as the largest label of this image says, two at least. Where class probabilities can be had, give those: the
   * uncertainty scores are better for it.
   * @throws RangeError when a score is outside 0 … 1, a label is not a whole number ≥ 0, or the lists differ in length
   */
  static fromScores(boxes: readonly BoundingBox[], scores: readonly number[], labels: readonly number[]): ObjectDetectionOutput {
    sameLength({ boxes, scores, labels });
    for (const score of scores) if (!(score >= 0 && score <= 1)) throw new RangeError(`scores of boxes must be in 0 … 1, got ${score}`);
    for (const label of labels) if (!Number.isSafeInteger(label) || label < 0) throw new RangeError(`labels of boxes must be whole numbers of at least 0, got ${label}`);
    const others = labels.reduce((most, label) => Math.max(most, label), 1);
    const classProbabilities = scores.map((score, box) => {
      const probabilities = new Float64Array(others + 1).fill((1 - score) / others);
      probabilities[labels[box]!] = score;
      return probabilities;
    });
    return new ObjectDetectionOutput(boxes, scores, classProbabilities, { scores, labels });
  }
}

function mostLikely(probabilities: ArrayLike<number>, box: number): number {
  if (probabilities.length === 0) throw new RangeError(`box ${box} has no class probabilities`);
  let best = 0;
  for (let label = 1; label < probabilities.length; label++) if (probabilities[label]! > probabilities[best]!) best = label;
  return best;
}

function sameLength(lists: Readonly<Record<string, ArrayLike<unknown>>>): void {
  const lengths = Object.values(lists).map(({ length }) => length);
  if (lengths.some((length) => length !== lengths[0])) throw new RangeError(`${Object.keys(lists).join(", ")} must be of the same length, got ${lengths.join(", ")}`);
}
