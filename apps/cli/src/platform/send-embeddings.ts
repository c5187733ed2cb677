import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { type ApiWorkflowClient, domains } from "@winnow/client";
import { scanEmbeddingsCsv } from "@winnow/formats";
import { writeVectors } from "../embed/write-vectors.ts";
import { Problem } from "../problems.ts";
import { naming, readNamedVectors } from "../select/vectors.ts";
import type { Progress } from "../terminal/progress.ts";

export interface SentEmbeddings {
  readonly id: string;
  /** As it is called on the platform: a time is added where there was one of that name with other vectors. */
  readonly name: string;
  readonly vectors: number;
  /** Whether it was there already. */
  readonly there: boolean;
}

/**
 * Brings vectors of all samples to the client's dataset, unless they are there already. Vectors that the platform has
 * under the name, of samples that the file doesn't have, are kept beside those of the file.
 * @param path .csv, .npy or .parquet
 * @param names list of names for files without
 * @throws Problem, and what `uploadEmbeddings` throws when the rows aren't those of the dataset
 */
export async function sendEmbeddings(client: ApiWorkflowClient, { path, names, name }: { readonly path: string; readonly names: string | undefined; readonly name: string }, progress: Progress, signal: AbortSignal): Promise<SentEmbeddings> {
  const stage = progress.stage("Uploading the embeddings");
  // The SDK writes to the file where it adds rows; the user's stays as it is.
  const folder = await mkdtemp(join(tmpdir(), "winnow-"));
  try {
    const own = join(folder, "embeddings.csv");
    if (extname(path).toLowerCase() === ".csv") {
      if (names !== undefined) throw new Problem(`--names goes with files without names; ${path} holds its own.`);
      await copyFile(path, own);
    } else {
      const { points, names: fileNames } = await readNamedVectors(path, names, signal);
      const columns = points.columns;
      await writeVectors(own, { fileNames, dimensions: columns, read: (from, to) => ({ data: Float32Array.from(points.data.subarray(from * columns, to * columns)), rows: to - from, columns }) }, signal);
    }
    const digests = new Map<string, string>();
    await naming(path, scanEmbeddingsCsv(createReadStream(own, { highWaterMark: 1 << 20 }), ({ fileName, values }) => void digests.set(fileName, digestOf(values)), { signal }));
    const known = await sameOnPlatform(client, name, digests, signal);
    if (known !== undefined) {
      stage.done("they are there already");
      return { ...known, vectors: digests.size, there: true };
    }
    await client.uploadEmbeddings(own, name, { signal });
    const id = client.embeddingId!;
    const made = (await list(client, signal)).find((embedding) => embedding.id === id);
    stage.done(`${digests.size} vectors`);
    return { id, name: made?.name ?? name, vectors: digests.size, there: false };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The newest embedding of the name, if it covers all samples and has every vector of the file. */
async function sameOnPlatform(client: ApiWorkflowClient, name: string, digests: ReadonlyMap<string, string>, signal: AbortSignal): Promise<{ id: string; name: string } | undefined> {
  const newest = (await list(client, signal)).filter((embedding) => embedding.name === name || embedding.name.startsWith(`${name}_`)).sort((a, b) => b.createdAt - a.createdAt)[0];
  if (newest === undefined) return undefined;
  const samples = (await client.getFilenames({ signal })).length;
  const datasetId = await client.datasetId;
  const url = await client.call(domains.embeddings.getEmbeddingsCsvReadUrlById, { path: { datasetId, embeddingId: newest.id }, signal });
  const answer = await fetch(url, { signal });
  if (!answer.ok || answer.body === null) return undefined;
  let [rows, same] = [0, 0];
  await scanEmbeddingsCsv(
    answer.body as unknown as AsyncIterable<Uint8Array>,
    ({ fileName, values }) => {
      rows++;
      if (digests.get(fileName) === digestOf(values)) same++;
    },
    { signal },
  );
  return rows === samples && same === digests.size ? { id: newest.id, name: newest.name } : undefined;
}

async function list(client: ApiWorkflowClient, signal: AbortSignal) {
  return client.call(domains.embeddings.getEmbeddingsByDatasetId, { path: { datasetId: await client.datasetId }, signal });
}

function digestOf(values: Float32Array): string {
  return createHash("md5").update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)).digest("base64");
}
