/** Samples: the images (frames, crops) of a dataset. */
import { Type, type Static } from "typebox";
import { Enumeration, Nullable, domain, get, post, put } from "./model.ts";
import { CategoryId, CreateEntityResponse, Id, PageOffset, PageSize, Score, TaskName, Timestamp } from "./values.ts";

/** Path of a sample relative to the folder or bucket it comes from, `/`-separated; no control characters. */
export const FileName = Type.String({ minLength: 1, maxLength: 255, pattern: "^[^\\u0000-\\u001f]+$" });
export type FileName = Static<typeof FileName>;

export const CropData = Type.Object({
  parentId: Id,
  predictionUUIDTimestamp: Timestamp,
  predictionIndex: Type.Integer({ minimum: 0 }),
  predictionTaskName: TaskName,
  predictionTaskCategoryId: CategoryId,
  predictionTaskScore: Score,
});
export type CropData = Static<typeof CropData>;

export const CustomSampleMetaData = Type.Record(Type.String(), Type.Unknown());
export type CustomSampleMetaData = Static<typeof CustomSampleMetaData>;

export const SampleMetaData = Type.Object({
  custom: Type.Optional(Nullable(Type.Record(Type.String(), Type.Unknown()))),
  dynamic: Type.Optional(Nullable(Type.Record(Type.String(), Type.Unknown()))),
  sharpness: Type.Optional(Nullable(Type.Number())),
  sizeInBytes: Type.Optional(Nullable(Type.Integer({ minimum: 0 }))),
  snr: Type.Optional(Nullable(Type.Number())),
  mean: Type.Optional(Nullable(Type.Array(Type.Number()))),
  shape: Type.Optional(Nullable(Type.Array(Type.Integer()))),
  std: Type.Optional(Nullable(Type.Array(Type.Number()))),
  sumOfSquares: Type.Optional(Nullable(Type.Array(Type.Number()))),
  sumOfValues: Type.Optional(Nullable(Type.Array(Type.Number()))),
}, { additionalProperties: true });
export type SampleMetaData = Static<typeof SampleMetaData>;

export const VideoFrameData = Type.Object({
  sourceVideo: Type.Optional(Nullable(Type.String())),
  sourceVideoFrameIndex: Type.Optional(Nullable(Type.Number())),
  sourceVideoFrameTimestamp: Type.Optional(Nullable(Type.Number())),
});
export type VideoFrameData = Static<typeof VideoFrameData>;

export const SampleCreateRequest = Type.Object({
  fileName: FileName,
  thumbName: Type.Optional(Nullable(FileName)),
  exif: Type.Optional(Nullable(Type.Record(Type.String(), Type.Unknown()))),
  metaData: Type.Optional(Nullable(SampleMetaData)),
  customMetaData: Type.Optional(Nullable(CustomSampleMetaData)),
  videoFrameData: Type.Optional(Nullable(VideoFrameData)),
  cropData: Type.Optional(Nullable(CropData)),
});
export type SampleCreateRequest = Static<typeof SampleCreateRequest>;

export const SampleType = Enumeration(["CROP", "IMAGE", "VIDEO_FRAME"]);
export type SampleType = Static<typeof SampleType>;

export const SampleData = Type.Object({
  id: Id,
  type: SampleType,
  datasetId: Type.Optional(Id),
  fileName: Type.String(),
  thumbName: Type.Optional(Type.String()),
  exif: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  index: Type.Optional(Type.Integer()),
  createdAt: Type.Optional(Timestamp),
  lastModifiedAt: Type.Optional(Timestamp),
  metaData: Type.Optional(SampleMetaData),
  customMetaData: Type.Optional(CustomSampleMetaData),
  videoFrameData: Type.Optional(VideoFrameData),
  cropData: Type.Optional(CropData),
});
export type SampleData = Static<typeof SampleData>;

export const SampleDataModes = Type.Object({
  id: Id,
  type: Type.Optional(SampleType),
  datasetId: Type.Optional(Id),
  fileName: Type.Optional(Type.String()),
  thumbName: Type.Optional(Type.String()),
  exif: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  index: Type.Optional(Type.Integer()),
  createdAt: Type.Optional(Type.Integer({ minimum: 0 })),
  lastModifiedAt: Type.Optional(Type.Integer({ minimum: 0 })),
  metaData: Type.Optional(SampleMetaData),
  customMetaData: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  videoFrameData: Type.Optional(VideoFrameData),
  cropData: Type.Optional(CropData),
});
export type SampleDataModes = Static<typeof SampleDataModes>;

export const SamplePartialMode = Enumeration(["ids", "fileNames", "full"]);
export type SamplePartialMode = Static<typeof SamplePartialMode>;

