import { datasetPrefix } from "../blobs/addresses.ts";
import { inDataset } from "../db/turns.ts";
import { finish } from "../jobs/queue.ts";
import { removeAllPredictions } from "../predictions/store.ts";
import type { Workbench } from "../threads/workbench.ts";

const rowsInTransactionMax = 20_000;

/** Removes the rows and files of a dataset that nobody sees any more. Goes on where it was when it is done again. */
export async function deleteDatasetRows({ db, blobs, signal }: Workbench, jobId: string, { datasetId }: { datasetId: string }): Promise<void> {
  await blobs.removeAll(datasetPrefix(datasetId));
  await removeAllPredictions(db, datasetId, signal);
  // In portions: one statement over a million rows would keep every other writer waiting for seconds.
  for (;;) {
    signal.throwIfAborted();
    const last = await db.selectFrom("samples").select("ordinal").where("dataset_id", "=", datasetId).orderBy("ordinal", "desc").limit(1).executeTakeFirst();
    if (!last) break;
    await db.deleteFrom("samples").where("dataset_id", "=", datasetId).where("ordinal", ">", last.ordinal - rowsInTransactionMax).execute();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await inDataset(db, datasetId, async (transaction) => {
    await transaction.deleteFrom("datasets").where("id", "=", datasetId).execute();
    await finish(transaction, jobId);
  });
  // An upload that was under way may have stored a file since.
  await blobs.removeAll(datasetPrefix(datasetId));
}
