/** Datasources: the bucket or folder behind a dataset. */
import { Type, type Static } from "typebox";
import { Enumeration, Nullable, domain, get, post, put } from "./model.ts";
import { Id, ReadUrl, TaskName, Timestamp } from "./values.ts";

export const DatasourcePurpose = Enumeration(["INPUT_OUTPUT", "INPUT", "LIGHTLY"]);
export type DatasourcePurpose = Static<typeof DatasourcePurpose>;

const DatasourceConfigBase = {
  purpose: DatasourcePurpose,
  fullPath: Type.String(),
  thumbSuffix: Type.Optional(Nullable(Type.String())),
  id: Type.Optional(Nullable(Id)),
};

export const DatasourceConfigAzure = Type.Object({
  ...DatasourceConfigBase,
  type: Type.Literal("AZURE"),
  accountName: Type.String({ minLength: 1 }),
  accountKey: Type.String({ minLength: 1 }),
});
export type DatasourceConfigAzure = Static<typeof DatasourceConfigAzure>;

export const DatasourceConfigGCS = Type.Object({
  ...DatasourceConfigBase,
  type: Type.Literal("GCS"),
  gcsProjectId: Type.String({ minLength: 1 }),
  gcsCredentials: Type.String(),
});
export type DatasourceConfigGCS = Static<typeof DatasourceConfigGCS>;

export const DatasourceConfigLIGHTLY = Type.Object({
  ...DatasourceConfigBase,
  type: Type.Literal("LIGHTLY"),
});
export type DatasourceConfigLIGHTLY = Static<typeof DatasourceConfigLIGHTLY>;

export const DatasourceConfigLOCAL = Type.Object({
  ...DatasourceConfigBase,
  type: Type.Literal("LOCAL"),
});
export type DatasourceConfigLOCAL = Static<typeof DatasourceConfigLOCAL>;

export const S3Region = Enumeration(["af-south-1", "ap-east-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ca-central-1", "cn-northwest-1", "eu-central-1", "eu-north-1", "eu-south-1", "eu-west-1", "eu-west-2", "eu-west-3", "me-south-1", "sa-east-1", "us-east-1", "us-east-2", "us-gov-east-1", "us-west-1", "us-west-2", "us-gov-west-1"]);
export type S3Region = Static<typeof S3Region>;

export const DatasourceConfigS3 = Type.Object({
  ...DatasourceConfigBase,
  type: Type.Literal("S3"),
  s3Region: S3Region,
  s3AccessKeyId: Type.String({ minLength: 1 }),
  s3SecretAccessKey: Type.String({ minLength: 1 }),
});
export type DatasourceConfigS3 = Static<typeof DatasourceConfigS3>;

export const DatasourceConfigS3DelegatedAccess = Type.Object({
  ...DatasourceConfigBase,
  type: Type.Literal("S3DelegatedAccess"),
  s3Region: S3Region,
  s3ExternalId: Type.String({ minLength: 10, pattern: "^[a-zA-Z0-9_+=,.@:\\/-]+$" }),
  s3ARN: Type.String({ minLength: 12, pattern: "^arn:aws:iam::[0-9]{12}:role.+$" }),
});
export type DatasourceConfigS3DelegatedAccess = Static<typeof DatasourceConfigS3DelegatedAccess>;

export const DatasourceConfig = Type.Union([DatasourceConfigLIGHTLY, DatasourceConfigS3, DatasourceConfigS3DelegatedAccess, DatasourceConfigGCS, DatasourceConfigAzure, DatasourceConfigLOCAL]);
export type DatasourceConfig = Static<typeof DatasourceConfig>;

export const DatasourceConfigVerifyData = Type.Object({
  canRead: Type.Boolean(),
  canWrite: Type.Boolean(),
  canList: Type.Boolean(),
  canOverwrite: Type.Boolean(),
});
export type DatasourceConfigVerifyData = Static<typeof DatasourceConfigVerifyData>;

