import type { domains } from "@winnow/contract";
import type { Handlers } from "../app/call.ts";
import type { Threads } from "../threads/threads.ts";
import * as service from "./service.ts";

export function neighbours(threads: Threads): Handlers<typeof domains.neighbours> {
  return {
    getNeighboursByOrdinal: ({ context, dataset, query, signal }) => service.neighboursOf(context, threads, dataset, query, signal),
    triggerEmbeddingByDatasetId: ({ context, user, dataset }) => service.triggerEmbedding(context, user, dataset),
    triggerAnalysisByEmbeddingId: ({ context, user, dataset, path }) => service.triggerAnalysis(context, user, dataset, path.embeddingId),
  };
}
