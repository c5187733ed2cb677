/** Predictions of models, by task. */
import { Type, type Static } from "typebox";
import { Enumeration, Nullable, domain, get, post } from "./model.ts";
import { CategoryId, CreateEntityResponse, Id, PageOffset, PageSize, Score, TaskName, Timestamp } from "./values.ts";

export const CategoryName = Type.String({ minLength: 1 });
export type CategoryName = Static<typeof CategoryName>;

const PredictionSingletonBase = {
  taskName: TaskName,
  cropDatasetId: Type.Optional(Nullable(Id)),
  cropSampleId: Type.Optional(Nullable(Id)),
  categoryId: CategoryId,
  score: Score,
};

export const Probabilities = Type.Array(Type.Number({ minimum: 0, maximum: 1 }));
export type Probabilities = Static<typeof Probabilities>;

export const PredictionSingletonClassification = Type.Object({
  ...PredictionSingletonBase,
  type: Type.Literal("CLASSIFICATION"),
  probabilities: Type.Optional(Nullable(Probabilities)),
});
export type PredictionSingletonClassification = Static<typeof PredictionSingletonClassification>;

export const PredictionSingletonInstanceSegmentation = Type.Object({
  ...PredictionSingletonBase,
  type: Type.Literal("INSTANCE_SEGMENTATION"),
  segmentation: Type.String(),
});
export type PredictionSingletonInstanceSegmentation = Static<typeof PredictionSingletonInstanceSegmentation>;

export const PredictionSingletonKeypointDetection = Type.Object({
  ...PredictionSingletonBase,
  type: Type.Literal("KEYPOINT_DETECTION"),
  keypoints: Type.Array(Type.Integer(), { minItems: 3 }),
  probabilities: Type.Optional(Nullable(Probabilities)),
});
export type PredictionSingletonKeypointDetection = Static<typeof PredictionSingletonKeypointDetection>;

export const PredictionSingletonObjectDetection = Type.Object({
  ...PredictionSingletonBase,
  type: Type.Literal("OBJECT_DETECTION"),
  bbox: Type.Array(Type.Integer(), { minItems: 4, maxItems: 4 }),
  probabilities: Type.Optional(Nullable(Probabilities)),
});
export type PredictionSingletonObjectDetection = Static<typeof PredictionSingletonObjectDetection>;

export const PredictionSingleton = Type.Union([PredictionSingletonClassification, PredictionSingletonObjectDetection, PredictionSingletonInstanceSegmentation, PredictionSingletonKeypointDetection]);
export type PredictionSingleton = Static<typeof PredictionSingleton>;

/**
 * The same for requests: the member is chosen by its type, so that a mistake is told of the kind of singleton that was
 * meant, and not of another one of the union.
 */
const SentSingleton = Type.Unsafe<PredictionSingleton>({
  type: "object",
  required: ["type"],
  properties: { type: { enum: PredictionSingleton.anyOf.map((member) => member.properties.type.const) } },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  allOf: PredictionSingleton.anyOf.map((member) => ({ if: { properties: { type: { const: member.properties.type.const } } }, then: member })),
});

export const PredictionSingletons = Type.Array(PredictionSingleton);
export type PredictionSingletons = Static<typeof PredictionSingletons>;

export const PredictionTaskSchemaCategory = Type.Object({
  id: Type.Optional(Nullable(CategoryId)),
  name: Type.Optional(Nullable(CategoryName)),
});
export type PredictionTaskSchemaCategory = Static<typeof PredictionTaskSchemaCategory>;

export const TaskType = Enumeration(["CLASSIFICATION", "OBJECT_DETECTION", "INSTANCE_SEGMENTATION", "KEYPOINT_DETECTION"]);
export type TaskType = Static<typeof TaskType>;

export const PredictionTaskSchema = Type.Object({
  name: TaskName,
  type: TaskType,
  categories: Type.Array(PredictionTaskSchemaCategory),
});
export type PredictionTaskSchema = Static<typeof PredictionTaskSchema>;

/** The predictions of a sample, which is named by its id or by its file name. */
export const SamplePredictions = Type.Object({
  sampleId: Type.Optional(Nullable(Id)),
  fileName: Type.Optional(Nullable(Type.String({ minLength: 1 }))),
  singletons: Type.Array(SentSingleton),
});
export type SamplePredictions = Static<typeof SamplePredictions>;

