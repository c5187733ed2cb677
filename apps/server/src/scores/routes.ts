import type { domains } from "@winnow/contract";
import type { Handlers } from "../app/call.ts";
import * as service from "./service.ts";

export const scores: Handlers<typeof domains.scores> = {
  createOrUpdateActiveLearningScoreByTagId: ({ context, dataset, path, body }) => service.storeScores(context, dataset, path.tagId, body),
  getActiveLearningScoreByScoreId: ({ context, dataset, path }) => service.getScore(context, dataset, path.tagId, path.scoreId),
  getActiveLearningScoresByTagId: ({ context, dataset, path }) => service.listScores(context, dataset, path.tagId),
};
