import type { MetadataEntry, PredictionTask, Singleton } from "@winnow/formats";
import type { Workplace } from "../run/workplace.ts";
import type { Listing } from "./listing.ts";
import { type MetadataValues, readEntries, readMetadata } from "./metadata.ts";
import { type Pretagging, PRETAGGING_TASK, pretag } from "./pretagging.ts";
import { type TaskPredictions, readPredictions, readTasks, requireTask } from "./predictions.ts";

/** What stands beside the images: predictions and metadata. */
export interface SideData {
  readonly tasks: readonly PredictionTask[];
  readonly predictions: ReadonlyMap<string, TaskPredictions>;
  readonly entries: readonly MetadataEntry[] | undefined;
  readonly metadata: MetadataValues | undefined;
  readonly notices: readonly string[];
  /** Side files that could not be used, or are about images that aren't there. */
  readonly refused: number;
  /** @throws RunFailure when there is no such task */
  required(task: string): TaskPredictions;
  /** Whether an image has too few detections to be selected. */
  isExcluded(fileName: string): boolean;
  /** What the detector said of some images. */
  detectionsOf(fileNames: readonly string[] | "all"): { readonly fileName: string; readonly singletons: readonly Singleton[] }[];
  /** Some images with the detector's boxes. */
  pretaggedExamples(): Promise<{ readonly fileName: string; readonly jpeg: Uint8Array }[]>;
}

/** Reads what the datasource knows of this run's files, and runs the detector where it is wanted. */
export async function readSideData(workplace: Workplace, listing: Listing): Promise<SideData> {
  const { context, configuration, files, watch } = workplace;
  const { docker, selection } = configuration;
  const input = { context, files, fileNames: new Set(listing.fileNames), isAll: listing.from === 0 && docker.relevantFilenamesFile === null, relevantFilenamesFile: docker.relevantFilenamesFile };
  const notices: string[] = [];
  let refused = 0;

  const entries = await readEntries(files);
  let metadata: MetadataValues | undefined;
  if (entries !== undefined) {
    await context.state("LOADING_METADATA", `Reading the metadata of ${entries.map(({ name }) => name).join(", ") || "the images"}.`);
    const { values, refusals } = await watch.time("reading metadata", () => readMetadata(input, entries), () => listing.fileNames.length);
    metadata = values;
    refused += refusals.count + refusals.unknown;
    notices.push(...refusals.notices());
  }

  const tasks = await readTasks(files);
  const needed = [docker.objectLevel.taskName, docker.activeLearning.taskName, ...(selection?.strategies ?? []).map(({ input: looked }) => ("task" in looked ? looked.task : null))];
  for (const name of needed) if (name !== null && name !== PRETAGGING_TASK) requireTask(tasks, name);
  const predictions = new Map<string, TaskPredictions>();
  const own = tasks.filter(({ name }) => !(docker.pretagging && name === PRETAGGING_TASK));
  if (own.length > 0) await context.state("LOADING_PREDICTION", `Reading the predictions of ${own.map(({ name }) => name).join(", ")}.`);
  for (const task of own) {
    const found = await watch.time(`reading predictions of ${task.name}`, () => readPredictions(input, task), () => listing.fileNames.length);
    predictions.set(task.name, found.predictions);
    refused += found.refusals.count + found.refusals.unknown;
    notices.push(...found.refusals.notices());
  }

  let pretagging: Pretagging | undefined;
  if (docker.pretagging) {
    await context.state("PRETAGGING", "Looking for common objects.");
    pretagging = await watch.time("pretagging", () => pretag(workplace, listing), ({ images }) => images);
    predictions.set(PRETAGGING_TASK, pretagging.predictions);
    notices.push(...pretagging.notices);
  }
  for (const notice of notices) context.log("warning", notice);

  return {
    tasks: [...own, ...(pretagging === undefined ? [] : [pretagging.predictions.task])],
    predictions,
    entries,
    metadata,
    notices,
    refused,
    required(task) {
      const found = predictions.get(task);
      if (found === undefined) requireTask(tasks, task);
      return found!;
    },
    isExcluded: (fileName) => pretagging?.isExcluded(fileName) ?? false,
    detectionsOf: (fileNames) => pretagging?.detectionsOf(fileNames) ?? [],
    pretaggedExamples: () => pretagging?.examples() ?? Promise.resolve([]),
  };
}
