/** What is done for each type of job. A new type is a file of its own and a line here. */
import { computeAnalysis } from "../analysis/computation.ts";
import { materialiseColumns } from "../columns/materialise.ts";
import { deleteDatasetRows } from "../datasets/deletion.ts";
import { embedSamples } from "../embeddings/encoding.ts";
import { computeProjection } from "../projections/computation.ts";
import { computeSelection } from "../selection/computation.ts";
import { selectFromShard } from "../selection/shards.ts";
import { deliverEvents } from "../webhooks/delivery.ts";
import type { Workbench } from "../threads/workbench.ts";
import type { JobType } from "./order.ts";

export type JobHandler = (bench: Workbench, jobId: string, payload: never) => Promise<void>;

export const jobHandlers: Readonly<Record<JobType, JobHandler>> = {
  SAMPLING: computeSelection,
  SELECTION_PART: selectFromShard,
  EMBEDDINGS2D: async (bench, jobId, payload: Parameters<typeof computeProjection>[2]) => {
    await computeProjection(bench, jobId, payload);
    // Whoever asked for a map looks at it next: what it is coloured and filtered by is there by then.
    await materialiseColumns(bench, payload);
  },
  ANALYSIS: computeAnalysis,
  EMBEDDING: embedSamples,
  DELETE_DATASET: deleteDatasetRows,
  WEBHOOKS: deliverEvents,
};
