import type { Scorer, Scores } from "./scorer.ts";
import { byName, rowScorer, UNCERTAINTY_NAMES } from "./uncertainty.ts";

/** Class probabilities of every pixel of one image; those of pixel i are `data[i * classes … (i + 1) * classes)`. */
export interface PixelProbabilities {
  readonly width: number;
  readonly height: number;
  readonly classes: number;
  /** width × height × classes values; the order of pixels makes no difference. */
  readonly data: Float32Array | Float64Array;
}

/**
 * Scores of a segmentation task: the scores of {@link ScorerClassification} of every pixel, their mean over the image,
 * each in 0 … 1. Images come as a stream and are let go one by one, since a hundred of them may not fit memory.
 * @example
 * async function* predictions() {
 *   for (const name of await agent.querySet()) yield await model(name);
 * }
 * await new ScorerSemanticSegmentation(predictions()).calculateScores();
 */
export class ScorerSemanticSegmentation implements Scorer {
  readonly #predictions: Iterable<PixelProbabilities> | AsyncIterable<PixelProbabilities>;

  /** @param modelOutput one per image, in the order of the query set; a generator can be scored once */
  constructor(modelOutput: Iterable<PixelProbabilities> | AsyncIterable<PixelProbabilities>) {
    this.#predictions = modelOutput;
  }

  static scoreNames(): string[] {
    return [...UNCERTAINTY_NAMES];
  }

  /**
   * No scores at all (`{}`) when no image came, as when a generator was used up before.
   * Rejects with a RangeError when data and shape of an image disagree, or it has no pixels or classes.
   */
  async calculateScores(): Promise<Scores> {
    const triples: number[] = [];
    for await (const image of this.#predictions) triples.push(...meanOverPixels(image, triples.length / 3));
    return triples.length === 0 ? {} : byName(Float64Array.from(triples));
  }
}

function meanOverPixels({ width, height, classes, data }: PixelProbabilities, image: number): Float64Array {
  const pixels = width * height;
  if (!(pixels > 0 && classes > 0) || data.length !== pixels * classes) {
    throw new RangeError(`image ${image}: ${width} × ${height} pixels of ${classes} classes must be ${pixels * classes} values and at least one, got ${data.length}`);
  }
  const score = rowScorer(classes);
  const one = new Float64Array(3);
  const sums = new Float64Array(3);
  for (let pixel = 0; pixel < pixels; pixel++) {
    score(data, pixel * classes, one, 0);
    sums[0]! += one[0]!;
    sums[1]! += one[1]!;
    sums[2]! += one[2]!;
  }
  return sums.map((sum) => sum / pixels);
}
