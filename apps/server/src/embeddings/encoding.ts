/** Embeds the images that were uploaded: for those who have no encoder where their images come from, browsers for instance. */
import { buffer } from "node:stream/consumers";
import { applyState, encodeAll, fitState, loadEncoder, type NamedImage } from "@winnow/embedding";
import { writeEmbeddingsCsv } from "@winnow/formats";
import type { BlobStore } from "@winnow/storage";
import { embeddingCsvKey, embeddingMatrixKey, sampleKey } from "../blobs/addresses.ts";
import { findDataset, updateDataset } from "../datasets/store.ts";
import { newId } from "../db/ids.ts";
import { inDataset } from "../db/turns.ts";
import { JobEndedError, finish } from "../jobs/queue.ts";
import { readSamples } from "../samples/store.ts";
import type { Workbench } from "../threads/workbench.ts";
import { insertEmbedding } from "./store.ts";

/** An object store answers each request after a while, however many there are. */
const requestsAtOnce = 8;

/** Makes an embedding of all samples of a dataset. A sample whose image can't be read gets a vector of zeros, in the middle of all others. */
export async function embedSamples({ db, blobs, signal, onProgress }: Workbench, jobId: string, { datasetId }: { readonly datasetId: string }): Promise<void> {
  const dataset = await findDataset(db, datasetId);
  if (!dataset) throw new JobEndedError("the dataset was deleted");
  const { n_samples: samples } = dataset;
  const names: string[] = [];
  const keys: (string | undefined)[] = [];
  for await (const page of readSamples(db, datasetId, ["id", "file_name"], { toOrdinal: samples })) {
    signal.throwIfAborted();
    for (const { file_name } of page) names.push(file_name);
    for await (const key of ahead(page, ({ id }) => imageOf(blobs, datasetId, id))) keys.push(key);
  }
  const missing = keys.filter((key) => key === undefined).length;
  if (missing > 0) throw new JobEndedError(`${missing} of ${samples} samples have no image on this server: it was never uploaded, or lies in a datasource. A run of a compute worker embeds what lies there.`);
  const encoder = await loadEncoder();
  try {
    const { dimensions: columns } = encoder;
    const good: number[] = [];
    const raw = new Float32Array(samples * columns);
    // Named by their place: that is what comes back.
    const images = ahead(keys.entries(), async ([ordinal, key]): Promise<NamedImage> => ({ fileName: String(ordinal), bytes: await buffer(await blobs.read(key!)) }));
    for await (const { fileNames, vectors } of encodeAll(encoder, images, { signal, onProgress: ({ encoded, broken }) => onProgress(encoded + broken, samples) })) {
      fileNames.forEach((name, i) => {
        raw.set(vectors.data.subarray(i * columns, (i + 1) * columns), good.length * columns);
        good.push(Number(name));
      });
    }
    if (good.length === 0) throw new JobEndedError("none of the images can be read");
    const read = { data: raw.subarray(0, good.length * columns), rows: good.length, columns };
    const { data } = applyState(read, fitState(read, encoder.name));
    const vectors = new Float32Array(samples * columns);
    good.forEach((ordinal, i) => vectors.set(data.subarray(i * columns, (i + 1) * columns), ordinal * columns));
    const id = newId(Date.now());
    const rows = function* () {
      for (const [ordinal, fileName] of names.entries()) yield { fileName, values: vectors.subarray(ordinal * columns, (ordinal + 1) * columns) };
    };
    await blobs.write(embeddingCsvKey(datasetId, id), writeEmbeddingsCsv(rows(), { width: columns }));
    await blobs.write(embeddingMatrixKey(datasetId, id), new Uint8Array(vectors.buffer), { allowEmpty: true });
    try {
      await inDataset(db, datasetId, async (transaction) => {
        await insertEmbedding(transaction, { id, dataset_id: datasetId, name: encoder.name, state: "ready", rows: samples, columns, expires_at: null, created_at: Date.now() });
        await updateDataset(transaction, datasetId);
        await finish(transaction, jobId, { result: id, ...(good.length < samples ? { message: `${samples - good.length} images could not be read` } : {}) });
      });
    } catch (error) {
      await blobs.remove(embeddingCsvKey(datasetId, id));
      await blobs.remove(embeddingMatrixKey(datasetId, id));
      throw error;
    }
  } finally {
    await encoder.close();
  }
}

/** The key of a sample's image, in the best size that was uploaded. */
async function imageOf(blobs: BlobStore, datasetId: string, sampleId: string): Promise<string | undefined> {
  for (const file of ["full", "thumbnail"] as const) {
    const key = sampleKey(datasetId, sampleId, file);
    if (await blobs.facts(key)) return key;
  }
  return undefined;
}

/** What is asked for each item, in their order; the next ones are asked for meanwhile. */
async function* ahead<Item, Result>(items: Iterable<Item>, ask: (item: Item) => Promise<Result>): AsyncGenerator<Result> {
  const asked: Promise<Result>[] = [];
  for (const item of items) {
    const answer = ask(item);
    // It is awaited in its turn, and must not count as unheard until then.
    answer.catch(() => {});
    asked.push(answer);
    if (asked.length >= requestsAtOnce) yield await asked.shift()!;
  }
  while (asked.length > 0) yield await asked.shift()!;
}
