import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generator } from "../random/generator.ts";
import { BoundingBox } from "./bounding-box.ts";
import { ScorerClassification } from "./classification.ts";
import { KeypointInstancePrediction, KeypointPrediction } from "./keypoint-predictions.ts";
import { ScorerKeypointDetection } from "./keypoint-detection.ts";
import { ScorerObjectDetection } from "./object-detection.ts";
import { ObjectDetectionOutput } from "./object-detection-output.ts";
import type { Scores } from "./scorer.ts";
import { ScorerSemanticSegmentation } from "./semantic-segmentation.ts";

const plain = (scores: Scores) => Object.fromEntries(Object.entries(scores).map(([name, values]) => [name, [...values]]));
const box = new BoundingBox(0.1, 0.2, 0.3, 0.4);
const boxes = (count: number) => Array.from({ length: count }, () => box);

/** What the Python scorers of 1.2.24 gave for random data. */
interface Facts {
  readonly classification: { columns: number; data: number[]; scores: Record<string, number[]>; raw: Record<string, number[]> }[];
  readonly detection: {
    config: Record<string, number> | null;
    images: { object?: number[]; classes?: number[][]; scores?: number[]; labels?: number[] }[];
    scores: Record<string, number[]>;
    labels: number[][];
    boxScores: number[][];
  }[];
  readonly keypoints: { images: number[][][]; scores: Record<string, number[]> };
  readonly segmentation: { width: number; height: number; classes: number; images: number[][]; scores: Record<string, number[]> };
}
const facts = JSON.parse(await readFile(new URL("python-scores.json", import.meta.url), "utf8")) as Facts;

function expectNear(scores: Scores, expected: Record<string, number[]>): void {
  expect(Object.keys(scores)).toEqual(Object.keys(expected));
  // Rounded to 9 digits when they were written down.
  for (const [name, values] of Object.entries(expected)) values.forEach((value, at) => expect(scores[name]![at], `${name} ${at}`).toBeCloseTo(value, 8));
}

describe("agree with the Python scorers on random data", () => {
  test("classification", () => {
    for (const { columns, data, scores, raw } of facts.classification) {
      const scorer = new ScorerClassification({ data: Float64Array.from(data), rows: data.length / columns, columns });
      expectNear(scorer.calculateScores(), scores);
      expectNear(scorer.calculateScores({ normalizeTo01: false }), raw);
    }
  });

  test("detection", () => {
    for (const { config, images, scores, labels, boxScores } of facts.detection) {
      const outputs = images.map(({ object, classes, scores: given, labels: named }) =>
        object === undefined ? ObjectDetectionOutput.fromScores(boxes(given!.length), given!, named!) : ObjectDetectionOutput.fromProbabilities(boxes(object.length), object, classes!),
      );
      expect(outputs.map((output) => output.labels)).toEqual(labels);
      outputs.forEach((output, image) => output.scores.forEach((score, at) => expect(score).toBeCloseTo(boxScores[image]![at]!, 8)));
      expectNear(new ScorerObjectDetection(outputs, config ?? undefined).calculateScores(), scores);
    }
  });

  test("keypoints", () => {
    const predictions = facts.keypoints.images.map((instances) => new KeypointPrediction(instances.map((keypoints) => new KeypointInstancePrediction(keypoints))));
    expectNear(new ScorerKeypointDetection(predictions).calculateScores(), facts.keypoints.scores);
  });

  test("segmentation, as a stream", async () => {
    const { images, scores, ...shape } = facts.segmentation;
    async function* stream() {
      for (const data of images) yield { ...shape, data: Float64Array.from(data) };
    }
    const scorer = new ScorerSemanticSegmentation(stream());
    expectNear(await scorer.calculateScores(), scores);
    expect(await scorer.calculateScores()).toEqual({});
  });
});

