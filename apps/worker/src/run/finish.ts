import { createReadStream } from "node:fs";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ApiError, domains } from "@winnow/client";
import type { DockerRunArtifactType } from "@winnow/contract";
import { type Singleton, metadataConfiguration, wireSingleton, wireTaskSchema } from "@winnow/formats";
import { matrix } from "@winnow/curation";
import type { RunFacts } from "../report/facts.ts";
import { type ImageBoxes, type OutputRequest, type SequenceInformation, writeOutput } from "../report/output/output.ts";
import { rateText } from "../report/wording.ts";
import { ensureCropDataset } from "../stages/crop-dataset.ts";
import { dumpedImages } from "../stages/dump.ts";
import type { Item } from "../stages/item.ts";
import { addToLocalPool } from "../stages/local-pool.ts";
import { readMetadataOf } from "../stages/metadata.ts";
import { picturesOf } from "../stages/pictures.ts";
import { readPredictionsOf } from "../stages/predictions.ts";
import { PRETAGGING_TASK, writePretagging } from "../stages/pretagging.ts";
import { VectorStore } from "../stages/vector-store.ts";
import { uploadPicks } from "../upload/upload-plan.ts";
import type { RunResult } from "./context.ts";
import type { Plan, PlanWithVectors, PlannedUpload } from "./plan-file.ts";
import { type Workplace, counted, stampOf } from "./workplace.ts";

/** From the plan to the end. Every step can be done again. */
export async function finish(workplace: Workplace, { plan, vectors }: PlanWithVectors): Promise<RunResult> {
  const { context, configuration, watch, notices } = workplace;
  const { docker } = configuration;
  const { client, signal } = context;
  let uploaded = 0;
  if (plan.updates) {
    const began = performance.now();
    uploaded = await upload(workplace, plan, vectors);
    watch.add("uploading", (performance.now() - began) / 1000, uploaded);
    if (docker.datapool.name !== null) await addToPool(workplace, plan, vectors);
    if (plan.processedUntil !== null) await client.updateProcessedUntilTimestamp(plan.processedUntil, { signal });
  } else notices.push("The dataset was left as it was, because datasource.enable_datapool_update is false.");

  await context.state("GENERATING_REPORT", "Drawing the report.");
  const facts: RunFacts = {
    ...plan.facts,
    run: { ...plan.facts.run, endedAt: Date.now(), workerName: context.workerName },
    notices: [...new Set([...plan.facts.notices, ...notices])],
    counts: { ...plan.facts.counts, uploaded },
    stages: [...new Map([...plan.facts.stages, ...watch.stages].map((stage) => [stage.name, stage])).values()],
  };
  const throughput = facts.stages.filter(({ items }) => items > 0).map(({ name, items, seconds }) => `${name} ${rateText(items, seconds)}`);
  if (throughput.length > 0) context.log("info", `Throughput: ${throughput.join(", ")}.`);
  const out = join(context.folder, "output");
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const written = await writeOutput(await outputRequest(workplace, plan, facts, context.output ?? out));
  if (context.output !== undefined) context.log("info", `The run's output is in ${written.folder}.`);

  if (docker.uploadReport) {
    await context.state("UPLOADING_REPORT", "Storing the report with the run.");
    await uploadReport(workplace, plan, facts, written);
    await context.state("UPLOADED_REPORT", "The report is stored with the run.");
  }
  return { message: messageOf(plan, facts, uploaded) };
}

