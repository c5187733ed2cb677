/** Embeddings: one vector per sample, exchanged as CSV. */
import { Type, type Static } from "typebox";
import { domain, get, post, put, remove } from "./model.ts";
import { DimensionalityReductionMethod } from "./projections.ts";
import { Id, Timestamp } from "./values.ts";

export const DatasetEmbeddingData = Type.Object({
  id: Id,
  name: Type.String(),
  isProcessed: Type.Boolean(),
  createdAt: Timestamp,
  is2d: Type.Optional(Type.Boolean()),
});
export type DatasetEmbeddingData = Static<typeof DatasetEmbeddingData>;

export const EmbeddingData = Type.Object({
  id: Id,
  dataset: Id,
  name: Type.String(),
});
export type EmbeddingData = Static<typeof EmbeddingData>;

export const EmbeddingIdIsProcessedBody = Type.Object({
  rowCount: Type.Number(),
});
export type EmbeddingIdIsProcessedBody = Static<typeof EmbeddingIdIsProcessedBody>;

export const Trigger2dEmbeddingJobRequest = Type.Object({
  dimensionalityReductionMethod: DimensionalityReductionMethod,
});
export type Trigger2dEmbeddingJobRequest = Static<typeof Trigger2dEmbeddingJobRequest>;

export const WriteCSVUrlData = Type.Object({
  signedWriteUrl: Type.String(),
  embeddingId: Type.String(),
});
export type WriteCSVUrlData = Static<typeof WriteCSVUrlData>;

export const embeddings = domain({
  deleteEmbeddingById: remove("/v1/datasets/{datasetId}/embeddings/{embeddingId}", {
    id: "delete_embedding_by_id",
    summary: "Delete an embedding with its projections",
    access: "editor",
    replies: { 204: Type.Null() },
  }),
  getEmbeddingsByDatasetId: get("/v1/datasets/{datasetId}/embeddings", {
    id: "get_embeddings_by_dataset_id",
    summary: "Embeddings of a dataset, newest first",
    access: "viewer",
    replies: { 200: Type.Array(DatasetEmbeddingData) },
  }),
  getEmbeddingsBySampleId: get("/users/datasets/{datasetId}/samples/{sampleId}/embeddings", {
    id: "get_embeddings_by_sample_id",
    summary: "Embeddings that cover a sample",
    access: "viewer",
    query: Type.Object({ mode: Type.Optional(Type.String()) }),
    replies: { 200: Type.Array(EmbeddingData) },
  }),
  getEmbeddingsCsvReadUrlById: get("/v1/datasets/{datasetId}/embeddings/{embeddingId}/readCSVUrl", {
    id: "get_embeddings_csv_read_url_by_id",
    summary: "A signed address of the embedding file as it was uploaded",
    access: "viewer",
    replies: { 200: Type.String() },
  }),
  getEmbeddingsCsvWriteUrlById: get("/v1/datasets/{datasetId}/embeddings/writeCSVUrl", {
    id: "get_embeddings_csv_write_url_by_id",
    summary: "Announce an embedding and get the signed address to write its file to",
    access: "editor",
    query: Type.Object({ name: Type.Optional(Type.String()) }),
    replies: { 200: WriteCSVUrlData },
  }),
  setEmbeddingsIsProcessedFlagById: put("/v1/datasets/{datasetId}/embeddings/{embeddingId}/isProcessed", {
    id: "set_embeddings_is_processed_flag_by_id",
    summary: "Say how many rows an embedding has and that it is complete",
    access: "editor",
    body: EmbeddingIdIsProcessedBody,
    replies: { 204: Type.Null() },
  }),
  trigger2dEmbeddingsJob: post("/v1/datasets/{datasetId}/embeddings/{embeddingId}/trigger2dEmbeddingsJob", {
    id: "trigger2d_embeddings_job",
    summary: "Compute a projection to two dimensions",
    access: "editor",
    body: Trigger2dEmbeddingJobRequest,
    replies: { 204: Type.Null() },
  }),
});