export const SampleUpdateRequest = Type.Object({
  fileName: Type.Optional(Nullable(FileName)),
  thumbName: Type.Optional(Nullable(FileName)),
  exif: Type.Optional(Nullable(Type.Record(Type.String(), Type.Unknown()))),
  metaData: Type.Optional(Nullable(SampleMetaData)),
  customMetaData: Type.Optional(Nullable(CustomSampleMetaData)),
});
export type SampleUpdateRequest = Static<typeof SampleUpdateRequest>;

export const SampleWriteUrls = Type.Object({
  full: Type.String(),
  thumb: Type.String(),
});
export type SampleWriteUrls = Static<typeof SampleWriteUrls>;

/** Many samples in one request (an addition of ours). */
export const SamplesCreateRequest = Type.Object({
  samples: Type.Array(SampleCreateRequest, { minItems: 1, maxItems: 10_000 }),
  /** Leave out names that the dataset already has, instead of refusing the whole request. */
  skipExisting: Type.Optional(Type.Boolean()),
});
export type SamplesCreateRequest = Static<typeof SamplesCreateRequest>;

export const SamplesCreateResponse = Type.Object({
  /** Ids in the order of the request; of an existing sample where its name was skipped. */
  ids: Type.Array(Id),
  /** How many of them are new. */
  created: Type.Integer({ minimum: 0 }),
});
export type SamplesCreateResponse = Static<typeof SamplesCreateResponse>;

export const samples = domain({
  createSampleByDatasetId: post("/v1/datasets/{datasetId}/samples", {
    id: "create_sample_by_dataset_id",
    summary: "Register one sample",
    access: "editor",
    body: SampleCreateRequest,
    replies: { 201: CreateEntityResponse },
  }),
  getSampleById: get("/v1/datasets/{datasetId}/samples/{sampleId}", {
    id: "get_sample_by_id",
    summary: "One sample",
    access: "viewer",
    replies: { 200: SampleData },
  }),
  getSampleImageReadUrlById: get("/v1/datasets/{datasetId}/samples/{sampleId}/readurl", {
    id: "get_sample_image_read_url_by_id",
    summary: "A signed address from which the image (or its thumbnail) can be read",
    access: "viewer",
    query: Type.Object({ type: Type.Optional(Type.String()) }),
    replies: { 200: Type.String() },
  }),
  getSampleImageResourceRedirectById: get("/v1/datasets/{datasetId}/samples/{sampleId}/readurlRedirect", {
    id: "get_sample_image_resource_redirect_by_id",
    summary: "Redirect to the image; for addresses in exports",
    access: "publicToken",
    query: Type.Object({ type: Type.String() }),
    replies: { 302: Type.Null() },
  }),
  getSampleImageWriteUrlById: get("/v1/datasets/{datasetId}/samples/{sampleId}/writeurl", {
    id: "get_sample_image_write_url_by_id",
    summary: "A signed address to which the image or its thumbnail can be written",
    access: "editor",
    query: Type.Object({ isThumbnail: Type.Boolean() }),
    replies: { 200: Type.String() },
  }),
  getSampleImageWriteUrlsById: get("/v1/datasets/{datasetId}/samples/{sampleId}/writeurls", {
    id: "get_sample_image_write_urls_by_id",
    summary: "Both write addresses at once",
    access: "editor",
    replies: { 200: SampleWriteUrls },
  }),
  getSamplesByDatasetId: get("/v1/datasets/{datasetId}/samples", {
    id: "get_samples_by_dataset_id",
    summary: "Samples of a dataset, all or by file name",
    access: "viewer",
    query: Type.Object({ mode: Type.Optional(Type.String()), fileName: Type.Optional(Type.String()), pageSize: Type.Optional(PageSize), pageOffset: Type.Optional(PageOffset) }),
    replies: { 200: Type.Array(SampleData) },
  }),
  updateSampleById: put("/v1/datasets/{datasetId}/samples/{sampleId}", {
    id: "update_sample_by_id",
    summary: "Change a sample; what is left out stays",
    access: "editor",
    query: Type.Object({ enableDatasetUpdate: Type.Optional(Type.Boolean()) }),
    body: SampleUpdateRequest,
    replies: { 204: Type.Null() },
  }),
  getSamplesPartialByDatasetId: get("/v1/datasets/{datasetId}/samples/partial", {
    id: "get_samples_partial_by_dataset_id",
    summary: "Samples with only the properties asked for",
    access: "viewer",
    since: "1.2.25",
    query: Type.Object({ mode: Type.Optional(SamplePartialMode), fileName: Type.Optional(Type.String()), pageSize: Type.Optional(PageSize), pageOffset: Type.Optional(PageOffset) }),
    replies: { 200: Type.Array(SampleDataModes) },
  }),
  createSamplesByDatasetId: post("/v1/datasets/{datasetId}/samples/bulk", {
    id: "create_samples_by_dataset_id",
    summary: "Register many samples in one request; all or none",
    access: "editor",
    since: "winnow",
    body: SamplesCreateRequest,
    bodyLimit: 256 * 1024 * 1024,
    replies: { 201: SamplesCreateResponse },
  }),
});
