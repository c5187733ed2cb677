import type { ActiveLearningScoreCreateRequest, ActiveLearningScoreData, TagActiveLearningScoresData } from "@winnow/contract";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import type { DatasetAccess } from "../datasets/access.ts";
import { updateDataset } from "../datasets/store.ts";
import { isId } from "../db/ids.ts";
import { inDataset } from "../db/turns.ts";
import { requireTag } from "../tags/service.ts";
import { maskOf } from "../tags/store.ts";
import * as store from "./store.ts";

/** @throws DomainError BAD_REQUEST when there isn't one score for each sample of the tag */
export async function storeScores({ db }: Context, { row }: DatasetAccess, tagId: string, { scoreType, scores }: ActiveLearningScoreCreateRequest): Promise<{ id: string }> {
  return inDataset(db, row.id, async (transaction) => {
    const tag = await requireTag(transaction, row, tagId);
    const size = maskOf(tag).count;
    if (scores.length !== size) throw new DomainError("BAD_REQUEST", `"scores" must have one number for each of the ${size} samples of the tag "${tag.name}", got ${scores.length}.`);
    const id = await store.upsertScore(transaction, { dataset_id: row.id, tag_id: tagId, score_type: scoreType, scores: store.scoreBytes(scores) });
    await updateDataset(transaction, row.id);
    return { id };
  });
}

export async function getScore({ db }: Context, { row }: DatasetAccess, tagId: string, scoreId: string): Promise<ActiveLearningScoreData> {
  await requireTag(db, row, tagId);
  const score = isId(scoreId) ? await store.findScore(db, tagId, scoreId) : undefined;
  if (!score) throw new DomainError("SCORE_UNKNOWN", `There are no scores ${scoreId.slice(0, 64)} for this tag.`);
  return { id: score.id, tagId: score.tag_id, scoreType: score.score_type, scores: [...store.scoreNumbers(score.scores)], createdAt: Number(score.created_at) };
}

export async function listScores({ db }: Context, { row }: DatasetAccess, tagId: string): Promise<TagActiveLearningScoresData[]> {
  await requireTag(db, row, tagId);
  return (await store.listScores(db, tagId)).map((score) => ({ id: score.id, tagId: score.tag_id, scoreType: score.score_type, createdAt: Number(score.created_at) }));
}
