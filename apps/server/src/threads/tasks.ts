/** What threads do: one task after another. */
import { openBlobStore } from "@winnow/storage";
import { DomainError } from "../app/errors.ts";
import { materialiseColumns } from "../columns/materialise.ts";
import { makePredictionColumns } from "../columns/prediction-columns.ts";
import { connect } from "../db/database.ts";
import { ingestEmbedding } from "../embeddings/ingest.ts";
import { jobHandlers } from "../jobs/handlers.ts";
import { JobEndedError } from "../jobs/queue.ts";
import { nearestRows } from "../neighbours/nearest.ts";
import type { Assignment, Outcome, Progress } from "./protocol.ts";
import type { Workbench } from "./workbench.ts";

const progressEveryMs = 200;
/** A task does one thing after another. */
const connections = 2;

/** Does a task. */
export async function runTask({ stores, task, port }: Assignment): Promise<Outcome> {
  const controller = new AbortController();
  port.on("message", () => controller.abort(new JobEndedError("cancelled")));
  let saidAt = 0;
  // A connection for each task takes a millisecond, and a thread that waits holds nothing that its end could break.
  const db = connect(stores.database, connections);
  const blobs = await openBlobStore(stores.blobs, stores.cache);
  const bench: Workbench = {
    db,
    blobs,
    signal: controller.signal,
    onProgress: (processed, total) => {
      const now = Date.now();
      if (now - saidAt < progressEveryMs && processed < total) return;
      saidAt = now;
      port.postMessage({ processed, total } satisfies Progress);
    },
  };
  try {
    if (task.kind === "ingest") return { ok: true, value: await ingestEmbedding(bench, task) };
    if (task.kind === "columns") return { ok: true, value: await materialiseColumns(bench, task) };
    if (task.kind === "predictionColumns") return { ok: true, value: await makePredictionColumns(bench, task) };
    if (task.kind === "nearest") return { ok: true, value: await nearestRows(bench, task) };
    const handler = jobHandlers[task.type as keyof typeof jobHandlers];
    if (!handler) throw new Error(`there is no handler for jobs of type ${task.type}`);
    return { ok: true, value: await handler(bench, task.jobId, task.payload as never) };
  } catch (error) {
    const ended = error instanceof JobEndedError || controller.signal.aborted;
    return { ok: false, code: error instanceof DomainError ? error.code : null, message: error instanceof Error ? error.message : String(error), ended };
  } finally {
    blobs.close();
    await db.destroy();
    port.close();
  }
}
