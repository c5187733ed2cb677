import { domains } from "@winnow/client";
import { chooseEncoder, type ChosenEncoder } from "../stages/choose-encoder.ts";
import { cropDatasetNameOf, findCropDataset } from "../stages/crop-dataset.ts";
import { cropMaker } from "../stages/crops.ts";
import { type Listing, listInput, missingRelevant } from "../stages/listing.ts";
import { type ObjectMeans, embedObjects } from "../stages/object-points.ts";
import { type Pool, findPool } from "../stages/pool.ts";
import { type Reading, readInput } from "../stages/reading.ts";
import { type SideData, readSideData } from "../stages/side-data.ts";
import { VectorStore } from "../stages/vector-store.ts";
import { RunFailure } from "./context.ts";
import { type Workplace, counted, stampOf } from "./workplace.ts";
import type { Plan, PlanWithVectors } from "./plan-file.ts";
import { chooseItems } from "./choose-items.ts";
import { factsOf } from "./facts.ts";
import { plannedUploads } from "./planned-uploads.ts";

/** What a run found that has nothing to add. */
export interface NothingNew {
  readonly message: string;
  readonly processedUntil: number | undefined;
}

/** From listing to the plan. */
export async function prepare(workplace: Workplace): Promise<PlanWithVectors | NothingNew> {
  const { context, configuration, files, watch, notices } = workplace;
  const { docker } = configuration;
  await context.state("INITIALIZING", "Looking what is in the datasource.");
  await checkSource(workplace);
  const listing = await watch.time("listing", () => listInput(context, { processAll: docker.datasource.processAll, relevantFilenamesFile: docker.relevantFilenamesFile }), ({ listed }) => listed);
  for (const { fileName, reason } of listing.unusable) context.log("warning", `${fileName} is left out: ${reason}.`);
  const missing = await findMissing(workplace, listing);
  const processedUntil = docker.datasource.enableDatapoolUpdate && docker.relevantFilenamesFile === null ? listing.until : undefined;
  // A first run without a file has processed nothing: once the path is right, what lies there must not count as older.
  if (listing.fileNames.length === 0) return { message: await nothingListed(context, listing), processedUntil: listing.from === 0 ? undefined : processedUntil };

  const chosen = await chooseEncoder(context, files, configuration);
  notices.push(...chosen.notices);
  try {
    return await prepareWith(workplace, chosen, listing, missing);
  } finally {
    if ("close" in chosen.encoder) await chosen.encoder.close();
  }
}