async function upload(workplace: Workplace, plan: Plan, vectors: Float32Array): Promise<number> {
  const { context, configuration, files, videos, notices } = workplace;
  const { docker } = configuration;
  const { datasetId } = context;
  const total = plan.uploads.reduce((sum, { picks }) => sum + picks.length, 0);
  await context.state("UPLOADING_DATASET", `Adding ${counted(total, "sample")} to the dataset.`);
  let [uploaded, row] = [0, 0];
  let parentIds: ReadonlyMap<string, string> | undefined;
  for (const one of plan.uploads) {
    const rows = one.picks.length + one.completed.length;
    const target = one.kind === "images" ? datasetId : await ensureCropDataset(context, one.datasetName!);
    uploaded += await uploadPicks(
      {
        context,
        files,
        pictures: (items) => picturesOf(files, videos, docker.objectLevel.padding, items),
        metadata: (items) => (plan.entries === null || one.kind === "crops" ? Promise.resolve(new Map()) : readMetadataOf(files, plan.entries, items.map(({ fileName }) => fileName))),
        datasetId: target,
        ...(parentIds === undefined ? {} : { parentIds }),
        predictionVersion: plan.predictionVersion,
        tagName: plan.tagName,
        dimensions: plan.dimensions,
        vectors: vectors.subarray(row * plan.dimensions, (row + rows) * plan.dimensions),
        onNotice: (notice) => {
          notices.push(notice);
          context.log("warning", notice);
        },
      },
      one,
    );
    row += rows;
    if (one.kind === "images") {
      parentIds = await idsByName(workplace, plan.uploads);
      await uploadPredictions(workplace, plan, one);
    }
  }
  if (plan.entries !== null) await configureMetadata(workplace, plan);
  if (docker.pretaggingUpload && plan.detections.length > 0) await writePretagging(workplace, plan.tasks.find(({ name }) => name === PRETAGGING_TASK)!, plan.detections);
  return uploaded;
}

/** Sample ids by name, where crops need those of their images. */
async function idsByName({ context: { client, datasetId, signal } }: Workplace, uploads: readonly PlannedUpload[]): Promise<ReadonlyMap<string, string> | undefined> {
  if (uploads.length < 2) return undefined;
  const [names, ids] = await Promise.all((["fileName", "_id"] as const).map((field) => client.call(domains.mappings.getSampleMappingsByDatasetId, { path: { datasetId }, query: { field }, signal })));
  return new Map(names!.map((name, i) => [name, ids![i]!]));
}

/** Stores what the tasks say of the picks. */
async function uploadPredictions({ context, files }: Workplace, { predictionVersion, tasks, detections }: Plan, { picks }: PlannedUpload): Promise<void> {
  if (predictionVersion === null) return;
  const { client, signal } = context;
  const added = new Set(picks.map(({ fileName }) => fileName));
  for (const task of tasks) {
    await client.createPredictionTaskSchema(wireTaskSchema(task), { predictionUUIDTimestamp: predictionVersion, signal });
    const from: AsyncIterable<{ fileName: string; singletons: readonly Singleton[] }> | Iterable<{ fileName: string; singletons: readonly Singleton[] }> =
      task.name === PRETAGGING_TASK && detections.length > 0 ? detections.filter(({ fileName }) => added.has(fileName)) : readPredictionsOf(files, task, picks.map(({ fileName }) => fileName));
    await client.uploadPredictions(
      (async function* () {
        for await (const { fileName, singletons } of from) yield { fileName, singletons: singletons.map((one) => wireSingleton(task.name, one)) };
      })(),
      { task: task.name, predictionUUIDTimestamp: predictionVersion, signal },
    );
  }
}

/** Tells the dataset how to show its metadata; once, and again when the schema has changed. */
async function configureMetadata({ context: { client, datasetId, signal } }: Workplace, { entries }: Plan): Promise<void> {
  const body = metadataConfiguration("datasource", entries!);
  if (body.configs.length === 0) return;
  const there = await client.call(domains.metadata.getMetaDataConfigurations, { path: { datasetId }, signal });
  const found = there.find(({ name }) => name === body.name);
  if (found === undefined) await client.call(domains.metadata.createMetaDataConfiguration, { path: { datasetId }, body, signal });
  else if (JSON.stringify(found.configs) !== JSON.stringify(body.configs)) await client.call(domains.metadata.updateMetaDataConfigurationById, { path: { datasetId, configurationId: found.id }, body, signal });
}