export const DatasourceProcessedUntilTimestampRequest = Type.Object({
  processedUntilTimestamp: Timestamp,
});
export type DatasourceProcessedUntilTimestampRequest = Static<typeof DatasourceProcessedUntilTimestampRequest>;

export const DatasourceProcessedUntilTimestampResponse = Type.Object({
  processedUntilTimestamp: Timestamp,
});
export type DatasourceProcessedUntilTimestampResponse = Static<typeof DatasourceProcessedUntilTimestampResponse>;

export const DatasourceRawSamplesDataRow = Type.Object({
  fileName: Type.String(),
  readUrl: ReadUrl,
});
export type DatasourceRawSamplesDataRow = Static<typeof DatasourceRawSamplesDataRow>;

export const DatasourceRawSamplesData = Type.Object({
  hasMore: Type.Boolean(),
  cursor: Type.String(),
  data: Type.Array(DatasourceRawSamplesDataRow),
});
export type DatasourceRawSamplesData = Static<typeof DatasourceRawSamplesData>;

export const DatasourceRawSamplesMetadataDataRow = Type.Object({
  fileName: Type.String(),
  readUrl: ReadUrl,
});
export type DatasourceRawSamplesMetadataDataRow = Static<typeof DatasourceRawSamplesMetadataDataRow>;

export const DatasourceRawSamplesMetadataData = Type.Object({
  hasMore: Type.Boolean(),
  cursor: Type.String(),
  data: Type.Array(DatasourceRawSamplesMetadataDataRow),
});
export type DatasourceRawSamplesMetadataData = Static<typeof DatasourceRawSamplesMetadataData>;

export const DatasourceRawSamplesPredictionsDataRow = Type.Object({
  fileName: Type.String(),
  readUrl: ReadUrl,
});
export type DatasourceRawSamplesPredictionsDataRow = Static<typeof DatasourceRawSamplesPredictionsDataRow>;

export const DatasourceRawSamplesPredictionsData = Type.Object({
  hasMore: Type.Boolean(),
  cursor: Type.String(),
  data: Type.Array(DatasourceRawSamplesPredictionsDataRow),
});
export type DatasourceRawSamplesPredictionsData = Static<typeof DatasourceRawSamplesPredictionsData>;

export const DatasourceType = Enumeration(["LIGHTLY", "S3", "S3DelegatedAccess", "GCS", "AZURE", "LOCAL"]);
export type DatasourceType = Static<typeof DatasourceType>;

/** What a datasource allows, with a sentence for everything that it doesn't. */
export const DatasourceCheck = Type.Object({
  ...DatasourceConfigVerifyData.properties,
  errors: Type.Object({
    canRead: Type.Optional(Type.String()),
    canWrite: Type.Optional(Type.String()),
    canList: Type.Optional(Type.String()),
    canOverwrite: Type.Optional(Type.String()),
  }),
});
export type DatasourceCheck = Static<typeof DatasourceCheck>;

const paths = Type.Array(Type.String({ minLength: 1, maxLength: 4096 }), { minItems: 1, maxItems: 10_000, description: "Relative to the datasource, parts joined by /" });

export const DatasourceReadUrlsRequest = Type.Object({
  paths,
  purpose: Type.Optional(Nullable(Enumeration(["INPUT", "LIGHTLY"]))),
});
export type DatasourceReadUrlsRequest = Static<typeof DatasourceReadUrlsRequest>;

export const DatasourceWriteUrlsRequest = Type.Object({ paths });
export type DatasourceWriteUrlsRequest = Static<typeof DatasourceWriteUrlsRequest>;

export const DatasourceReadUrls = Type.Object({
  urls: Type.Array(Type.Object({ path: Type.String(), url: ReadUrl })),
});
export type DatasourceReadUrls = Static<typeof DatasourceReadUrls>;

export const DatasourceWriteUrls = Type.Object({
  urls: Type.Array(Type.Object({ path: Type.String(), url: Type.String(), headers: Type.Record(Type.String(), Type.String()) })),
});
export type DatasourceWriteUrls = Static<typeof DatasourceWriteUrls>;

