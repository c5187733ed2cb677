import { type Matrix, matrix } from "@winnow/curation";
import { domains } from "@winnow/client";
import type { RunConfiguration } from "@winnow/contract";
import { compareBytes, mediaKind } from "@winnow/storage";
import type { ExamplePair, RunFacts } from "../report/facts.ts";
import { chooseEncoder, type ChosenEncoder } from "../stages/choose-encoder.ts";
import { cropDatasetNameOf, findCropDataset } from "../stages/crop-dataset.ts";
import { cropMaker } from "../stages/crops.ts";
import { distributionsOf } from "../stages/distributions.ts";
import { nearestPairs, smallJpeg } from "../stages/examples.ts";
import type { Duplicate, Item } from "../stages/item.ts";
import { type Listing, listInput, missingRelevant } from "../stages/listing.ts";
import { readLocalPool } from "../stages/local-pool.ts";
import { measureItems } from "../stages/measures.ts";
import { type ObjectMeans, embedObjects, objectPoints } from "../stages/object-points.ts";
import { type Pool, fillFromPool, findPool } from "../stages/pool.ts";
import { picturesOf } from "../stages/pictures.ts";
import { firstEqualRows, preparePoints } from "../stages/points.ts";
import { type Reading, readInput } from "../stages/reading.ts";
import { selectUnits } from "../stages/selection.ts";
import { sequencesOf } from "../stages/sequences.ts";
import { type SideData, readSideData } from "../stages/side-data.ts";
import { querySetsOf, scoresFor, spread, valuesOf } from "../stages/strategy-values.ts";
import { VectorStore } from "../stages/vector-store.ts";
import { RunFailure } from "./context.ts";
import { type Workplace, counted, stampOf } from "./workplace.ts";
import type { Plan, PlanWithVectors, PlannedUpload } from "./plan-file.ts";

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
    const selected = await select(workplace, chosen, store, found, pool, side, { threads, means });
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

interface Chosen {
  /** Indices into the items, in order of picking. */
  readonly picks: readonly number[];
  readonly reasons: readonly string[];
  readonly coverage: Float64Array;
  readonly method: string;
  readonly stopped: string;
  readonly inputHash: string;
  /** Items that could be selected, ascending, and for each the row of its vector in the points. */
  readonly candidates: readonly number[];
  readonly rowOf: ReadonlyMap<number, number>;
  readonly points: Matrix;
  readonly firstUnit: number;
  readonly duplicates: readonly Duplicate[];
  readonly excluded: number;
  /** How many count as chosen from the start. */
  readonly preselected: number;
  /** Vectors of the pool's samples that it lacked, by ordinal. */
  readonly completed: ReadonlyMap<number, Float32Array>;
  /** File names of each selected sequence. */
  readonly sequences: readonly (readonly string[])[];
}

