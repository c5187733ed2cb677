/** What looks alike, and what tells it (additions of ours). */
import { Type, type Static } from "typebox";
import { domain, get, post } from "./model.ts";
import { AsyncTaskData } from "./selection.ts";
import { Id } from "./values.ts";

export const NeighboursData = Type.Object({
  embeddingId: Id,
  /** Nearest first, the sample itself left out; equally near ones by ordinal. */
  ordinals: Type.Array(Type.Integer({ minimum: 0 })),
  /** Euclidean distances in the embedding, of the same order. */
  distances: Type.Array(Type.Number({ minimum: 0 })),
});
export type NeighboursData = Static<typeof NeighboursData>;

export const neighbours = domain({
  getNeighboursByOrdinal: get("/v1/datasets/{datasetId}/neighbours", {
    id: "get_neighbours_by_ordinal",
    summary: "The samples nearest to a sample in an embedding (the newest one unless named)",
    access: "viewer",
    since: "winnow",
    query: Type.Object({ ordinal: Type.Integer({ minimum: 0 }), count: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })), embeddingId: Type.Optional(Id) }),
    replies: { 200: NeighboursData },
  }),
  triggerEmbeddingByDatasetId: post("/v1/datasets/{datasetId}/embeddings/compute", {
    id: "trigger_embedding_by_dataset_id",
    summary: "Embed the images that were uploaded",
    access: "editor",
    since: "winnow",
    replies: { 200: AsyncTaskData },
  }),
  triggerAnalysisByEmbeddingId: post("/v1/datasets/{datasetId}/embeddings/{embeddingId}/analysis", {
    id: "trigger_analysis_by_embedding_id",
    summary: "Find near-duplicates, outliers and clusters by an embedding; they become columns",
    access: "editor",
    since: "winnow",
    replies: { 200: AsyncTaskData },
  }),
});
