import type { CocoCategory, CocoImage, ExportQuery } from "@winnow/contract";
import { type CocoSource, cocoAnnotation, cocoCategory } from "@winnow/formats";
import { StreamedJson } from "../app/answers.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { isStorable } from "../app/storable.ts";
import type { DatasetAccess } from "../datasets/access.ts";
import type { Database } from "../db/database.ts";
import type { PredictionTaskTable, SampleTable, TagTable } from "../db/schema.ts";
import { findNewestTask, findTask, listAllTasks, readPredictionsOf } from "../predictions/store.ts";
import { readSamplesByOrdinal } from "../samples/store.ts";
import { maskOf } from "../tags/store.ts";
import { previewRows } from "./service.ts";

interface CocoQuery extends Pick<ExportQuery, "previewExample"> {
  readonly taskName?: string;
  readonly predictionUUIDTimestamp?: number;
  readonly scoreMin?: number;
}

const columns = ["ordinal", "file_name", "meta_data"] as const;

/**
 * The samples of a tag as a COCO data set, streamed: images, then what was predicted of them, then the categories, which
 * only then are known to have key points.
 * @throws DomainError when it isn't clear, or isn't possible, which task gives the annotations
 */
export async function coco({ db }: Context, { row }: DatasetAccess, tag: TagTable, query: CocoQuery): Promise<StreamedJson> {
  const task = await taskOf(db, row.id, query);
  let ordinals = maskOf(tag).ordinals();
  if (query.previewExample) ordinals = ordinals.subarray(0, previewRows);
  const points = new Map<number, number>();
  let leftOut = 0;
  let annotations = 0;

  async function* images(): AsyncIterable<string> {
    let begun = false;
    for await (const page of readSamplesByOrdinal(db, row.id, columns, ordinals)) {
      if (page.length === 0) continue;
      yield (begun ? ",\n" : "\n") + page.map((sample) => JSON.stringify(imageOf(sample))).join(",\n");
      begun = true;
    }
  }

  async function* annotated({ number }: PredictionTaskTable): AsyncIterable<string> {
    for await (const page of readSamplesByOrdinal(db, row.id, columns, ordinals)) {
      if (page.length === 0) continue;
      const byOrdinal = new Map(page.map((sample) => [sample.ordinal, sample]));
      for await (const { ordinal, singletons } of readPredictionsOf(db, number, [...byOrdinal.keys()])) {
        const image = imageOf(byOrdinal.get(ordinal)!);
        let text = "";
        for (const source of JSON.parse(singletons) as CocoSource[]) {
          if (source.score < (query.scoreMin ?? 0)) continue;
          const annotation = cocoAnnotation(annotations + 1, image, source);
          if (annotation === undefined) {
            leftOut++;
            continue;
          }
          text += `${annotations === 0 ? "\n" : ",\n"}${JSON.stringify(annotation)}`;
          annotations++;
          if (annotation.keypoints) points.set(source.categoryId, Math.max(points.get(source.categoryId) ?? 0, annotation.keypoints.length / 3));
        }
        if (text !== "") yield text;
      }
    }
  }

  async function* pieces(): AsyncIterable<string> {
    yield '{"images":[';
    yield* images();
    yield '],\n"annotations":[';
    if (task) yield* annotated(task);
    const categories = task ? (JSON.parse(task.categories) as { id: number; name: string }[]) : [];
    yield `],\n"categories":${JSON.stringify(categories.map(({ id, name }): CocoCategory => cocoCategory(id, name, task!.name, points.get(id) ?? 0) as CocoCategory))}`;
    yield `,\n"info":${JSON.stringify({ description: `${row.name}: ${tag.name}${task ? `, annotated by ${task.name}` : ""}`, leftOut })}}\n`;
  }
  return new StreamedJson(pieces());
}

function imageOf({ ordinal, file_name, meta_data }: Pick<SampleTable, (typeof columns)[number]>): CocoImage {
  const shape = meta_data === null ? undefined : (JSON.parse(meta_data) as { shape?: unknown }).shape;
  const [height, width] = Array.isArray(shape) ? (shape as unknown[]) : [];
  const isKnown = Number.isInteger(height) && Number.isInteger(width) && (height as number) > 0 && (width as number) > 0;
  return { id: ordinal + 1, file_name, ...(isKnown && { width: width as number, height: height as number }) };
}

/** The task that is named, or the only one that COCO has annotations for; undefined: there is none, so the images stand alone. */
async function taskOf(db: Database, datasetId: string, { taskName, predictionUUIDTimestamp: timestamp }: CocoQuery): Promise<PredictionTaskTable | undefined> {
  if (taskName === undefined) {
    const tasks = (await listAllTasks(db, datasetId)).filter((task) => task.type !== "CLASSIFICATION" && (timestamp === undefined || Number(task.timestamp) === timestamp));
    const names = [...new Set(tasks.map(({ name }) => name))];
    if (names.length > 1) throw new DomainError("BAD_REQUEST", `"taskName" must say which of the tasks gives the annotations: ${names.map((name) => JSON.stringify(name)).join(", ")}.`);
    if (names.length === 0) return undefined;
    return findTask(db, datasetId, Number(tasks[0]!.timestamp), names[0]!);
  }
  const task = isStorable(taskName) ? await (timestamp === undefined ? findNewestTask(db, datasetId, taskName) : findTask(db, datasetId, timestamp, taskName)) : undefined;
  if (!task) throw new DomainError("PREDICTION_TASK_SCHEMA_UNKNOWN", `The dataset has no prediction task ${JSON.stringify(taskName.slice(0, 255))}${timestamp === undefined ? "" : ` under the predictionUUIDTimestamp ${timestamp}`}.`, { status: 404 });
  if (task.type === "CLASSIFICATION") throw new DomainError("BAD_REQUEST", `"taskName" must be a task with boxes, masks or key points, but ${JSON.stringify(task.name)} gives classes of whole images, which COCO has no annotations for.`);
  return task;
}
