/** Drafts of selections: picks that are looked at before a tag is made of the first of them (additions of ours). */
import { Type, type Static } from "typebox";
import { Nullable, domain, get, post, remove } from "./model.ts";
import { AsyncTaskData, SamplingConfig, SamplingMethod, SelectionMetric, SelectionReport } from "./selection.ts";
import { ActiveLearningScoreType } from "./scores.ts";
import { TagName } from "./tags.ts";
import { CreateEntityResponse, Id, Timestamp } from "./values.ts";

/** A selection without the name of a tag: as far as its stopping condition goes, so far the size can be chosen afterwards. */
export const SelectionDraftCreateRequest = Type.Object({
  method: SamplingMethod,
  config: SamplingConfig,
  preselectedTagId: Type.Optional(Nullable(Id)),
  queryTagId: Type.Optional(Nullable(Id)),
  scoreType: Type.Optional(Nullable(ActiveLearningScoreType)),
  seed: Type.Optional(Nullable(Type.Integer({ minimum: 0, maximum: 4_294_967_295 }))),
});
export type SelectionDraftCreateRequest = Static<typeof SelectionDraftCreateRequest>;

/** The same by strategies. */
export const StrategySelectionDraftCreateRequest = Type.Object({
  selection: Type.Record(Type.String(), Type.Unknown()),
  metric: Type.Optional(Nullable(SelectionMetric)),
  preselectedTagId: Type.Optional(Nullable(Id)),
  queryTagId: Type.Optional(Nullable(Id)),
  seed: Type.Optional(Nullable(Type.Integer({ minimum: 0, maximum: 4_294_967_295 }))),
  predictionUUIDTimestamp: Type.Optional(Nullable(Timestamp)),
});
export type StrategySelectionDraftCreateRequest = Static<typeof StrategySelectionDraftCreateRequest>;

export const SelectionDraft = Type.Object({
  id: Id,
  embeddingId: Id,
  method: SelectionReport.properties.method,
  nSamples: Type.Optional(Type.Integer()),
  minDistance: Type.Optional(Type.Number()),
  scoreType: Type.Optional(Type.String()),
  seed: Type.Integer({ minimum: 0 }),
  preselectedTagId: Type.Optional(Id),
  queryTagId: Type.Optional(Id),
  selection: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  sources: Type.Optional(Type.Array(Type.String())),
  metric: Type.Optional(SelectionMetric),
  filtered: Type.Optional(Type.Integer({ minimum: 0 })),
  stopped: SelectionReport.properties.stopped,
  /** Samples that were chosen before; they come on top of the picks. */
  preselected: Type.Integer({ minimum: 0 }),
  /** Picks there are: the largest size that a tag can be made of. */
  picks: Type.Integer({ minimum: 0 }),
  /** Columns of the picks' bytes, in their order: `distance`, `score`, `radius`, and `share.0`, `share.1` … for what each strategy contributed. */
  columns: Type.Array(Type.String()),
  createdAt: Timestamp,
});
export type SelectionDraft = Static<typeof SelectionDraft>;

export const SelectionDraftTagRequest = Type.Object({
  name: TagName,
  /** How many of the picks: the first of them are the selection of that size. */
  picks: Type.Integer({ minimum: 0 }),
});
export type SelectionDraftTagRequest = Static<typeof SelectionDraftTagRequest>;

export const selectionDrafts = domain({
  createSelectionDraft: post("/v1/datasets/{datasetId}/embeddings/{embeddingId}/sampling/drafts", {
    id: "create_selection_draft",
    summary: "Select without making a tag; the job's result is the draft's id. A user's ten latest drafts of a dataset are kept",
    access: "editor",
    since: "winnow",
    body: SelectionDraftCreateRequest,
    replies: { 200: AsyncTaskData },
  }),
  createStrategySelectionDraft: post("/v1/datasets/{datasetId}/embeddings/{embeddingId}/strategySelection/drafts", {
    id: "create_strategy_selection_draft",
    summary: "Select by strategies without making a tag",
    access: "editor",
    since: "winnow",
    body: StrategySelectionDraftCreateRequest,
    replies: { 200: AsyncTaskData },
  }),
  getSelectionDraftById: get("/v1/datasets/{datasetId}/sampling/drafts/{draftId}", {
    id: "get_selection_draft_by_id",
    summary: "What a draft was made with, and how many picks it has",
    access: "viewer",
    since: "winnow",
    replies: { 200: SelectionDraft },
  }),
  getSelectionDraftPicksById: get("/v1/datasets/{datasetId}/sampling/drafts/{draftId}/picks", {
    id: "get_selection_draft_picks_by_id",
    summary: "The picks of a draft in order, as bytes: their ordinals (uint32), then each column that the draft names (float32, NaN where there is no value); little-endian",
    access: "viewer",
    since: "winnow",
    replies: { 200: Type.Unknown() },
  }),
  createTagFromSelectionDraft: post("/v1/datasets/{datasetId}/sampling/drafts/{draftId}/tag", {
    id: "create_tag_from_selection_draft",
    summary: "Make a tag of the preselected samples and the first picks of a draft; the reasons of these picks stay with it",
    access: "editor",
    since: "winnow",
    body: SelectionDraftTagRequest,
    replies: { 201: CreateEntityResponse },
  }),
  deleteSelectionDraftById: remove("/v1/datasets/{datasetId}/sampling/drafts/{draftId}", {
    id: "delete_selection_draft_by_id",
    summary: "Throw a draft away",
    access: "editor",
    since: "winnow",
    replies: { 204: Type.Null() },
  }),
});
