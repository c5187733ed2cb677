/** Projections: embeddings in two dimensions. */
import { Type, type Static } from "typebox";
import { Enumeration, domain, get, post } from "./model.ts";
import { CreateEntityResponse, Id, Timestamp } from "./values.ts";

export const DimensionalityReductionMethod = Enumeration(["PCA", "TSNE", "UMAP"]);
export type DimensionalityReductionMethod = Static<typeof DimensionalityReductionMethod>;

export const Embedding2dCoordinates = Type.Array(Type.Number(), { minItems: 1 });
export type Embedding2dCoordinates = Static<typeof Embedding2dCoordinates>;

export const Embedding2dCreateRequest = Type.Object({
  name: Type.String(),
  dimensionalityReductionMethod: DimensionalityReductionMethod,
  coordinatesDimension1: Embedding2dCoordinates,
  coordinatesDimension2: Embedding2dCoordinates,
});
export type Embedding2dCreateRequest = Static<typeof Embedding2dCreateRequest>;

export const Embedding2dData = Type.Object({
  id: Id,
  datasetId: Id,
  embeddingId: Id,
  name: Type.String(),
  createdAt: Timestamp,
  dimensionalityReductionMethod: DimensionalityReductionMethod,
  coordinatesDimension1: Type.Optional(Embedding2dCoordinates),
  coordinatesDimension2: Type.Optional(Embedding2dCoordinates),
});
export type Embedding2dData = Static<typeof Embedding2dData>;

export const projections = domain({
  createEmbeddings2dByEmbeddingId: post("/v1/datasets/{datasetId}/embeddings/{embeddingId}/2d", {
    id: "create_embeddings2d_by_embedding_id",
    summary: "Store a projection computed elsewhere",
    access: "editor",
    body: Embedding2dCreateRequest,
    replies: { 201: CreateEntityResponse },
  }),
  getEmbedding2dById: get("/v1/datasets/{datasetId}/embeddings/{embeddingId}/2d/{embedding2dId}", {
    id: "get_embedding2d_by_id",
    summary: "One projection with its coordinates",
    access: "viewer",
    replies: { 200: Embedding2dData },
  }),
  getEmbeddings2dByEmbeddingId: get("/v1/datasets/{datasetId}/embeddings/{embeddingId}/2d", {
    id: "get_embeddings2d_by_embedding_id",
    summary: "Projections of an embedding",
    access: "viewer",
    replies: { 200: Type.Array(Embedding2dData) },
  }),
});
