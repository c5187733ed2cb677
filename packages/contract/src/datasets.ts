/** Datasets: named collections of samples. */
import { Type, type Static } from "typebox";
import { JobStatusMeta } from "./jobs.ts";
import { Enumeration, Nullable, domain, get, post, put, remove } from "./model.ts";
import { AccessRole, CreateEntityResponse, Creator, Id, ImageType, PageOffset, PageSize, SharedAccessType, Timestamp, TimestampSeconds } from "./values.ts";

export const DatasetName = Type.String({ minLength: 3, maxLength: 255, pattern: "^[a-zA-Z0-9][a-zA-Z0-9 _-]+$" });
export type DatasetName = Static<typeof DatasetName>;

export const DatasetType = Enumeration(["Crops", "Images", "Videos"]);
export type DatasetType = Static<typeof DatasetType>;

export const DatasetCreateRequest = Type.Object({
  name: DatasetName,
  type: Type.Optional(Nullable(DatasetType)),
  imgType: Type.Optional(Nullable(ImageType)),
  parentDatasetId: Type.Optional(Nullable(Id)),
  creator: Type.Optional(Nullable(Creator)),
});
export type DatasetCreateRequest = Static<typeof DatasetCreateRequest>;

export const DatasetData = Type.Object({
  id: Id,
  name: DatasetName,
  userId: Type.String(),
  accessType: Type.Optional(SharedAccessType),
  type: DatasetType,
  imgType: Type.Optional(ImageType),
  nSamples: Type.Integer(),
  sizeInBytes: Type.Integer(),
  metaDataConfigurationId: Type.Optional(Id),
  createdAt: Timestamp,
  lastModifiedAt: Timestamp,
  datasourceProcessedUntilTimestamp: Type.Optional(TimestampSeconds),
  accessRole: Type.Optional(AccessRole),
  parentDatasetId: Type.Optional(Id),
  datasources: Type.Optional(Type.Array(Type.String())),
});
export type DatasetData = Static<typeof DatasetData>;

export const DatasetDataEnriched = Type.Object({
  id: Id,
  name: DatasetName,
  userId: Type.String(),
  accessType: Type.Optional(SharedAccessType),
  type: DatasetType,
  imgType: Type.Optional(ImageType),
  nSamples: Type.Integer(),
  sizeInBytes: Type.Integer(),
  createdAt: Timestamp,
  lastModifiedAt: Timestamp,
  metaDataConfigurationId: Type.Optional(Id),
  samples: Type.Array(Id),
  nTags: Type.Integer(),
  nEmbeddings: Type.Integer(),
  datasources: Type.Optional(Type.Array(Type.String())),
});
export type DatasetDataEnriched = Static<typeof DatasetDataEnriched>;

export const DatasetUpdateRequest = Type.Object({
  name: DatasetName,
});
export type DatasetUpdateRequest = Static<typeof DatasetUpdateRequest>;

export const datasets = domain({
  createDataset: post("/v1/datasets", {
    id: "create_dataset",
    summary: "Create a dataset",
    access: "user",
    body: DatasetCreateRequest,
    replies: { 201: CreateEntityResponse },
  }),
  deleteDatasetById: remove("/v1/datasets/{datasetId}", {
    id: "delete_dataset_by_id",
    summary: "Delete a dataset with everything in it",
    access: "owner",
    query: Type.Object({ force: Type.Optional(Type.Boolean()) }),
    replies: { 204: Type.Null() },
  }),
  getChildrenOfDatasetId: get("/v1/datasets/{datasetId}/children", {
    id: "get_children_of_dataset_id",
    summary: "Datasets made from this one (object crops)",
    access: "viewer",
    replies: { 200: Type.Array(DatasetData) },
  }),
  getDatasetById: get("/v1/datasets/{datasetId}", {
    id: "get_dataset_by_id",
    summary: "One dataset",
    access: "viewer",
    replies: { 200: DatasetData },
  }),
  getDatasets: get("/v1/datasets", {
    id: "get_datasets",
    summary: "The user's own datasets, or those shared with the user",
    access: "user",
    boundTokens: true,
    query: Type.Object({ shared: Type.Optional(Type.Boolean()), pageSize: Type.Optional(PageSize), pageOffset: Type.Optional(PageOffset) }),
    replies: { 200: Type.Array(DatasetData) },
  }),
  getDatasetsEnriched: get("/v1/datasets/enriched", {
    id: "get_datasets_enriched",
    summary: "Datasets with counts and a few samples to show as a cover",
    access: "user",
    boundTokens: true,
    query: Type.Object({ shared: Type.Optional(Type.Boolean()), limit: Type.Optional(Type.Integer({ minimum: 0 })), pageSize: Type.Optional(PageSize), pageOffset: Type.Optional(PageOffset) }),
    replies: { 200: Type.Array(DatasetDataEnriched) },
  }),
  registerDatasetUploadById: put("/v1/datasets/{datasetId}/registerDatasetUpload", {
    id: "register_dataset_upload_by_id",
    summary: "Announce an upload and how far it is",
    access: "editor",
    body: JobStatusMeta,
    replies: { 204: Type.Null() },
  }),
  updateDatasetById: put("/v1/datasets/{datasetId}", {
    id: "update_dataset_by_id",
    summary: "Rename a dataset",
    access: "editor",
    body: DatasetUpdateRequest,
    replies: { 204: Type.Null() },
  }),
  getDatasetsQueryByName: get("/v1/datasets/query/name/{datasetName}", {
    id: "get_datasets_query_by_name",
    summary: "Datasets by name",
    access: "user",
    boundTokens: true,
    since: "1.2.25",
    query: Type.Object({ shared: Type.Optional(Type.Boolean()), exact: Type.Optional(Type.Boolean()), pageSize: Type.Optional(PageSize), pageOffset: Type.Optional(PageOffset) }),
    replies: { 200: Type.Array(DatasetData) },
  }),
  getDatasetsEnrichedQueryByName: get("/v1/datasets/enriched/query/name/{datasetName}", {
    id: "get_datasets_enriched_query_by_name",
    summary: "Datasets by name, with counts and cover",
    access: "user",
    boundTokens: true,
    since: "1.2.25",
    query: Type.Object({ shared: Type.Optional(Type.Boolean()), exact: Type.Optional(Type.Boolean()), pageSize: Type.Optional(PageSize), pageOffset: Type.Optional(PageOffset) }),
    replies: { 200: Type.Array(DatasetDataEnriched) },
  }),
});