/** Brings together what is there and what came, and selects. */
async function select(workplace: Workplace, chosen: ChosenEncoder, store: VectorStore, reading: Reading, pool: Pool, side: SideData, { threads, means }: { readonly threads: number | undefined; readonly means: ReadonlyMap<string, ObjectMeans> }): Promise<Chosen> {
  const { context, configuration, notices } = workplace;
  const { docker, selection } = configuration;
  const { dimensions, encoder } = chosen;
  const { items } = reading;
  const length = docker.selectedSequenceLength;
  const units = length === 1 ? items.map((_, i) => [i]) : sequencesOf(items, length);
  const local = docker.datapool.name === null ? undefined : await readLocalPool(context.shared, docker.datapool.name, dimensions);
  const other = docker.datapool.datasetId === null || docker.datapool.datasetId === context.datasetId ? undefined : await findPool(context, docker.datapool.datasetId, chosen.embeddingName, dimensions);
  const sets = await querySetsOf(context, selection, chosen.embeddingName, dimensions);
  const localRows = local?.rows ?? 0;
  const otherRows = other?.names.length ?? 0;
  const firstUnit = pool.names.length + localRows + otherRows;
  const setRows = sets.reduce((sum, set) => sum + set.pool.names.length, 0);
  const raw = matrix(firstUnit + units.length + setRows, dimensions);
  const part = (from: number, count: number) => raw.data.subarray(from * dimensions, (from + count) * dimensions);

  // Vectors: of the dataset, of pools beside it, of what came, of what it is to be similar to.
  const lacking = pool.names.length === 0 ? [] : await fillFromPool(context, pool, encoder, part(0, pool.names.length));
  const completed = new Map(lacking.map((ordinal) => [ordinal, part(ordinal, 1).slice()]));
  if (local !== undefined) part(pool.names.length, localRows).set(local.data);
  if (other !== undefined) await fillFromPool(context, other, encoder, part(pool.names.length + localRows, otherRows));
  if (length === 1) store.read(reading.rows, raw.data, firstUnit);
  else fillMeans(store, reading, units, part(firstUnit, units.length), dimensions);
  let next = firstUnit + units.length;
  const querySets = [];
  for (const { datasetId, tagName, pool: setPool, ordinals } of sets) {
    await fillFromPool(context, setPool, encoder, part(next, setPool.names.length));
    querySets.push({ datasetId, tagName, rows: Uint32Array.from(ordinals, (ordinal) => next + ordinal) });
    next += setPool.names.length;
  }

  // Who may be picked.
  const duplicates: Duplicate[] = [];
  const query: number[] = [];
  const firsts = docker.removeExactDuplicates && length === 1 ? firstEqualRows(raw) : undefined;
  const table = "vectorOf" in encoder ? encoder : undefined;
  const preselected: number[] = docker.useDatapool === false ? [] : Array.from({ length: firstUnit }, (_, row) => row);
  let excluded = 0;
  units.forEach((unit, i) => {
    const row = firstUnit + i;
    const first = firsts?.[row] ?? row;
    const item = items[unit[0]!]!;
    if (first < row) {
      duplicates.push({ fileName: item.fileName, keptFileName: nameOfRow(first) });
    } else if (table !== undefined && unit.some((one) => table.numberOf(items[one]!.fileName, "selected") === 1)) preselected.push(row);
    else if (side.isExcluded(item.crop?.parent ?? item.fileName) || (table !== undefined && unit.some((one) => table.numberOf(items[one]!.fileName, "masked") === 1))) excluded++;
    else query.push(row);
  });
  function nameOfRow(row: number): string {
    if (row < pool.names.length) return pool.names[row]!;
    if (row < pool.names.length + localRows) return local!.fileNames[row - pool.names.length]!;
    if (row < firstUnit) return other!.names[row - pool.names.length - localRows]!;
    return items[units[row - firstUnit]![0]!]!.fileName;
  }
  if (excluded > 0) notices.push(`${counted(excluded, "item")} could not be selected, because pretagging_config or the column masked of the embeddings file leaves them out.`);

  const folders = docker.appendWeakLabels ? Array.from({ length: raw.rows }, (_, row) => folderOf(row < firstUnit + units.length ? nameOfRow(row) : "")) : undefined;
  const points = preparePoints(raw, { normalize: docker.normalizeEmbeddings, centre: chosen.centre, ...(folders === undefined ? {} : { folders }) });
  const fileScores = (column: string): Float64Array | undefined => (table === undefined || !table.columns.includes(column) ? undefined : Float64Array.from(items, ({ fileName }) => table.numberOf(fileName, column)));
  const pointsOfObjects = new Map<string, Matrix>(docker.objectLevel.taskName === null ? [] : [[docker.objectLevel.taskName, points]]);
  for (const [task, one] of means) pointsOfObjects.set(task, objectPoints(one, { rows: points.rows, firstUnit, units, items, dimensions, normalize: docker.normalizeEmbeddings, centre: chosen.centre }));
  const sources = { configuration, points, objectPoints: pointsOfObjects, firstUnit, items, units, pool: pool.names, predictions: side.predictions, metadata: side.metadata, fileScores, querySets };
  const scores = selection === null && (docker.method === "coral" || docker.method === "active_learning") ? spread(sources, methodScores(configuration, sources)) : undefined;
  const picked = await selectUnits(context, configuration, {
    points,
    preselected: Uint32Array.from(preselected),
    query: Uint32Array.from(query),
    scores,
    values: valuesOf(sources),
    length,
    threads,
  });
  const unitOf = (row: number) => units[row - firstUnit]!;
  const rowOf = new Map<number, number>();
  for (const row of query) for (const item of unitOf(row)) rowOf.set(item, row);
  const perItem = (values: Float64Array) => (values.length === 0 ? values : Float64Array.from([...picked.rows].flatMap((row, i) => unitOf(row).map(() => values[i]!))));
  return {
    picks: [...picked.rows].flatMap((row) => [...unitOf(row)]),
    reasons: [...picked.rows].flatMap((row, i) => unitOf(row).map(() => picked.reasons[i]!)),
    coverage: perItem(picked.coverage),
    method: picked.method,
    stopped: picked.stopped,
    inputHash: picked.inputHash,
    candidates: [...rowOf.keys()].sort((a, b) => a - b),
    rowOf,
    points,
    firstUnit,
    duplicates,
    excluded,
    preselected: preselected.length,
    completed,
    sequences: length === 1 ? [] : [...picked.rows].map((row) => unitOf(row).map((item) => items[item]!.fileName)),
  };

  /** Scores of the older form of a configuration, by item. */
  function methodScores({ docker: keys }: RunConfiguration, from: Parameters<typeof scoresFor>[0]): Float64Array {
    if (keys.activeLearning.taskName !== null) return scoresFor(from, keys.activeLearning.taskName, keys.activeLearning.scoreName);
    if (keys.pretagging && keys.scorer !== null && table === undefined) return scoresFor(from, "lightly_pretagging", keys.scorer);
    const column = fileScores(keys.activeLearningScoreColumnName);
    if (column === undefined) throw new RunFailure(`The embeddings file has no column ${keys.activeLearningScoreColumnName} with scores, which ${keys.method} needs. Add it, name another one in active_learning_score_column_name, or give active_learning.task_name.`);
    return column;
  }
}

