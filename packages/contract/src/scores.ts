/** Active-learning scores of the samples of a tag. */
import { Type, type Static } from "typebox";
import { domain, get, post } from "./model.ts";
import { CreateEntityResponse, Id, Timestamp } from "./values.ts";

export const ActiveLearningScoreType = Type.String({ minLength: 1, pattern: "^[a-zA-Z0-9_+=,.@:/-]*$" });
export type ActiveLearningScoreType = Static<typeof ActiveLearningScoreType>;

export const ActiveLearningScores = Type.Array(Type.Number(), { minItems: 1 });
export type ActiveLearningScores = Static<typeof ActiveLearningScores>;

export const ActiveLearningScoreCreateRequest = Type.Object({
  scoreType: ActiveLearningScoreType,
  scores: ActiveLearningScores,
});
export type ActiveLearningScoreCreateRequest = Static<typeof ActiveLearningScoreCreateRequest>;

export const ActiveLearningScoreData = Type.Object({
  id: Id,
  tagId: Id,
  scoreType: ActiveLearningScoreType,
  scores: ActiveLearningScores,
  createdAt: Timestamp,
});
export type ActiveLearningScoreData = Static<typeof ActiveLearningScoreData>;

export const TagActiveLearningScoresData = Type.Object({
  id: Id,
  tagId: Id,
  scoreType: ActiveLearningScoreType,
  createdAt: Timestamp,
});
export type TagActiveLearningScoresData = Static<typeof TagActiveLearningScoresData>;

export const scores = domain({
  createOrUpdateActiveLearningScoreByTagId: post("/v1/datasets/{datasetId}/tags/{tagId}/scores", {
    id: "create_or_update_active_learning_score_by_tag_id",
    summary: "Store scores of a tag's samples",
    access: "editor",
    body: ActiveLearningScoreCreateRequest,
    replies: { 201: CreateEntityResponse },
  }),
  getActiveLearningScoreByScoreId: get("/v1/datasets/{datasetId}/tags/{tagId}/scores/{scoreId}", {
    id: "get_active_learning_score_by_score_id",
    summary: "One set of scores",
    access: "viewer",
    replies: { 200: ActiveLearningScoreData },
  }),
  getActiveLearningScoresByTagId: get("/v1/datasets/{datasetId}/tags/{tagId}/scores", {
    id: "get_active_learning_scores_by_tag_id",
    summary: "Which scores a tag has",
    access: "viewer",
    replies: { 200: Type.Array(TagActiveLearningScoresData) },
  }),
});