/** Where datasources of the type LOCAL may lie, as the operator of the server has allowed. */
export const DatasourceRoots = Type.Object({
  folders: Type.Array(Type.String()),
  /** File servers in private networks: host, or host:port. */
  fileServers: Type.Array(Type.String()),
});
export type DatasourceRoots = Static<typeof DatasourceRoots>;

export const datasources = domain({
  getDatasourceByDatasetId: get("/v1/datasets/{datasetId}/datasource", {
    id: "get_datasource_by_dataset_id",
    summary: "The datasource of a dataset",
    access: "viewer",
    query: Type.Object({ purpose: Type.Optional(DatasourcePurpose) }),
    replies: { 200: DatasourceConfig },
  }),
  getDatasourceProcessedUntilTimestampByDatasetId: get("/v1/datasets/{datasetId}/datasource/processedUntilTimestamp", {
    id: "get_datasource_processed_until_timestamp_by_dataset_id",
    summary: "Up to when the datasource has been processed",
    access: "viewer",
    replies: { 200: DatasourceProcessedUntilTimestampResponse },
  }),
  getDatasourcesByDatasetId: get("/v1/datasets/{datasetId}/datasource/all", {
    id: "get_datasources_by_dataset_id",
    summary: "All datasources of a dataset, by purpose",
    access: "viewer",
    replies: { 200: Type.Array(DatasourceConfig) },
  }),
  getListOfRawSamplesFromDatasourceByDatasetId: get("/v1/datasets/{datasetId}/datasource/list", {
    id: "get_list_of_raw_samples_from_datasource_by_dataset_id",
    summary: "Samples in the datasource, in pages",
    access: "viewer",
    query: Type.Object({ from: Type.Optional(Timestamp), to: Type.Optional(Timestamp), cursor: Type.Optional(Type.String()), relevantFilenamesFileName: Type.Optional(Type.String()), useRedirectedReadUrl: Type.Optional(Type.Boolean()) }),
    replies: { 200: DatasourceRawSamplesData },
  }),
  getListOfRawSamplesMetadataFromDatasourceByDatasetId: get("/v1/datasets/{datasetId}/datasource/metadata/list", {
    id: "get_list_of_raw_samples_metadata_from_datasource_by_dataset_id",
    summary: "Metadata files in the datasource, in pages",
    access: "viewer",
    query: Type.Object({ from: Type.Optional(Timestamp), to: Type.Optional(Timestamp), cursor: Type.Optional(Type.String()), relevantFilenamesFileName: Type.Optional(Type.String()), useRedirectedReadUrl: Type.Optional(Type.Boolean()) }),
    replies: { 200: DatasourceRawSamplesMetadataData },
  }),
  getListOfRawSamplesPredictionsFromDatasourceByDatasetId: get("/v1/datasets/{datasetId}/datasource/predictions/list", {
    id: "get_list_of_raw_samples_predictions_from_datasource_by_dataset_id",
    summary: "Prediction files in the datasource, in pages",
    access: "viewer",
    query: Type.Object({ taskName: TaskName, from: Type.Optional(Timestamp), to: Type.Optional(Timestamp), cursor: Type.Optional(Type.String()), relevantFilenamesFileName: Type.Optional(Type.String()), useRedirectedReadUrl: Type.Optional(Type.Boolean()) }),
    replies: { 200: DatasourceRawSamplesPredictionsData },
  }),
  getMetadataFileReadUrlFromDatasourceByDatasetId: get("/v1/datasets/{datasetId}/datasource/metadata/file", {
    id: "get_metadata_file_read_url_from_datasource_by_dataset_id",
    summary: "A read address of a metadata file",
    access: "viewer",
    query: Type.Object({ fileName: Type.String() }),
    replies: { 200: Type.String() },
  }),
  getPredictionFileReadUrlFromDatasourceByDatasetId: get("/v1/datasets/{datasetId}/datasource/predictions/file", {
    id: "get_prediction_file_read_url_from_datasource_by_dataset_id",
    summary: "A read address of a prediction file",
    access: "viewer",
    query: Type.Object({ fileName: Type.String() }),
    replies: { 200: Type.String() },
  }),
  getPredictionFileWriteUrlFromDatasourceByDatasetId: get("/v1/datasets/{datasetId}/datasource/predictions/writeUrl", {
    id: "get_prediction_file_write_url_from_datasource_by_dataset_id",
    summary: "A write address for a prediction file",
    access: "editor",
    query: Type.Object({ fileName: Type.String() }),
    replies: { 200: Type.String() },
  }),
  updateDatasourceByDatasetId: put("/v1/datasets/{datasetId}/datasource", {
    id: "update_datasource_by_dataset_id",
    summary: "Connect a datasource, or change it",
    access: "editor",
    body: DatasourceConfig,
    replies: { 204: Type.Null() },
  }),
  updateDatasourceProcessedUntilTimestampByDatasetId: put("/v1/datasets/{datasetId}/datasource/processedUntilTimestamp", {
    id: "update_datasource_processed_until_timestamp_by_dataset_id",
    summary: "Say up to when the datasource has been processed",
    access: "editor",
    body: DatasourceProcessedUntilTimestampRequest,
    replies: { 204: Type.Null() },
  }),
  verifyDatasourceByDatasetId: get("/v1/datasets/{datasetId}/datasource/verify", {
    id: "verify_datasource_by_dataset_id",
    summary: "Try what the datasource allows",
    access: "viewer",
    replies: { 200: DatasourceConfigVerifyData },
  }),
  getResourceReadUrlRedirect: get("/v1/datasets/{datasetId}/datasource/readurlRedirect", {
    id: "get_resource_read_url_redirect",
    summary: "Redirect to a file of the datasource",
    access: "viewer",
    since: "1.2.25",
    query: Type.Object({ path: Type.String() }),
    replies: { 302: Type.Null() },
  }),
  getEmbeddingsFileReadUrlFromDatasourceByDatasetId: get("/v1/datasets/{datasetId}/datasource/embeddings/file", {
    id: "get_embeddings_file_read_url_from_datasource_by_dataset_id",
    summary: "A read address of an embedding file in the datasource",
    access: "viewer",
    since: "1.2.25",
    query: Type.Object({ fileName: Type.String() }),
    replies: { 200: Type.String() },
  }),
  checkDatasourceByDatasetId: get("/v1/datasets/{datasetId}/datasource/check", {
    id: "check_datasource_by_dataset_id",
    summary: "Try what the datasource allows, with reasons",
    access: "viewer",
    since: "winnow",
    query: Type.Object({ purpose: Type.Optional(DatasourcePurpose) }),
    replies: { 200: DatasourceCheck },
  }),
  getDatasourceRoots: get("/v1/datasources/roots", {
    id: "get_datasource_roots",
    summary: "Folders and file servers that the operator allows as datasources",
    access: "user",
    since: "winnow",
    replies: { 200: DatasourceRoots },
  }),
  createDatasourceReadUrls: post("/v1/datasets/{datasetId}/datasource/readUrls", {
    id: "create_datasource_read_urls",
    summary: "Read addresses of many files; without a purpose those below .lightly/ are in the LIGHTLY datasource, all others in the INPUT one",
    access: "viewer",
    since: "winnow",
    body: DatasourceReadUrlsRequest,
    replies: { 200: DatasourceReadUrls },
  }),
  createDatasourceWriteUrls: post("/v1/datasets/{datasetId}/datasource/writeUrls", {
    id: "create_datasource_write_urls",
    summary: "Write addresses of many files in the LIGHTLY datasource; send each file by PUT with the headers beside its address",
    access: "editor",
    since: "winnow",
    body: DatasourceWriteUrlsRequest,
    replies: { 200: DatasourceWriteUrls },
  }),
});
