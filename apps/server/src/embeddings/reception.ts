import type { Readable } from "node:stream";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { embeddingCsvKey, incomingKey, type KeyFacts } from "../blobs/addresses.ts";
import { updateDataset } from "../datasets/store.ts";
import { inDataset } from "../db/turns.ts";
import type { Threads } from "../threads/threads.ts";
import { findEmbedding, updateEmbedding } from "./store.ts";

const underWay = new Set<string>();

/**
 * Takes the file of an announced embedding. It is read whole before it is acknowledged: what is listed can be used,
 * and whoever sends a broken file hears of it.
 */
export async function receiveEmbedding(
  context: Context,
  threads: Threads,
  { datasetId, embeddingId }: Extract<KeyFacts, { kind: "embedding" }>,
  content: Readable,
  sizeBytesMax: number,
): Promise<void> {
  const { db, blobs } = context;
  const announced = await findEmbedding(db, datasetId, embeddingId);
  if (!announced) throw new DomainError("EMBEDDING_UNKNOWN", "The embedding was deleted, or announced too long ago. Announce it again.");
  if (announced.state === "ready") throw new DomainError("EMBEDDING_INVALID", `The file of the embedding "${announced.name}" has already come. Announce a new embedding for new vectors.`, { status: 409 });
  if (underWay.has(embeddingId)) throw new DomainError("EMBEDDING_NOT_READY", `The file of the embedding "${announced.name}" is being uploaded by another request.`);
  underWay.add(embeddingId);
  const key = embeddingCsvKey(datasetId, embeddingId);
  const incoming = incomingKey(datasetId, embeddingId);
  try {
    await blobs.write(incoming, content, { sizeBytesMax });
    const columns = (await threads.run({ kind: "ingest", datasetId, embeddingId, samples: announced.rows })) as number;
    await blobs.move(incoming, key);
    await inDataset(db, datasetId, async (transaction) => {
      await updateEmbedding(transaction, embeddingId, { state: "ready", columns, expires_at: null });
      await updateDataset(transaction, datasetId);
    });
  } catch (error) {
    await blobs.remove(incoming);
    throw error;
  } finally {
    underWay.delete(embeddingId);
  }
}