describe("classification", () => {
  test("by hand", () => {
    const { uncertainty_least_confidence: least, uncertainty_margin: margin, uncertainty_entropy: entropy } = plain(new ScorerClassification([[0.5, 0.25, 0.25]]).calculateScores());
    expect(least![0]).toBeCloseTo(0.5 / (2 / 3), 12);
    expect(margin![0]).toBeCloseTo(0.75, 12);
    expect(entropy![0]).toBeCloseTo(1.5 / Math.log2(3), 12);
    expect(plain(new ScorerClassification([[0.5, 0.25, 0.25]]).calculateScores({ normalizeTo01: false }))).toEqual({
      uncertainty_least_confidence: [0.5],
      uncertainty_margin: [0.75],
      uncertainty_entropy: [1.5],
    });
    expect(plain(new ScorerClassification([[1], [0.5], [0]]).calculateScores())["uncertainty_margin"]).toEqual([0, 1, 0]);
  });

  test("certain gives 0, undecided 1, NaN 0, nothing nothing", () => {
    for (let classes = 2; classes < 40; classes++) {
      const certain = Array.from({ length: classes }, (_, at) => (at === classes >> 1 ? 1 : 0));
      const even = certain.map(() => 1 / classes);
      const unknown = [...even.slice(1), Number.NaN];
      for (const values of Object.values(new ScorerClassification([certain, even, unknown]).calculateScores())) expect([...values]).toEqual([0, 1, 0]);
    }
    expect(plain(new ScorerClassification([]).calculateScores())).toEqual(Object.fromEntries(ScorerClassification.scoreNames().map((name) => [name, []])));
  });

  test("scores lie in 0 … 1 and don't depend on the order of classes", () => {
    const row = fc.integer({ min: 1, max: 12 }).chain((classes) => fc.array(fc.oneof(fc.double({ min: -1, max: 2 }), fc.constant(0)), { minLength: classes, maxLength: classes }));
    fc.assert(
      fc.property(row, fc.nat(), (values, seed) => {
        const shuffled = [...values];
        const { below } = generator(seed);
        if (values.length > 1) for (let at = shuffled.length - 1; at > 0; at--) shuffled.push(...shuffled.splice(below(at), 1));
        const one = new ScorerClassification([values]).calculateScores();
        const other = new ScorerClassification([shuffled]).calculateScores();
        for (const name of ScorerClassification.scoreNames()) {
          expect(one[name]![0]).toBeGreaterThanOrEqual(0);
          expect(one[name]![0]).toBeLessThanOrEqual(1);
          expect(one[name]![0]).toBeCloseTo(other[name]![0]!, 10);
        }
      }),
    );
  });

  test("shapes that disagree are refused", () => {
    expect(() => new ScorerClassification([[0.5, 0.5], [1]])).toThrow("row 1 has 1");
    expect(() => new ScorerClassification([[]])).toThrow("at least one column");
    expect(() => new ScorerClassification({ data: new Float32Array(5), rows: 2, columns: 3 })).toThrow("6 values, got 5");
  });
});

