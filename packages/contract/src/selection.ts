/** Selections (the wire says samplings): the few samples most worth keeping. */
import { Type, type Static } from "typebox";
import { Enumeration, Nullable, domain, get, post } from "./model.ts";
import { ActiveLearningScoreType } from "./scores.ts";
import { TagName } from "./tags.ts";
import { Id, Timestamp } from "./values.ts";

export const AsyncTaskData = Type.Object({
  jobId: Type.String(),
});
export type AsyncTaskData = Static<typeof AsyncTaskData>;

export const SamplingConfigStoppingCondition = Type.Object({
  nSamples: Type.Optional(Nullable(Type.Number())),
  minDistance: Type.Optional(Nullable(Type.Number())),
});
export type SamplingConfigStoppingCondition = Static<typeof SamplingConfigStoppingCondition>;

export const SamplingConfig = Type.Object({
  stoppingCondition: Type.Optional(Nullable(SamplingConfigStoppingCondition)),
});
export type SamplingConfig = Static<typeof SamplingConfig>;

export const SamplingMethod = Enumeration(["ACTIVE_LEARNING", "CORAL", "CORESET", "RANDOM"]);
export type SamplingMethod = Static<typeof SamplingMethod>;

export const SamplingCreateRequest = Type.Object({
  newTagName: TagName,
  method: SamplingMethod,
  config: SamplingConfig,
  preselectedTagId: Type.Optional(Nullable(Id)),
  queryTagId: Type.Optional(Nullable(Id)),
  scoreType: Type.Optional(Nullable(ActiveLearningScoreType)),
  rowCount: Type.Optional(Nullable(Type.Number())),
  /** Ours: makes RANDOM and ties repeatable; 0 unless sent. */
  seed: Type.Optional(Nullable(Type.Integer({ minimum: 0, maximum: 4_294_967_295 }))),
});
export type SamplingCreateRequest = Static<typeof SamplingCreateRequest>;

/** How the distance between two vectors is measured: `cosine` is 1 minus the cosine of their angle. */
export const SelectionMetric = Enumeration(["euclidean", "cosine"]);
export type SelectionMetric = Static<typeof SelectionMetric>;

/** A selection by several strategies at once (an addition of ours). */
export const StrategySelectionCreateRequest = Type.Object({
  newTagName: TagName,
  /**
   * `{nSamples | proportionSamples, strategies: [{input, strategy}]}`, keys in camelCase or snake_case. Names in it are
   * looked up when the selection is asked for: `tagName` and `datasetId` of a query set (without `datasetId`: this
   * dataset), `key` of metadata (the name or path of a configured entry, or a path in custom or other metadata), `score`
   * (of `task`: the type TASK/SCORE or, when there is none, SCORE), `task` of predictions.
   */
  selection: Type.Record(Type.String(), Type.Unknown()),
  /** For all embeddings; `euclidean` unless sent. */
  metric: Type.Optional(Nullable(SelectionMetric)),
  preselectedTagId: Type.Optional(Nullable(Id)),
  queryTagId: Type.Optional(Nullable(Id)),
  /** For inputs RANDOM without a seed of their own; 0 unless sent. */
  seed: Type.Optional(Nullable(Type.Integer({ minimum: 0, maximum: 4_294_967_295 }))),
  /** Which version of predictions to use; the newest that has the task unless sent. */
  predictionUUIDTimestamp: Type.Optional(Nullable(Timestamp)),
});
export type StrategySelectionCreateRequest = Static<typeof StrategySelectionCreateRequest>;

/** Why a sample was picked, in the order of picking (an addition of ours). */
export const SelectionPick = Type.Object({
  sampleId: Id,
  fileName: Type.String(),
  ordinal: Type.Integer({ minimum: 0 }),
  /** Distance to the nearest sample chosen before it; missing for the first pick and without embeddings. */
  distance: Type.Optional(Type.Number({ minimum: 0 })),
  /** Active-learning score, where the method uses one. */
  score: Type.Optional(Type.Number()),
  /** Largest distance from any candidate to its nearest chosen sample, after this pick. */
  radius: Type.Optional(Type.Number({ minimum: 0 })),
  /** What each strategy contributed (strength · gain), in the order of the strategies; 0 for a THRESHOLD. Only by strategies. */
  shares: Type.Optional(Type.Array(Type.Number())),
  /** The sum of the shares, which was the largest of all candidates. Only by strategies. */
  gain: Type.Optional(Type.Number()),
});
export type SelectionPick = Static<typeof SelectionPick>;

/** How a tag was selected: enough to do it again and get the same (an addition of ours). */
export const SelectionReport = Type.Object({
  tagId: Id,
  embeddingId: Id,
  /** `STRATEGIES`: by the strategies of `selection`. */
  method: Enumeration(["ACTIVE_LEARNING", "CORAL", "CORESET", "RANDOM", "STRATEGIES"]),
  nSamples: Type.Optional(Type.Integer()),
  minDistance: Type.Optional(Type.Number()),
  scoreType: Type.Optional(Type.String()),
  seed: Type.Integer({ minimum: 0 }),
  preselectedTagId: Type.Optional(Id),
  queryTagId: Type.Optional(Id),
  /** The strategies as they were understood, with defaults filled in. */
  selection: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  /** What the input of each strategy was, in their order: where its values came from. */
  sources: Type.Optional(Type.Array(Type.String())),
  metric: Type.Optional(SelectionMetric),
  /** How many samples a THRESHOLD left out. */
  filtered: Type.Optional(Type.Integer({ minimum: 0 })),
  /**
   * `count`: as many as wanted; `distance`: the next would be nearer than a minimum distance; `typicality`: less typical
   * than the minimum; `exhausted`: nothing left.
   */
  stopped: Enumeration(["count", "distance", "typicality", "exhausted"]),
  preselected: Type.Integer({ minimum: 0 }),
  /** Hash of everything that went in. */
  /** Set of a selection that was made in two rounds, over so many shards: `radius` of a pick is then an upper bound. */
  shards: Type.Optional(Type.Integer({ minimum: 2 })),
  inputHash: Type.String(),
  picks: Type.Array(SelectionPick),
});
export type SelectionReport = Static<typeof SelectionReport>;

export const selection = domain({
  triggerSamplingById: post("/v1/datasets/{datasetId}/embeddings/{embeddingId}/sampling", {
    id: "trigger_sampling_by_id",
    summary: "Select samples into a new tag",
    access: "editor",
    body: SamplingCreateRequest,
    replies: { 200: AsyncTaskData },
  }),
  triggerStrategySelectionById: post("/v1/datasets/{datasetId}/embeddings/{embeddingId}/strategySelection", {
    id: "trigger_strategy_selection_by_id",
    summary: "Select samples into a new tag, by several strategies at once",
    access: "editor",
    since: "winnow",
    body: StrategySelectionCreateRequest,
    replies: { 200: AsyncTaskData },
  }),
  getSelectionReportByTagId: get("/v1/datasets/{datasetId}/tags/{tagId}/selection", {
    id: "get_selection_report_by_tag_id",
    summary: "How a tag was selected: picks in order, with the reason for each",
    access: "viewer",
    since: "winnow",
    replies: { 200: SelectionReport },
  }),
});