async function addToPool({ context, configuration: { docker } }: Workplace, plan: Plan, vectors: Float32Array): Promise<void> {
  let row = 0;
  const rows: { fileName: string; values: Float32Array }[] = [];
  for (const { kind, picks, completed } of plan.uploads) {
    const wanted = docker.objectLevel.taskName === null ? kind === "images" : kind === "crops";
    if (wanted) picks.forEach(({ fileName }, i) => rows.push({ fileName, values: vectors.subarray((row + i) * plan.dimensions, (row + i + 1) * plan.dimensions) }));
    row += picks.length + completed.length;
  }
  await addToLocalPool(context.shared, docker.datapool.name!, rows, { keepHistory: docker.datapool.keepHistory, stamp: stampOf(context.startedAt) });
}

/** What the output folder is made of. Vectors of all items are there only on the machine that has made them. */
async function outputRequest({ context, configuration: { docker }, files, videos }: Workplace, plan: Plan, facts: RunFacts, output: string): Promise<OutputRequest> {
  const { fileNames } = facts.items;
  const picks = facts.selection.picks.map((item) => fileNames[item]!);
  const itemOf = new Map(plan.uploads.flatMap(({ picks: items }) => items).map((item) => [item.fileName, item]));
  const dumped = docker.dumpDataset ? picks.flatMap((name) => itemOf.get(name) ?? []) : undefined;
  const before = await context.client.call(domains.mappings.getSampleMappingsByDatasetId, { path: { datasetId: context.datasetId }, query: { field: "fileName" }, signal: context.signal });
  const added = new Set(itemOf.keys());
  const embeddings = embeddingsOf(context.folder, plan, facts);
  return {
    facts,
    output,
    ...(docker.runDirectory === null ? {} : { runDirectory: docker.runDirectory }),
    ...(embeddings === undefined ? {} : { embeddings }),
    dumpSampledEmbeddings: docker.dumpSampledEmbeddings,
    sequences: sequencesFor(plan, itemOf),
    boundingBoxes: boxesOf(plan),
    datapool: before.filter((name) => !added.has(name)),
    ...(dumped === undefined ? {} : { images: dumpedImages(picturesOf(files, videos, docker.objectLevel.padding, dumped), docker.outputImageSize, docker.outputImageFormat) }),
    signal: context.signal,
  };
}

function embeddingsOf(folder: string, plan: Plan, { items, encoder }: RunFacts): OutputRequest["embeddings"] {
  const store = VectorStore.existing(folder, plan.dimensions);
  if (store === undefined || encoder === undefined) return undefined;
  try {
    const rowOf = new Map<string, number>();
    let row = 0;
    for (const entry of store.entries) if (entry.kind === "item") rowOf.set(entry.item.fileName, row++);
    const rows = items.fileNames.map((name) => rowOf.get(name));
    if (rows.includes(undefined)) return undefined;
    const all = matrix(rows.length, plan.dimensions);
    store.read(rows as number[], all.data, 0);
    return all;
  } finally {
    store.close();
  }
}

function* sequencesFor({ sequences }: Plan, itemOf: ReadonlyMap<string, Item>): Generator<SequenceInformation> {
  for (const names of sequences) {
    const frames = names.map((name) => itemOf.get(name)?.frame);
    const [first] = frames;
    if (first === undefined) yield { filenames: names };
    else yield { video_name: first.video, frame_names: names, frame_timestamps_pts: frames.map((frame) => frame!.pts), frame_indices: frames.map((frame) => frame!.index) };
  }
}

function* boxesOf({ detections, tasks, uploads }: Plan): Generator<ImageBoxes> {
  const nameOf = (task: string, id: number) => tasks.find(({ name }) => name === task)?.categories.find((category) => category.id === id)?.name ?? String(id);
  for (const { fileName, singletons } of detections) {
    yield { file_name: fileName, boxes: singletons.flatMap((one) => (one.type === "OBJECT_DETECTION" ? [{ category: nameOf(PRETAGGING_TASK, one.categoryId), score: one.score, bbox: one.bbox }] : [])) };
  }
  const byParent = new Map<string, { category: string; score: number; bbox: readonly [number, number, number, number] }[]>();
  for (const { picks } of uploads) {
    for (const { crop } of picks) {
      if (crop === undefined) continue;
      const list = byParent.get(crop.parent) ?? [];
      list.push({ category: nameOf(crop.task, crop.categoryId), score: crop.score, bbox: crop.box });
      byParent.set(crop.parent, list);
    }
  }
  for (const [fileName, boxes] of byParent) yield { file_name: fileName, boxes };
}

