import type { PredictionSingleton, PredictionTaskSchema, PredictionTaskSchemaCategory, PredictionVersion, PredictionsCreateRequest, PredictionsCreateResponse } from "@winnow/contract";
import { StreamedJson } from "../app/answers.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { isStorable, requireCountable, requireStorable } from "../app/storable.ts";
import type { DatasetAccess } from "../datasets/access.ts";
import { updateDataset } from "../datasets/store.ts";
import type { Database } from "../db/database.ts";
import { newId } from "../db/ids.ts";
import type { PredictionTaskTable } from "../db/schema.ts";
import { inDataset } from "../db/turns.ts";
import { requireSample } from "../samples/service.ts";
import { singletonText, wholeSingletons } from "./singleton-text.ts";
import * as store from "./store.ts";

/** Stores the schema of a task for a version of predictions. While there are predictions of it, only names of categories may change. */
export async function storeTaskSchema({ db }: Context, { row }: DatasetAccess, timestamp: number, schema: PredictionTaskSchema): Promise<{ id: string }> {
  requireTimestamp(timestamp);
  const categories = checkedCategories(schema.categories);
  return inDataset(db, row.id, async (transaction) => {
    const found = await store.findTask(transaction, row.id, timestamp, schema.name);
    const text = JSON.stringify(categories);
    const now = Date.now();
    const id = found?.id ?? newId(now);
    if (found === undefined) {
      await store.insertTask(transaction, { id, dataset_id: row.id, timestamp, name: schema.name, type: schema.type, categories: text, samples: 0, singletons: 0, created_at: now, last_modified_at: now });
    } else {
      requireCompatible(found, schema, categories);
      await store.updateTask(transaction, found.number, { type: schema.type, categories: text });
    }
    await updateDataset(transaction, row.id);
    return { id };
  });
}

function checkedCategories(given: readonly PredictionTaskSchemaCategory[]): { id: number; name: string }[] {
  const ids = new Set<number>();
  const names = new Set<string>();
  return given.map(({ id, name }, i) => {
    // The protocol lets them be left out, but then nothing could refer to the category.
    if (id === undefined || id === null) throw new DomainError("BAD_REQUEST", `"categories[${i}].id" is missing in the body.`);
    if (name === undefined || name === null) throw new DomainError("BAD_REQUEST", `"categories[${i}].name" is missing in the body.`);
    requireCountable(`categories[${i}].id`, id);
    requireStorable(`categories[${i}].name`, name);
    if (ids.has(id)) throw new DomainError("PREDICTION_TASK_SCHEMA_CATEGORIES_NOT_UNIQUE", `"categories[${i}].id" must be unique, but ${id} stands there twice.`);
    if (names.has(name)) throw new DomainError("PREDICTION_TASK_SCHEMA_CATEGORIES_NOT_UNIQUE", `"categories[${i}].name" must be unique, but ${JSON.stringify(name.slice(0, 80))} stands there twice.`);
    ids.add(id);
    names.add(name);
    return { id, name };
  });
}

function requireCompatible(task: PredictionTaskTable, schema: PredictionTaskSchema, categories: readonly { id: number }[]): void {
  if (task.samples === 0) return;
  const ids = (list: readonly { id: number }[]) => JSON.stringify(list.map(({ id }) => id).sort((a, b) => a - b));
  // Predictions refer to categories by id, and probabilities stand in the order of all of them.
  const change = task.type !== schema.type ? "type" : ids(categoriesOf(task)) !== ids(categories) ? "ids of its categories" : undefined;
  if (change !== undefined) throw new DomainError("ILLEGAL_ACTION_RESOURCE_IN_USE", `The task "${task.name}" has predictions under this predictionUUIDTimestamp, so the ${change} must stay. Use another timestamp.`);
}

/** What a sample's predictions are checked against. */
class TaskRules {
  readonly #categories: ReadonlySet<number>;

  constructor(readonly row: PredictionTaskTable) {
    this.#categories = new Set(categoriesOf(row).map(({ id }) => id));
  }

