/** The SDK. */
export { ActiveLearningAgent } from "./active-learning/agent.ts";
export { ApiWorkflowClient } from "./client.ts";
export type { ClientOptions, Progress } from "./connection.ts";
export type { CustomMetadata, MetadataRow } from "./custom-metadata.ts";
export type { DatasetOptions } from "./datasets.ts";
export type { DatasourceOptions, ListingOptions, RawFile, ThumbnailOption } from "./datasources.ts";
export {
  ApiError,
  ConnectionError,
  EmbeddingDoesNotExistError,
  InvalidCustomMetadataWarning,
  KeyError,
  RuntimeError,
  TagDoesNotExistError,
  ValueError,
  WinnowWarning,
} from "./errors.ts";
export type { DownloadOptions, DownloadSummary } from "./node/download-dataset.ts";
export type { UploadFile, UploadInput, UploadOptions, UploadSummary } from "./node/upload-dataset.ts";
export { SelectionConfig, type SelectionConfigOptions } from "./selection-config.ts";
/** The earlier name. */
export { SelectionConfig as SamplingConfig } from "./selection-config.ts";
export type { PredictionOptions, UploadedPredictions } from "./predictions.ts";
export type { SelectionOptions, StrategySelectionOptions } from "./selection.ts";
export type { StrategyOfSelection, StrategySelectionConfig } from "./strategy-selection.ts";
export type { CreatedTag } from "./tags.ts";
export type { CallOptions, Fetch, RequestOf, Upload } from "./transport.ts";
export { PROTOCOL_VERSION, VERSION } from "./version.ts";
export type { FollowRunOptions, RunEvent } from "./follow-run.ts";
export type { ScheduleRunOptions, WorkerConfigOptions } from "./workers.ts";
export type { RetryPolicy } from "./waiting.ts";
/** The contract: operations for {@link ApiWorkflowClient.call}, and the types of what they exchange. */
export { domains } from "@winnow/contract";
/** Scores for {@link ActiveLearningAgent.query}, from what a model predicts. */
export {
  BoundingBox,
  type ClassProbabilities,
  type KeypointInstance,
  KeypointInstancePrediction,
  KeypointPrediction,
  type ObjectDetectionConfig,
  ObjectDetectionOutput,
  type PixelProbabilities,
  type ProbabilityRows,
  type Scorer,
  ScorerClassification,
  ScorerKeypointDetection,
  ScorerObjectDetection,
  ScorerSemanticSegmentation,
  type Scores,
} from "@winnow/curation";
