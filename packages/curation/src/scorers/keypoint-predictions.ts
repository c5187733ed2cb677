/** An instance as prediction files hold it, in either spelling. */
export interface KeypointInstance {
  readonly keypoints: ArrayLike<number>;
  readonly category_id?: number;
  readonly categoryId?: number;
  readonly score?: number;
}

/** The keypoints of one instance (a person, an animal) in an image. */
export class KeypointInstancePrediction {
  /** x₀, y₀, c₀, x₁, y₁, c₁, …: place in pixels and confidence 0 … 1 of each keypoint. */
  readonly keypoints: ArrayLike<number>;
  /** −1 when not given; no score uses it. */
  readonly categoryId: number;
  /** −1 when not given; no score uses it. */
  readonly score: number;

  /** @throws RangeError when keypoints don't come in threes, a confidence is outside 0 … 1, or the category isn't a whole number */
  constructor(keypoints: ArrayLike<number>, categoryId = -1, score = -1) {
    if (!Number.isSafeInteger(categoryId)) throw new RangeError(`the category of keypoints must be a whole number, got ${categoryId}`);
    if (typeof score !== "number") throw new RangeError(`the score of keypoints must be a number, got ${typeof score}`);
    if (keypoints.length % 3 !== 0) throw new RangeError(`keypoints must be x, y and confidence of each, so a multiple of 3 numbers, got ${keypoints.length}`);
    this.keypoints = keypoints;
    this.categoryId = categoryId;
    this.score = score;
    for (const confidence of this.confidences) {
      if (confidence < 0 || confidence > 1) throw new RangeError(`confidences of keypoints must be in 0 … 1, got ${confidence}`);
    }
  }

  /** From an object with `keypoints`, `category_id` (or `categoryId`) and `score`. @throws as the constructor */
  static fromObject({ keypoints, category_id, categoryId, score }: KeypointInstance): KeypointInstancePrediction {
    return new KeypointInstancePrediction(keypoints, categoryId ?? category_id, score);
  }

  /** Of each keypoint. */
  get confidences(): Float64Array {
    return Float64Array.from({ length: this.keypoints.length / 3 }, (_, point) => this.keypoints[3 * point + 2]!);
  }
}

/** All instances with keypoints that were found in one image. */
export class KeypointPrediction {
  readonly instances: readonly KeypointInstancePrediction[];

  constructor(instances: readonly KeypointInstancePrediction[]) {
    this.instances = instances;
  }

  /** @throws as {@link KeypointInstancePrediction} */
  static fromObjects(objects: readonly KeypointInstance[]): KeypointPrediction {
    return new KeypointPrediction(objects.map((object) => KeypointInstancePrediction.fromObject(object)));
  }

  /** From the JSON text of a list of such objects. @throws SyntaxError when it isn't JSON, else as {@link KeypointInstancePrediction} */
  static fromJson(text: string): KeypointPrediction {
    return KeypointPrediction.fromObjects(JSON.parse(text) as KeypointInstance[]);
  }
}