/** Report and what belongs to it, as artifacts of the run. */
async function uploadReport({ context, configuration: { docker } }: Workplace, plan: Plan, facts: RunFacts, written: { readonly pdf: string; readonly page: string; readonly json: string; readonly compactJson: string; readonly folder: string }): Promise<void> {
  const { client, runId, sessionId, signal, folder } = context;
  const url = await client.call(domains.workers.getDockerRunReportWriteUrlById, { path: { runId }, signal });
  await client.uploadFileWithSignedUrl(await readFile(written.pdf), url, { signal });
  const pageUrl = await client.call(domains.workers.getRunReportPageWriteUrlById, { path: { runId }, query: { sessionId }, signal });
  await client.uploadFileWithSignedUrl(await readFile(written.page), pageUrl, { signal });
  const artifacts: { path: string; type: DockerRunArtifactType; name?: string }[] = [
    { path: written.pdf, type: "REPORT_PDF" },
    { path: written.json, type: "REPORT_JSON" },
    { path: written.compactJson, type: "REPORT_V2_JSON" },
  ];
  const corrupt = join(folder, "corruptness_check_information.json");
  await writeFile(corrupt, JSON.stringify({ corrupt: facts.corrupt, duplicates: facts.duplicates }, undefined, 2));
  artifacts.push({ path: corrupt, type: "CORRUPTNESS_CHECK_INFORMATION" });
  const sequences = join(written.folder, "data", "sequence_information.json");
  if (plan.sequences.length > 0 && (await stat(sequences).catch(() => undefined)) !== undefined) artifacts.push({ path: sequences, type: "SEQUENCE_INFORMATION" });
  for (const name of docker.checkpoint === null ? [] : [join(folder, "shared", basename(docker.checkpoint)), ...(context.shared === undefined ? [] : [join(context.shared, docker.checkpoint)])]) {
    for (const path of [name, name.replace(/\.onnx$/i, ".json")]) if ((await stat(path).catch(() => undefined)) !== undefined) artifacts.push({ path, type: "CHECKPOINT" });
  }
  const run = await client.call(domains.workers.getDockerRunById, { path: { runId }, signal });
  const there = new Set((run.artifacts ?? []).map(({ type, fileName }) => `${type} ${fileName}`));
  for (const { path, type } of artifacts) {
    const fileName = basename(path);
    if (there.has(`${type} ${fileName}`)) continue;
    await uploadArtifact(path, type, fileName);
  }

  async function uploadArtifact(path: string, type: DockerRunArtifactType, fileName: string): Promise<void> {
    const { size } = await stat(path);
    for (let attempt = 1; ; attempt++) {
      const { signedWriteUrl, artifactId } = await client.call(domains.workers.createDockerRunArtifact, { path: { runId }, body: { fileName, type, storageLocation: "LIGHTLY" }, signal });
      try {
        await client.uploadFileWithSignedUrl({ stream: () => createReadStream(path), size }, signedWriteUrl, { signal });
        await client.call(domains.workers.confirmDockerRunArtifactCreation, { path: { runId, artifactId }, signal });
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (attempt >= 8 || (error instanceof ApiError && error.status < 500)) throw error;
        await wait(500 * 2 ** attempt, undefined, { signal });
      }
    }
  }
}

function messageOf({ updates, tagName }: Plan, { counts, itemWord, selection }: RunFacts, uploaded: number): string {
  const looked = `${counts.selected} of ${counted(counts.candidates, (itemWord ?? "images").replace(/s$/, ""))} were selected`;
  const left = [counts.corrupt > 0 ? `${counts.corrupt} broken` : "", counts.duplicates > 0 ? counted(counts.duplicates, "duplicate") : ""].filter((text) => text !== "").join(" and ");
  const added = updates ? `${counted(uploaded, "sample")} ${uploaded === 1 ? "was" : "were"} added to the dataset (tag ${tagName})` : "the dataset was left as it was";
  return `${looked}${left === "" ? "" : ` (${left} left out)`}, ${added}. ${selection.stopped}`;
}