async function prepareWith(workplace: Workplace, chosen: ChosenEncoder, listing: Listing, missing: readonly string[]): Promise<PlanWithVectors | NothingNew> {
  const { context, configuration, files, videos, watch } = workplace;
  const { docker, lightly } = configuration;
  const { signal } = context;
  const { encoder, dimensions } = chosen;
  const processedUntil = docker.datasource.enableDatapoolUpdate && docker.relevantFilenamesFile === null ? listing.until : undefined;
  const threads = docker.numThreads === null ? undefined : Math.max(1, docker.numThreads);

  // What is there already, of images and, where objects are selected, of crops.
  const images = await findPool(context, context.datasetId, chosen.embeddingName, dimensions);
  const objectTask = docker.objectLevel.taskName;
  const cropDatasetName = objectTask === null ? null : cropDatasetNameOf(context.datasetName, docker.objectLevel.cropDatasetName);
  const cropDatasetId = cropDatasetName === null ? undefined : await findCropDataset(context, cropDatasetName);
  const crops: Pool | undefined = cropDatasetId === undefined ? undefined : await findPool(context, cropDatasetId, chosen.embeddingName, dimensions);
  const pool: Pool = objectTask === null ? images : (crops ?? { datasetId: "", names: [], embedding: undefined });

  const side = await readSideData(workplace, listing);
  const store = new VectorStore(context.folder, `${chosen.name} ${objectTask ?? ""}`, dimensions);
  try {
    await context.state("CHECKING_CORRUPTNESS", `Reading, checking and embedding ${counted(listing.fileNames.length, "file")} with ${chosen.name}.`);
    let embeds = false;
    const reading = await readInput(listing.fileNames, {
      context,
      files,
      store,
      watch,
      encoder,
      framesOf: videos.frames,
      known: new Set(objectTask === null ? images.names : []),
      checksCorruptness: docker.enableCorruptnessCheck,
      corruptionThreshold: docker.corruptnessCheck.corruptionThreshold,
      removesDuplicates: docker.removeExactDuplicates,
      batchSize: lightly.loader.batchSize,
      ahead: Math.max(1, lightly.loader.numWorkers ?? docker.numProcesses ?? 16),
      onFirst: async () => {
        if (embeds) return;
        embeds = true;
        await context.state("EMBEDDING", "Embedding goes on while files are read and checked.");
      },
      ...(objectTask === null ? {} : { crops: cropMaker(side.required(objectTask), docker.objectLevel.padding) }),
    });
    requireAccess(reading);
    const found = objectTask === null ? reading : withoutKnown(reading, new Set(pool.names));
    if (found.items.length === 0) return { message: nothingUsable(listing, reading, images.names.length), processedUntil };

    await context.state("SAMPLING", `Selecting from ${counted(found.items.length, objectTask === null ? "image" : "object")}.`);
    const began = performance.now();
    const means = new Map<string, ObjectMeans>();
    for (const { input } of configuration.selection?.strategies ?? []) {
      if (input.type !== "EMBEDDINGS" || input.task === null || input.task === objectTask || means.has(input.task)) continue;
      if (objectTask !== null) throw new RunFailure(`A run that selects objects of the task ${objectTask} can't look at those of ${input.task} too. Take the task out of the strategy's input.`);
      means.set(input.task, await embedObjects(workplace, chosen, listing.fileNames, side.required(input.task)));
    }
    const selected = await chooseItems(workplace, chosen, store, found, pool, side, { threads, means });
    watch.add("selecting", (performance.now() - began) / 1000, selected.picks.length);

    const uploads = await plannedUploads(workplace, chosen, { images, crops, cropDatasetName }, store, found, selected);
    const endFacts = await factsOf(workplace, chosen, { listing, missing, reading, found, side, selected });
    const plan: Plan = {
      version: 1,
      updates: docker.datasource.enableDatapoolUpdate,
      uploads: uploads.uploads,
      dimensions,
      tagName: stampOf(context.startedAt),
      processedUntil: processedUntil ?? null,
      predictionVersion: side.tasks.length === 0 ? null : await predictionVersionOf(workplace, side),
      tasks: side.tasks,
      entries: side.entries ?? null,
      detections: side.detectionsOf(docker.pretaggingUpload ? "all" : uploads.uploads.flatMap(({ kind, picks }) => (kind === "images" ? picks.map(({ fileName }) => fileName) : []))),
      sequences: selected.sequences,
      facts: endFacts,
    };
    signal.throwIfAborted();
    return { plan, vectors: uploads.vectors };
  } finally {
    store.close();
  }
}

/** @throws RunFailure when the datasource can't be listed or read, and for a dataset that no run can be started from */
async function checkSource({ context, configuration: { docker }, notices }: Workplace): Promise<void> {
  const { client, datasetId, signal } = context;
  const dataset = await client.call(domains.datasets.getDatasetById, { path: { datasetId }, signal });
  if (docker.objectLevel.taskName !== null && dataset.type === "Crops") throw new RunFailure("Objects can't be selected from a dataset of crops. Schedule the run on the dataset of the images.");
  if (docker.datasource.bypassVerify) return;
  const check = await client.call(domains.datasources.checkDatasourceByDatasetId, { path: { datasetId }, query: {}, signal }).catch((error: Error & { code?: string; status?: number }) => {
    if (error.status !== undefined && error.status < 500) throw new RunFailure(`The dataset's datasource can't be used: ${error.message.replace(/^[A-Z]+ \/\S+: \d+ (?:[A-Z0-9_]+: )?/, "")}`);
    throw error;
  });
  const { canList, canRead, canWrite, errors } = check;
  if (!canList) throw new RunFailure(`The datasource can't be listed: ${errors.canList ?? "no right to"} Put it right and schedule the run again.`);
  if (!canRead && errors.canRead !== undefined) throw new RunFailure(`The datasource can't be read: ${errors.canRead} Put it right and schedule the run again.`);
  if (!canWrite) notices.push(`The datasource takes no files (${errors.canWrite ?? "no right to write"}): there are no thumbnails, and frames or crops can't be stored.`);
}