function fillMeans(store: VectorStore, { rows }: Reading, units: readonly (readonly number[])[], target: Float32Array, dimensions: number): void {
  const one = new Float32Array(dimensions);
  units.forEach((unit, i) => {
    const mean = new Float64Array(dimensions);
    for (const item of unit) {
      store.read([rows[item]!], one, 0);
      for (let column = 0; column < dimensions; column++) mean[column]! += one[column]! / unit.length;
    }
    target.set(mean, i * dimensions);
  });
}

/** What goes to which dataset, and the vectors that go along. */
async function plannedUploads(
  workplace: Workplace,
  chosen: ChosenEncoder,
  { images, crops, cropDatasetName }: { readonly images: Pool; readonly crops: Pool | undefined; readonly cropDatasetName: string | null },
  store: VectorStore,
  reading: Reading,
  selected: Chosen,
): Promise<{ uploads: PlannedUpload[]; vectors: Float32Array }> {
  const { context, configuration, files, videos, notices } = workplace;
  const { docker } = configuration;
  const { dimensions, encoder } = chosen;
  const stamp = stampOf(context.startedAt);
  const embeddingOf = (pool: Pool | undefined) => ({ before: pool?.embedding?.id ?? null, name: pool?.embedding === undefined ? chosen.embeddingName : `${chosen.embeddingName}_${stamp}` });
  const picks = [...selected.picks].sort((a, b) => a - b);
  const items = picks.map((item) => reading.items[item]!);
  const itemVectors = new Float32Array(items.length * dimensions);
  store.read(picks.map((item) => reading.rows[item]!), itemVectors, 0);
  const completed = (pool: Pool | undefined) => [...selected.completed.keys()].map((ordinal) => pool!.names[ordinal]!);
  const completedVectors = [...selected.completed.values()];
  if (cropDatasetName === null) {
    const upload: PlannedUpload = { kind: "images", datasetName: null, picks: items, completed: completed(images), embedding: embeddingOf(images) };
    return { uploads: [upload], vectors: joined([itemVectors, ...completedVectors]) };
  }
  // Objects come with the images that they were cut out of.
  if (!("encode" in encoder)) throw new RunFailure("Objects can't be selected with an embeddings file: it has no vectors of what is cut out. Leave `embeddings` or `object_level` out.");
  const known = new Set(images.names);
  const parents = new Map<string, Item>();
  for (const { crop } of items) if (!known.has(crop!.parent)) parents.set(crop!.parent, { fileName: crop!.parent, ...(crop!.parentFrame === undefined ? {} : { frame: crop!.parentFrame }) });
  const parentItems = [...parents.values()].sort((a, b) => compareBytes(a.fileName, b.fileName));
  const parentVectors = new Float32Array(parentItems.length * dimensions);
  const place = new Map(parentItems.map(({ fileName }, i) => [fileName, i]));
  await context.state("EMBEDDING", `Embedding the ${counted(parentItems.length, "image")} that the objects are in.`);
  for await (const picture of picturesOf(files, videos, 0, parentItems)) {
    if ("problem" in picture) continue;
    const { data } = await encoder.encode([picture.bytes]);
    parentVectors.set(data, place.get(picture.item.fileName)! * dimensions);
  }
  const imageRows = new Float32Array(images.names.length * dimensions);
  const lacking = images.names.length === 0 ? [] : await fillFromPool(context, images, encoder, imageRows);
  const wantsCrops = docker.crops.enableUpload && (docker.crops.enableUploadForTasks === null || docker.crops.enableUploadForTasks.includes(docker.objectLevel.taskName!));
  if (!wantsCrops) notices.push("No dataset of crops is made (crops.enable_upload): the images with the selected objects are added, with their predictions.");
  return {
    uploads: [
      { kind: "images", datasetName: null, picks: parentItems, completed: lacking.map((ordinal) => images.names[ordinal]!), embedding: embeddingOf(images) },
      ...(wantsCrops ? [{ kind: "crops" as const, datasetName: cropDatasetName, picks: items, completed: completed(crops), embedding: embeddingOf(crops) }] : []),
    ],
    vectors: joined([parentVectors, ...lacking.map((ordinal) => imageRows.subarray(ordinal * dimensions, (ordinal + 1) * dimensions)), ...(wantsCrops ? [itemVectors, ...completedVectors] : [])]),
  };
}

