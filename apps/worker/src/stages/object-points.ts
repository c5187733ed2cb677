import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Matrix, matrix } from "@winnow/curation";
import { RunFailure } from "../run/context.ts";
import type { Workplace } from "../run/workplace.ts";
import type { ChosenEncoder } from "./choose-encoder.ts";
import { cropMaker } from "./crops.ts";
import type { Item } from "./item.ts";
import { preparePoints } from "./points.ts";
import { readInput } from "./reading.ts";
import type { TaskPredictions } from "./predictions.ts";
import { VectorStore } from "./vector-store.ts";

/** Vectors of the objects that a task sees in each image or frame: their mean. */
export type ObjectMeans = ReadonlyMap<string, Float32Array>;

/** Cuts the objects of a task out of everything that is new, and embeds them. @throws RunFailure with an embeddings file, which has none of them */
export async function embedObjects(workplace: Workplace, { encoder, name, dimensions }: ChosenEncoder, fileNames: readonly string[], predictions: TaskPredictions): Promise<ObjectMeans> {
  const { context, configuration, files, videos, watch } = workplace;
  const { task } = predictions;
  if (!("encode" in encoder)) throw new RunFailure(`An embeddings file has no vectors of objects of the task ${task.name}. Leave \`embeddings\` out, or the task of the strategy's input.`);
  await context.state("EMBEDDING_OBJECT_CROPS", `Embedding the objects of the task ${task.name}.`);
  const folder = join(context.folder, `objects ${task.name.replaceAll(/[^a-zA-Z0-9]+/g, "_")}`);
  await mkdir(folder, { recursive: true });
  const store = new VectorStore(folder, `${name} ${task.name}`, dimensions);
  try {
    const { items, rows } = await readInput(fileNames, {
      context,
      files,
      store,
      watch,
      encoder,
      framesOf: videos.frames,
      known: new Set(),
      checksCorruptness: false,
      corruptionThreshold: 1,
      removesDuplicates: false,
      batchSize: configuration.lightly.loader.batchSize,
      ahead: 16,
      crops: cropMaker(predictions, 0),
    });
    const sums = new Map<string, { readonly sum: Float32Array; count: number }>();
    const one = new Float32Array(dimensions);
    items.forEach(({ crop }, i) => {
      store.read([rows[i]!], one, 0);
      const entry = sums.get(crop!.parent) ?? { sum: new Float32Array(dimensions), count: 0 };
      for (let column = 0; column < dimensions; column++) entry.sum[column]! += one[column]!;
      entry.count++;
      sums.set(crop!.parent, entry);
    });
    return new Map([...sums].map(([parent, { sum, count }]) => [parent, sum.map((value) => value / count)]));
  } finally {
    store.close();
  }
}

/** A row for each row of the points: of a unit the mean over its images, zeros where nothing was seen. Zeros are equally far from everything. */
export function objectPoints(means: ObjectMeans, { rows, firstUnit, units, items, dimensions, normalize, centre }: { readonly rows: number; readonly firstUnit: number; readonly units: readonly (readonly number[])[]; readonly items: readonly Item[]; readonly dimensions: number; readonly normalize: boolean; readonly centre: boolean }): Matrix {
  const known = units.flatMap((unit, i) => {
    const vectors = unit.flatMap((item) => means.get(items[item]!.fileName) ?? []);
    return vectors.length === 0 ? [] : [{ row: firstUnit + i, vectors }];
  });
  const some = matrix(known.length, dimensions);
  known.forEach(({ vectors }, i) => {
    for (const vector of vectors) for (let column = 0; column < dimensions; column++) some.data[i * dimensions + column]! += vector[column]! / vectors.length;
  });
  preparePoints(some, { normalize, centre });
  const all = matrix(rows, dimensions);
  known.forEach(({ row }, i) => all.data.set(some.data.subarray(i * dimensions, (i + 1) * dimensions), row * dimensions));
  return all;
}
