import { BoundingBox, KeypointPrediction, ObjectDetectionOutput, type ObjectDetectionConfig, ScorerClassification, ScorerKeypointDetection, ScorerObjectDetection, type Scores } from "@winnow/curation";
import { RunFailure } from "../run/context.ts";
import type { Item } from "./item.ts";
import type { PredictionRow, TaskPredictions } from "./predictions.ts";

/**
 * A score of each item from the predictions of a task, NaN for those of which nothing is known. Of an object that was cut
 * out, its own prediction counts.
 * @throws RunFailure when the task gives no score of that name
 */
export function scoresOf(predictions: TaskPredictions, items: readonly Item[], score: string, config: ObjectDetectionConfig): Float64Array {
  const scores = new Float64Array(items.length).fill(Number.NaN);
  const known: number[] = [];
  const rows: (readonly PredictionRow[])[] = [];
  items.forEach((item, i) => {
    const all = predictions.of(item.crop?.parent ?? item.fileName);
    if (all === undefined) return;
    const own = item.crop === undefined || item.crop.task !== predictions.task.name ? all : all.filter(({ index }) => index === item.crop!.index);
    known.push(i);
    rows.push(own);
  });
  const found = scoresByName(predictions, rows, config);
  const name = score.replaceAll("-", "_");
  const column = found[name];
  if (column === undefined) {
    throw new RunFailure(`The prediction task ${predictions.task.name} gives no score ${score}: as a task of the type ${predictions.task.type.toLowerCase().replaceAll("_", "-")} it gives ${Object.keys(found).join(", ")}.`);
  }
  known.forEach((item, i) => (scores[item] = column[i]!));
  return scores;
}

function scoresByName({ task }: TaskPredictions, images: readonly (readonly PredictionRow[])[], config: ObjectDetectionConfig): Scores {
  const classes = task.categories.length;
  switch (task.type) {
    case "CLASSIFICATION":
      return new ScorerClassification(images.map((rows) => (rows.length === 0 ? evenly(classes) : probabilitiesOf(mostCertain(rows), classes)))).calculateScores();
    case "KEYPOINT_DETECTION":
      return new ScorerKeypointDetection(images.map((rows) => KeypointPrediction.fromObjects(rows.map(({ keypoints, score }) => ({ keypoints: keypoints!, score }))))).calculateScores();
    default:
      return new ScorerObjectDetection(images.map((rows) => detectionOf(rows, classes)), config).calculateScores();
  }
}

/** Whatever has a place and a class in an image counts as an object: boxes, and the instances of masks. */
function detectionOf(rows: readonly PredictionRow[], classes: number): ObjectDetectionOutput {
  // Scores don't depend on where boxes are.
  const whole = new BoundingBox(0, 0, 1, 1);
  return new ObjectDetectionOutput(
    rows.map(() => whole),
    rows.map(({ score }) => score),
    rows.map((row) => probabilitiesOf(row, classes)),
    { scores: rows.map(({ score }) => score), labels: rows.map(({ category }) => category) },
  );
}

function mostCertain(rows: readonly PredictionRow[]): PredictionRow {
  return rows.reduce((best, row) => (row.score > best.score ? row : best));
}

/** Where a model only gives the class and how sure it is, the rest is shared evenly by the other classes. */
function probabilitiesOf({ probabilities, category, score }: PredictionRow, classes: number): ArrayLike<number> {
  if (probabilities !== undefined) return probabilities;
  if (classes === 1) return [score];
  const shared = new Float64Array(classes).fill((1 - score) / (classes - 1));
  shared[category] = score;
  return shared;
}

function evenly(classes: number): Float64Array {
  return new Float64Array(classes).fill(1 / classes);
}