/** With `taskName` all singletons are of that task, and a sample without any is known to have none. */
export const PredictionsCreateRequest = Type.Object({
  taskName: Type.Optional(Nullable(TaskName)),
  predictions: Type.Array(SamplePredictions, { maxItems: 10_000 }),
});
export type PredictionsCreateRequest = Static<typeof PredictionsCreateRequest>;

/** How much was stored. */
export const PredictionsCreateResponse = Type.Object({
  samples: Type.Integer({ minimum: 0 }),
  singletons: Type.Integer({ minimum: 0 }),
});
export type PredictionsCreateResponse = Static<typeof PredictionsCreateResponse>;

/** Everything that was predicted under one timestamp, counted. */
export const PredictionVersion = Type.Object({
  predictionUUIDTimestamp: Timestamp,
  tasks: Type.Array(
    Type.Object({
      name: TaskName,
      type: TaskType,
      /** Samples that have predictions of the task, or are known to have none. */
      samples: Type.Integer({ minimum: 0 }),
      singletons: Type.Integer({ minimum: 0 }),
    }),
  ),
});
export type PredictionVersion = Static<typeof PredictionVersion>;

export const predictions = domain({
  createOrUpdatePredictionBySampleId: post("/v1/datasets/{datasetId}/predictions/samples/{sampleId}", {
    id: "create_or_update_prediction_by_sample_id",
    summary: "Store the predictions of a sample",
    access: "editor",
    query: Type.Object({ predictionUUIDTimestamp: Timestamp }),
    body: Type.Array(SentSingleton),
    replies: { 201: CreateEntityResponse },
  }),
  createOrUpdatePredictionTaskSchemaByDatasetId: post("/v1/datasets/{datasetId}/predictions/tasks", {
    id: "create_or_update_prediction_task_schema_by_dataset_id",
    summary: "Store the schema of a prediction task",
    access: "editor",
    query: Type.Object({ predictionUUIDTimestamp: Timestamp }),
    body: PredictionTaskSchema,
    replies: { 201: CreateEntityResponse },
  }),
  getPredictionBySampleId: get("/v1/datasets/{datasetId}/predictions/samples/{sampleId}", {
    id: "get_prediction_by_sample_id",
    summary: "Predictions of a sample",
    access: "viewer",
    query: Type.Object({ predictionUUIDTimestamp: Timestamp }),
    replies: { 200: PredictionSingletons },
  }),
  getPredictionTaskSchemaByTaskName: get("/v1/datasets/{datasetId}/predictions/tasks/{taskName}", {
    id: "get_prediction_task_schema_by_task_name",
    summary: "Schema of one prediction task",
    access: "viewer",
    query: Type.Object({ predictionUUIDTimestamp: Timestamp }),
    replies: { 200: PredictionTaskSchema },
  }),
  getPredictionTaskSchemasByDatasetId: get("/v1/datasets/{datasetId}/predictions/tasks", {
    id: "get_prediction_task_schemas_by_dataset_id",
    summary: "Schemas of all prediction tasks",
    access: "viewer",
    query: Type.Object({ predictionUUIDTimestamp: Type.Optional(Timestamp) }),
    replies: { 200: Type.Array(PredictionTaskSchema) },
  }),
  getPredictionsByDatasetId: get("/v1/datasets/{datasetId}/predictions/samples", {
    id: "get_predictions_by_dataset_id",
    summary: "Predictions of all samples",
    access: "viewer",
    query: Type.Object({ predictionUUIDTimestamp: Timestamp, taskName: Type.Optional(TaskName), pageSize: Type.Optional(PageSize), pageOffset: Type.Optional(PageOffset) }),
    replies: { 200: Type.Array(PredictionSingletons) },
  }),
  createPredictionsByDatasetId: post("/v1/datasets/{datasetId}/predictions/bulk", {
    id: "create_predictions_by_dataset_id",
    summary: "Store the predictions of up to 10,000 samples; all or none",
    access: "editor",
    since: "winnow",
    query: Type.Object({ predictionUUIDTimestamp: Timestamp }),
    body: PredictionsCreateRequest,
    bodyLimit: 256 * 1024 * 1024,
    replies: { 201: PredictionsCreateResponse },
  }),
  getPredictionVersionsByDatasetId: get("/v1/datasets/{datasetId}/predictions/versions", {
    id: "get_prediction_versions_by_dataset_id",
    summary: "Timestamps under which there are predictions, the newest first",
    access: "viewer",
    since: "winnow",
    replies: { 200: Type.Array(PredictionVersion) },
  }),
});
