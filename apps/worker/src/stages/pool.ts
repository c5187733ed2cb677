import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type ApiWorkflowClient, domains } from "@winnow/client";
import { type Encoder, encodeAll } from "@winnow/embedding";
import { csvRecords, scanEmbeddingsCsv, splitRecord } from "@winnow/formats";
import { type RunContext, RunFailure } from "../run/context.ts";
import type { InputTable } from "./input-table.ts";

/** What a dataset holds already. */
export interface Pool {
  readonly datasetId: string;
  /** Names of its samples, by ordinal. */
  readonly names: readonly string[];
  /** The embedding whose vectors can be compared with those of this run; undefined when there is none. */
  readonly embedding: { readonly id: string; readonly name: string } | undefined;
}

/** Finds what a dataset holds, and the newest of its embeddings that begins with the name and is as wide as this run's. */
export async function findPool(context: RunContext, datasetId: string, baseName: string, dimensions: number): Promise<Pool> {
  const { client, signal } = context;
  const names = await client.call(domains.mappings.getSampleMappingsByDatasetId, { path: { datasetId }, query: { field: "fileName" }, signal });
  const embeddings = names.length === 0 ? [] : await client.call(domains.embeddings.getEmbeddingsByDatasetId, { path: { datasetId }, signal });
  for (const { id, name } of embeddings) {
    if (!name.startsWith(baseName)) continue;
    if ((await widthOf(client, datasetId, id, signal)) === dimensions) return { datasetId, names, embedding: { id, name } };
  }
  return { datasetId, names, embedding: undefined };
}

/**
 * Writes the vectors of a pool's samples into `target`, one row each in the pool's order. Those that its embedding lacks
 * (or that have none which can be compared) are made anew from the samples' images.
 * @returns ordinals of the samples whose vectors were made
 */
export async function fillFromPool(context: RunContext, pool: Pool, encoder: Encoder | InputTable, target: Float32Array): Promise<number[]> {
  const width = "encode" in encoder ? encoder.dimensions : encoder.width;
  const ordinalOf = new Map(pool.names.map((name, ordinal) => [name, ordinal]));
  const there = new Uint8Array(pool.names.length);
  if (pool.embedding !== undefined) {
    const file = join(context.folder, "pool.csv");
    await downloadEmbedding(context, pool.datasetId, pool.embedding.id, file);
    await scanEmbeddingsCsv(
      createReadStream(file),
      ({ fileName, values }) => {
        const ordinal = ordinalOf.get(fileName);
        if (ordinal === undefined) return;
        target.set(values, ordinal * width);
        there[ordinal] = 1;
      },
      { signal: context.signal },
    );
    await rm(file, { force: true });
  }
  const missing = pool.names.flatMap((_, ordinal) => (there[ordinal] === 1 ? [] : [ordinal]));
  if (missing.length === 0) return missing;
  if (!("encode" in encoder)) {
    for (const ordinal of missing) {
      const vector = encoder.vectorOf(pool.names[ordinal]!);
      if (vector === undefined) throw new RunFailure(`The embeddings file has no row for ${pool.names[ordinal]}, which is in the dataset and has no such embedding there. Add it to the file.`);
      target.set(vector, ordinal * width);
    }
    return missing;
  }
  context.log("info", `${missing.length} samples of the dataset have no embedding by ${encoder.name}: they are embedded now.`);
  const ids = await context.client.call(domains.mappings.getSampleMappingsByDatasetId, { path: { datasetId: pool.datasetId }, query: { field: "_id" }, signal: context.signal });
  let done = 0;
  for await (const batch of encodeAll(encoder, imagesOf(context, pool, missing, ids), { signal: context.signal })) {
    batch.fileNames.forEach((name, i) => target.set(batch.vectors.data.subarray(i * width, (i + 1) * width), ordinalOf.get(name)! * width));
    // A vector of zeros stands for what can't be seen: it is as far from everything.
    for (const { fileName, reason } of batch.broken) context.log("warning", `${fileName}, a sample of the dataset, can't be read: ${reason}.`);
    done += batch.fileNames.length + batch.broken.length;
    context.progress("embedding the dataset", done, missing.length);
  }
  return missing;
}

async function* imagesOf(context: RunContext, pool: Pool, ordinals: readonly number[], ids: readonly string[]): AsyncGenerator<{ fileName: string; bytes: Uint8Array }, void, undefined> {
  const { client, signal } = context;
  for (const ordinal of ordinals) {
    const fileName = pool.names[ordinal]!;
    let bytes = new Uint8Array();
    try {
      const url = await client.call(domains.samples.getSampleImageReadUrlById, { path: { datasetId: pool.datasetId, sampleId: ids[ordinal]! }, query: {}, signal });
      const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(60_000)]) });
      if (response.ok) bytes = new Uint8Array(await response.arrayBuffer());
      else await response.body?.cancel();
    } catch {
      signal.throwIfAborted();
      // An empty file is told of like a broken one.
    }
    yield { fileName, bytes };
  }
}

/** Copies an embedding's file from the server to the disk. */
export async function downloadEmbedding({ client, signal }: RunContext, datasetId: string, embeddingId: string, file: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await openEmbedding(client, datasetId, embeddingId, signal);
      await pipeline(Readable.fromWeb(response.body as never), createWriteStream(file), { signal });
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (attempt >= 5) throw error;
    }
  }
}

async function openEmbedding(client: ApiWorkflowClient, datasetId: string, embeddingId: string, signal: AbortSignal): Promise<Response> {
  const url = await client.call(domains.embeddings.getEmbeddingsCsvReadUrlById, { path: { datasetId, embeddingId }, signal });
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`the embedding could not be read from the server: it answers ${response.status}`);
  return response;
}

/** Width of an embedding's vectors, from the first line of its file. */
async function widthOf(client: ApiWorkflowClient, datasetId: string, embeddingId: string, signal: AbortSignal): Promise<number> {
  const stop = new AbortController();
  const response = await openEmbedding(client, datasetId, embeddingId, AbortSignal.any([signal, stop.signal]));
  try {
    for await (const block of csvRecords(response.body as unknown as AsyncIterable<Uint8Array>)) {
      if (block.count === 0) continue;
      return splitRecord(block, 0).filter((column) => /^embedding_\d+/.test(column)).length;
    }
    return 0;
  } finally {
    stop.abort();
  }
}