describe("boxes and detections", () => {
  test("corner coordinates from every form", () => {
    expect(BoundingBox.fromXYWH(0.25, 0.5, 0.5, 0.25)).toEqual(new BoundingBox(0.25, 0.5, 0.75, 0.75));
    expect(BoundingBox.fromYoloLabel(0.5, 0.5, 0.5, 0.25)).toEqual(new BoundingBox(0.25, 0.375, 0.75, 0.625));
    expect(new BoundingBox(-1, 0.25, 0.5, 7)).toMatchObject({ x0: 0, y0: 0.25, x1: 0.5, y1: 1, width: 0.5, height: 0.75, area: 0.375 });
    expect(() => new BoundingBox(-1, 0, 1, 1, { clip: false })).toThrow("relative");
    expect(() => new BoundingBox(0.5, 0, 0.5, 1)).toThrow("x0 must be smaller");
    expect(() => new BoundingBox(0, 2, 1, 3)).toThrow("y0 must be smaller");
    expect(() => new BoundingBox(Number.NaN, 0, 1, 1)).toThrow("relative");
  });

  test("by hand", () => {
    const many = ObjectDetectionOutput.fromScores(boxes(3), [1, 0.5, 0.75], [0, 0, 2]);
    expect(many.classProbabilities.map((row) => [...(row as Float64Array)])).toEqual([[1, 0, 0], [0.5, 0.25, 0.25], [0.125, 0.125, 0.75]]);
    const none = ObjectDetectionOutput.fromScores([], [], []);
    const one = ObjectDetectionOutput.fromProbabilities([box], [0.5], [[0.25, 0.75]]);
    expect(one).toMatchObject({ labels: [1], scores: [0.375] });
    const scores = plain(new ScorerObjectDetection([many, none, one], { frequency_penalty: 0.5, minScore: 0 }).calculateScores());
    expect(scores["object_frequency"]).toEqual([1, 0, 1 / 2.5]);
    expect(scores["objectness_least_confidence"]).toEqual([0.25, 0, 0.625]);
    expect(scores["uncertainty_margin"]).toEqual([0.75, 0, 0.5]);
    expect(Object.keys(scores)).toEqual(ScorerObjectDetection.scoreNames());
    expect(plain(new ScorerObjectDetection([none, none]).calculateScores())["object_frequency"]).toEqual([1, 1]);
    expect(plain(new ScorerObjectDetection([]).calculateScores())["object_frequency"]).toEqual([]);
  });

  test("the order of boxes makes no difference", () => {
    const object = [0.5, 0.25, 1];
    const classes = [[0.5, 0.5], [0.25, 0.75], [1, 0]];
    const back = <Item>(items: readonly Item[]) => items.toReversed();
    const scores = (o: number[], c: number[][]) => plain(new ScorerObjectDetection([new ObjectDetectionOutput(boxes(3), o, c), new ObjectDetectionOutput([], [], [])]).calculateScores());
    expect(scores(back(object), back(classes))).toEqual(scores(object, classes));
  });

  test("wrong input names what is wrong", () => {
    expect(() => new ScorerObjectDetection([], { min_scor: 0.5 })).toThrow("there is no key min_scor; did you mean min_score?");
    expect(() => new ScorerObjectDetection([], { frequencyPenality: 0.5 })).toThrow("did you mean frequencyPenalty?");
    expect(() => new ScorerObjectDetection([], { min_score: "1" })).toThrow("min_score must be a number, got string");
    expect(() => new ScorerObjectDetection([], { minScore: 1.5 })).toThrow("minScore must be in 0 … 1, got 1.5");
    expect(() => new ScorerObjectDetection([], { minScore: 1, min_score: 1 })).toThrow("are the same key");
    expect(new ScorerObjectDetection([], {}).config).toEqual({ frequencyPenalty: 0.25, minScore: 0.9 });
    expect(() => new ObjectDetectionOutput([box], [0.5], [])).toThrow("same length, got 1, 1, 0");
    expect(() => new ObjectDetectionOutput([box], [0.5], [[]])).toThrow("box 0");
    expect(() => ObjectDetectionOutput.fromScores([box], [1.5], [0])).toThrow("got 1.5");
    expect(() => ObjectDetectionOutput.fromScores([box], [0.5], [0.5])).toThrow("whole numbers");
  });
});

describe("keypoints and segmentation", () => {
  test("by hand, in either spelling", () => {
    const predictions = [
      KeypointPrediction.fromObjects([{ keypoints: [3, 4, 0.5, 5, 6, 1], category_id: 3, score: 0.5 }, { keypoints: [1, 2, 0.25], categoryId: 4 }]),
      KeypointPrediction.fromJson("[]"),
      KeypointPrediction.fromJson('[{"keypoints": [], "category_id": 0, "score": 0.1}]'),
    ];
    expect(predictions[0]!.instances.map(({ categoryId, score }) => [categoryId, score])).toEqual([[3, 0.5], [4, -1]]);
    expect(plain(new ScorerKeypointDetection(predictions).calculateScores())).toEqual({ mean_uncertainty: [0.5, 0, 0] });
    expect(() => new KeypointInstancePrediction([1, 2])).toThrow("multiple of 3");
    expect(() => new KeypointInstancePrediction([1, 2, 1.5])).toThrow("0 … 1, got 1.5");
    expect(() => new KeypointInstancePrediction([], 0.5)).toThrow("whole number");
  });

  test("segmentation: the mean over pixels, and shapes that disagree", async () => {
    const image = { width: 2, height: 1, classes: 2, data: Float32Array.of(1, 0, 0.5, 0.5) };
    expect(plain(await new ScorerSemanticSegmentation([image]).calculateScores())).toEqual(Object.fromEntries(ScorerSemanticSegmentation.scoreNames().map((name) => [name, [0.5]])));
    await expect(new ScorerSemanticSegmentation([image, { ...image, height: 2 }]).calculateScores()).rejects.toThrow("image 1: 2 × 2 pixels of 2 classes must be 8 values");
  });
});