async function factsOf(
  workplace: Workplace,
  chosen: ChosenEncoder,
  { listing, missing, reading, found, side, selected }: { readonly listing: Listing; readonly missing: readonly string[]; readonly reading: Reading; readonly found: Reading; readonly side: SideData; readonly selected: Chosen },
): Promise<RunFacts> {
  const { context, configuration, files, videos, watch, notices } = workplace;
  const { docker, lightly } = configuration;
  const { candidates, rowOf, picks } = selected;
  const place = new Map(candidates.map((item, i) => [item, i]));
  const threads = docker.numThreads === null ? undefined : Math.max(1, docker.numThreads);
  const rows = [...new Set(candidates.map((item) => rowOf.get(item)!))].sort((a, b) => a - b);
  const pickedRows = [...new Set(picks.map((item) => rowOf.get(item)!))];
  const measured = await watch.time(
    "measuring",
    () => measureItems({ context, points: selected.points, firstUnit: selected.firstUnit, candidates: rows, picked: pickedRows, memoryInGB: docker.memoryRequirementInGB, threads, seed: lightly.seed }),
    () => rows.length,
  );
  const placeOfRow = new Map(rows.map((row, i) => [row, i]));
  const placeOfPick = new Map(pickedRows.map((row, i) => [row, i]));
  const chosenItems = new Uint8Array(candidates.length);
  for (const item of picks) chosenItems[place.get(item)!] = 1;
  const items = candidates.map((item) => found.items[item]!);
  const distributions = distributionsOf([...side.predictions.values()], side.metadata, items, (i) => chosenItems[i] === 1);
  const isPicked = new Set(picks);
  const pairs = nearestPairs(
    selected.points,
    candidates.filter((item) => !isPicked.has(item)).map((item) => rowOf.get(item)!),
    pickedRows,
    Math.floor(docker.nExampleImages / 2),
  );
  const itemOfRow = new Map(candidates.map((item) => [rowOf.get(item)!, found.items[item]!]));
  const examples: ExamplePair[] = [];
  const small = new Map<Item, Uint8Array>();
  for await (const picture of picturesOf(files, videos, docker.objectLevel.padding, [...new Set(pairs.flatMap(({ removed, retained }) => [itemOfRow.get(removed)!, itemOfRow.get(retained)!]))])) {
    if ("bytes" in picture) small.set(picture.item, await smallJpeg(picture.bytes).catch(() => new Uint8Array()));
  }
  for (const { removed, retained, distance } of pairs) {
    const [left, right] = [itemOfRow.get(removed)!, itemOfRow.get(retained)!];
    const [removedJpeg, retainedJpeg] = [small.get(left), small.get(right)];
    if (removedJpeg && retainedJpeg && removedJpeg.length > 0 && retainedJpeg.length > 0) examples.push({ removed: left.fileName, retained: right.fileName, distance, removedJpeg, retainedJpeg });
  }
  const corruptVideos = reading.corrupt.filter(({ fileName }) => reading.videos.has(fileName));
  for (const { fileName, reason } of corruptVideos) notices.push(`${fileName}: ${reason}. What could be decoded was looked at.`);
  if (listing.unusable.length > 0) notices.push(`${counted(listing.unusable.length, "file")} can't be taken because of the name: ${listing.unusable.slice(0, 5).map(({ fileName, reason }) => `${fileName} (${reason})`).join("; ")}${listing.unusable.length > 5 ? "; …" : ""}.`);
  if (missing.length > 0) notices.push(`${counted(missing.length, "name")} in ${docker.relevantFilenamesFile} are not in the datasource: ${missing.slice(0, 5).join(", ")}${missing.length > 5 ? ", …" : ""}.`);
  notices.push(...side.notices);
  const duplicates = [...reading.duplicates, ...selected.duplicates];
  const videoNames = [...reading.videos.keys()];
  const selectedIn = new Map<string, number[]>();
  for (const item of picks) {
    const frame = found.items[item]!.frame ?? found.items[item]!.crop?.parentFrame;
    if (frame === undefined) continue;
    const list = selectedIn.get(frame.video);
    if (list === undefined) selectedIn.set(frame.video, [frame.index]);
    else list.push(frame.index);
  }
  return {
    run: { id: context.runId, datasetId: context.datasetId, datasetName: context.datasetName, workerName: context.workerName, version: context.version, startedAt: context.startedAt, endedAt: Date.now() },
    itemWord: docker.objectLevel.taskName !== null ? "objects" : reading.videos.size > 0 && found.items.every(({ frame }) => frame !== undefined) ? "frames" : "images",
    configuration: { docker: { ...docker }, lightly: { ...lightly }, ...(configuration.selection === null ? {} : { selection: { ...configuration.selection } }) },
    notices: [...configuration.notices, ...notices],
    counts: {
      listed: listing.listed,
      images: listing.fileNames.filter((name) => mediaKind(name) === "image").length,
      videos: videoNames.length,
      frames: reading.frames,
      corrupt: reading.corrupt.length,
      duplicates: duplicates.length,
      missingRelevant: missing.length,
      refusedSideFiles: side.refused,
      candidates: candidates.length,
      preselected: selected.preselected,
      selected: picks.length,
      uploaded: 0,
    },
    stages: [...watch.stages],
    encoder: { name: chosen.name, dimensions: chosen.dimensions },
    items: {
      fileNames: items.map(({ fileName }) => fileName),
      selected: chosenItems,
      nearestBefore: Float64Array.from(candidates, (item) => measured.nearestBefore[placeOfRow.get(rowOf.get(item)!)!]!),
      nearestAfter: Float64Array.from(picks, (item) => measured.nearestAfter[placeOfPick.get(rowOf.get(item)!)!]!),
      ...(measured.distanceSearch === undefined ? {} : { distanceSearch: measured.distanceSearch }),
      projections: measured.projections.map(({ method, coordinates }) => ({
        method,
        coordinates: Float32Array.from(candidates.flatMap((item) => [coordinates[2 * placeOfRow.get(rowOf.get(item)!)!]!, coordinates[2 * placeOfRow.get(rowOf.get(item)!)! + 1]!])),
      })),
    },
    selection: { method: selected.method, stopped: selected.stopped, picks: picks.map((item) => place.get(item)!), reasons: selected.reasons, coverage: selected.coverage, seed: lightly.seed, inputHash: selected.inputHash },
    corrupt: reading.corrupt,
    duplicates,
    videos: videoNames.map((fileName) => ({ fileName, ...reading.videos.get(fileName)!, selected: [...new Set(selectedIn.get(fileName))].sort((a, b) => a - b) })),
    showVideoTimelines: docker.showVideoSamplingTimeline,
    classes: distributions.classes,
    metadata: distributions.metadata,
    examples,
    pretagging: docker.pretaggingDebug ? await side.pretaggedExamples() : [],
  };
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

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of parts) {
    all.set(one, at);
    at += one.length;
  }
  return all;
}

function folderOf(fileName: string): string {
  return fileName.slice(0, Math.max(0, fileName.lastIndexOf("/")));
}