async function findMissing({ files, configuration: { docker } }: Workplace, listing: Listing): Promise<readonly string[]> {
  if (docker.relevantFilenamesFile === null) return [];
  const text = await files.readText(docker.relevantFilenamesFile);
  return text === undefined ? [] : missingRelevant(text, listing);
}

/** One denied file is that file's problem; all of them are a problem of the datasource. */
function requireAccess({ items, corrupt }: Reading): void {
  if (items.length > 0 || corrupt.length === 0) return;
  if (corrupt.every(({ reason }) => reason.startsWith("permission to read"))) throw new RunFailure(`None of the ${corrupt.length} files may be read: permission is denied. Give the datasource's credentials the right to read and schedule the run again.`);
}

function withoutKnown(reading: Reading, known: ReadonlySet<string>): Reading {
  const kept = reading.items.flatMap(({ fileName }, i) => (known.has(fileName) ? [] : [i]));
  return { ...reading, items: kept.map((i) => reading.items[i]!), rows: Uint32Array.from(kept, (i) => reading.rows[i]!) };
}

/** The version under which the dataset has predictions already, as long as the tasks are the same; else a new one. */
async function predictionVersionOf({ context }: Workplace, { tasks }: SideData): Promise<number> {
  const { client, datasetId, signal } = context;
  const [newest] = await client.call(domains.predictions.getPredictionVersionsByDatasetId, { path: { datasetId }, signal });
  if (newest === undefined) return context.startedAt;
  const { predictionUUIDTimestamp } = newest;
  const schemas = await client.call(domains.predictions.getPredictionTaskSchemasByDatasetId, { path: { datasetId }, query: { predictionUUIDTimestamp }, signal });
  const ids = (list: readonly { readonly id?: number | null }[]) => list.map(({ id }) => id).sort().join();
  const clash = tasks.some(({ name, categories }) => {
    const there = schemas.find((schema) => schema.name === name);
    return there !== undefined && ids(there.categories) !== ids(categories);
  });
  return clash ? context.startedAt : predictionUUIDTimestamp;
}

async function nothingListed({ client, signal }: Workplace["context"], { from, unusable }: Listing): Promise<string> {
  if (unusable.length > 0) return `None of the ${counted(unusable.length, "new file")} can be taken: ${unusable[0]!.fileName}: ${unusable[0]!.reason}.`;
  // Buckets have no folders: a path that is spelt wrong is one where nothing lies.
  if (from === 0) return `There are no images or videos in the datasource at ${(await client.getDatasource({ signal })).fullPath}. If there should be, check its path.`;
  return "Nothing new: no images or videos came into the datasource since the last run (datasource.process_all looks at all files again).";
}

function nothingUsable(listing: Listing, { corrupt, duplicates }: Reading, there: number): string {
  if (corrupt.length > 0 && corrupt.length + duplicates.length >= listing.fileNames.length) return `None of the ${counted(listing.fileNames.length, "file")} can be used: ${corrupt[0]!.fileName}: ${corrupt[0]!.reason}.`;
  return there > 0 ? `Nothing new: ${counted(listing.fileNames.length, "file")} were looked at, and all that can be selected is in the dataset already.` : `There is nothing to select in ${counted(listing.fileNames.length, "file")}.`;
}