  check(one: PredictionSingleton, field: string): void {
    const { name, type } = this.row;
    if (one.type !== type) throw new DomainError("BAD_REQUEST", `"${field}.type" must be ${type}, as the task "${name}" is, got ${one.type}.`);
    if (!this.#categories.has(one.categoryId)) throw new DomainError("BAD_REQUEST", `"${field}.categoryId" must be a category of the task "${name}", got ${one.categoryId}.`);
    if ("probabilities" in one && one.probabilities && one.probabilities.length !== this.#categories.size) {
      throw new DomainError("BAD_REQUEST", `"${field}.probabilities" must have one number for each of the ${this.#categories.size} categories of the task "${name}", got ${one.probabilities.length}.`);
    }
    if (one.type === "KEYPOINT_DETECTION" && one.keypoints.length % 3 !== 0) throw new DomainError("BAD_REQUEST", `"${field}.keypoints" must have three numbers for each point, got ${one.keypoints.length}.`);
    if (one.type === "INSTANCE_SEGMENTATION") requireStorable(`${field}.segmentation`, one.segmentation);
  }
}

interface SampleItem {
  readonly ordinal: number;
  readonly singletons: readonly PredictionSingleton[];
  /** The item in the body, for errors. */
  readonly field: string;
}

/**
 * Stores the predictions of samples. Of each task that is named for a sample, those that it had are replaced; other tasks
 * stay as they are. A sample without singletons loses what it has of all tasks or, where a task is given, is stored as
 * having none of it.
 */
async function storePredictions(db: Database, datasetId: string, timestamp: number, items: readonly SampleItem[], onlyTask: string | undefined): Promise<void> {
  const tasks = new Map((await store.listTasks(db, datasetId, timestamp)).map((row) => [row.name, { rules: new TaskRules(row), rows: [] as store.PredictionRow[] }]));
  const required = (name: string) => tasks.get(name) ?? unknownTask(name, timestamp);
  if (onlyTask !== undefined) required(onlyTask);
  const emptied: number[] = [];
  for (const { ordinal, singletons, field } of items) {
    const byTask = new Map<string, PredictionSingleton[]>(onlyTask === undefined ? [] : [[onlyTask, []]]);
    singletons.forEach((one, i) => {
      const place = `${field}[${i}]`;
      if (onlyTask !== undefined && one.taskName !== onlyTask) throw new DomainError("BAD_REQUEST", `"${place}.taskName" must be ${onlyTask}, as "taskName" says, got ${one.taskName}.`);
      required(one.taskName).rules.check(one, place);
      const group = byTask.get(one.taskName);
      if (group === undefined) byTask.set(one.taskName, [one]);
      else group.push(one);
    });
    for (const [name, group] of byTask) required(name).rows.push({ ordinal, count: group.length, singletons: singletonText(group) });
    if (byTask.size === 0) emptied.push(ordinal);
  }
  for (const { rules, rows } of tasks.values()) {
    if (rows.length > 0) await store.replacePredictions(db, rules.row.number, rows);
    if (emptied.length > 0) await store.removePredictions(db, rules.row.number, emptied);
  }
}

/** @returns the id of the sample, which is all that its predictions are known by */
export async function storeSamplePredictions(context: Context, dataset: DatasetAccess, timestamp: number, sampleId: string, singletons: readonly PredictionSingleton[]): Promise<{ id: string }> {
  requireTimestamp(timestamp);
  const { ordinal } = await requireSample(context, dataset, sampleId);
  await inDataset(context.db, dataset.row.id, async (transaction) => {
    await storePredictions(transaction, dataset.row.id, timestamp, [{ ordinal, singletons, field: "" }], undefined);
    await updateDataset(transaction, dataset.row.id);
  });
  return { id: sampleId };
}

/** Stores the predictions of many samples, or of none when anything is wrong with one of them. */
export async function storeManyPredictions({ db }: Context, { row }: DatasetAccess, timestamp: number, { predictions, taskName }: PredictionsCreateRequest): Promise<PredictionsCreateResponse> {
  requireTimestamp(timestamp);
  return inDataset(db, row.id, async (transaction) => {
    const ids = predictions.flatMap(({ sampleId }) => sampleId ?? []);
    // A name that can't be stored is no name of a sample.
    const names = predictions.flatMap(({ sampleId, fileName }) => (sampleId || !fileName || !isStorable(fileName) ? [] : fileName));
    const ordinalById = await store.findOrdinals(transaction, row.id, "id", ids);
    const ordinalByName = await store.findOrdinals(transaction, row.id, "file_name", names);
    const seen = new Set<number>();
    const items = predictions.map(({ sampleId, fileName, singletons }, i): SampleItem => {
      if (!sampleId && !fileName) throw new DomainError("BAD_REQUEST", `"predictions[${i}]" must name its sample by "sampleId" or "fileName".`);
      const ordinal = sampleId ? ordinalById.get(sampleId) : ordinalByName.get(fileName!);
      if (ordinal === undefined) throw new DomainError("SAMPLE_UNKNOWN", `"predictions[${i}]" is about ${JSON.stringify((sampleId ?? fileName)!.slice(0, 255))}, which is no sample of the dataset "${row.name}".`);
      if (seen.has(ordinal)) throw new DomainError("BAD_REQUEST", `"predictions[${i}]" is about a sample that stands there already.`);
      seen.add(ordinal);
      return { ordinal, singletons, field: `predictions[${i}].singletons` };
    });
    await storePredictions(transaction, row.id, timestamp, items, taskName ?? undefined);
    await updateDataset(transaction, row.id);
    return { samples: items.length, singletons: items.reduce((sum, { singletons }) => sum + singletons.length, 0) };
  });
}

/** The predictions of a sample under a timestamp, task by task. */
export async function getSamplePredictions(context: Context, dataset: DatasetAccess, timestamp: number, sampleId: string): Promise<StreamedJson> {
  requireTimestamp(timestamp);
  const { ordinal } = await requireSample(context, dataset, sampleId);
  const tasks = await store.listTasks(context.db, dataset.row.id, timestamp);
  const [text] = await readPage(context.db, tasks, ordinal, ordinal + 1);
  async function* pieces(): AsyncIterable<string> {
    yield text!;
  }
  return new StreamedJson(pieces());
}

export interface PredictionFilter {
  readonly predictionUUIDTimestamp: number;
  readonly taskName?: string;
  readonly pageSize?: number;
  readonly pageOffset?: number;
}

const samplesInPage = 2_000;

/** The predictions of every sample in the dataset's order, an empty list for those that have none; streamed. */
export async function listPredictions({ db }: Context, { row }: DatasetAccess, filter: PredictionFilter): Promise<StreamedJson> {
  const { predictionUUIDTimestamp: timestamp, taskName } = filter;
  requireTimestamp(timestamp);
  const tasks = taskName === undefined ? await store.listTasks(db, row.id, timestamp) : [await requireTask(db, row.id, timestamp, taskName)];
  const start = Math.min(row.n_samples, filter.pageOffset ?? 0);
  const end = Math.min(row.n_samples, start + (filter.pageSize ?? row.n_samples));
  async function* pieces(): AsyncIterable<string> {
    yield "[";
    for (let from = start; from < end; from += samplesInPage) {
      const page = await readPage(db, tasks, from, Math.min(end, from + samplesInPage));
      yield (from === start ? "" : ",") + page.join(",");
      // Others get their turn between two pages.
      await new Promise((resolve) => setImmediate(resolve));
    }
    yield "]";
  }
  return new StreamedJson(pieces());
}

/** One JSON array for each ordinal of a range. */
async function readPage(db: Database, tasks: readonly PredictionTaskTable[], fromOrdinal: number, toOrdinal: number): Promise<string[]> {
  const inside = Array.from({ length: toOrdinal - fromOrdinal }, () => "");
  for (const task of tasks) {
    const whole = wholeSingletons(task);
    for (const { ordinal, singletons } of await store.readPredictions(db, task.number, fromOrdinal, toOrdinal)) {
      const text = whole(singletons);
      const at = ordinal - fromOrdinal;
      if (text !== "") inside[at] = inside[at] === "" ? text : `${inside[at]},${text}`;
    }
  }
  return inside.map((text) => `[${text}]`);
}

export async function getTaskSchema({ db }: Context, { row }: DatasetAccess, timestamp: number, name: string): Promise<PredictionTaskSchema> {
  requireTimestamp(timestamp);
  return schemaOf(await requireTask(db, row.id, timestamp, name));
}

/** Schemas of the tasks of a version; of the newest one where no timestamp is given. */
export async function listTaskSchemas({ db }: Context, { row }: DatasetAccess, given: number | undefined): Promise<PredictionTaskSchema[]> {
  if (given !== undefined) requireTimestamp(given);
  const timestamp = given ?? (await store.latestTimestamp(db, row.id));
  return timestamp === undefined ? [] : (await store.listTasks(db, row.id, timestamp)).map(schemaOf);
}

export async function listVersions({ db }: Context, { row }: DatasetAccess): Promise<PredictionVersion[]> {
  const versions: PredictionVersion[] = [];
  for (const { timestamp, name, type, samples, singletons } of await store.listAllTasks(db, row.id)) {
    let version = versions.at(-1);
    if (version?.predictionUUIDTimestamp !== Number(timestamp)) versions.push((version = { predictionUUIDTimestamp: Number(timestamp), tasks: [] }));
    version.tasks.push({ name, type: type as PredictionTaskSchema["type"], samples, singletons: Number(singletons) });
  }
  return versions;
}

async function requireTask(db: Database, datasetId: string, timestamp: number, name: string): Promise<PredictionTaskTable> {
  return (isStorable(name) ? await store.findTask(db, datasetId, timestamp, name) : undefined) ?? unknownTask(name, timestamp);
}

function unknownTask(name: string, timestamp: number): never {
  throw new DomainError("PREDICTION_TASK_SCHEMA_UNKNOWN", `There is no prediction task ${JSON.stringify(name.slice(0, 255))} under the predictionUUIDTimestamp ${timestamp}. Store its schema first.`, { status: 404 });
}

function requireTimestamp(timestamp: number): void {
  requireCountable("predictionUUIDTimestamp", timestamp);
}

function categoriesOf(task: PredictionTaskTable): { id: number; name: string }[] {
  return JSON.parse(task.categories) as { id: number; name: string }[];
}

function schemaOf(task: PredictionTaskTable): PredictionTaskSchema {
  return { name: task.name, type: task.type as PredictionTaskSchema["type"], categories: categoriesOf(task) };
}
