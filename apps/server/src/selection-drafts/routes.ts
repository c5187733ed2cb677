import type { domains } from "@winnow/contract";
import type { Handlers } from "../app/call.ts";
import { triggerSelection, triggerStrategySelection } from "../selection/service.ts";
import * as service from "./service.ts";

export const selectionDrafts: Handlers<typeof domains.selectionDrafts> = {
  createSelectionDraft: ({ context, user, dataset, path, body }) => triggerSelection(context, user, dataset, path.embeddingId, body),
  createStrategySelectionDraft: ({ context, user, dataset, path, body }) => triggerStrategySelection(context, user, dataset, path.embeddingId, body),
  getSelectionDraftById: ({ context, user, dataset, path }) => service.draftOf(context, user, dataset, path.draftId),
  getSelectionDraftPicksById: ({ context, user, dataset, path }) => service.draftPicks(context, user, dataset, path.draftId),
  createTagFromSelectionDraft: ({ context, user, dataset, path, body }) => service.tagOfDraft(context, user, dataset, path.draftId, body),
  deleteSelectionDraftById: ({ context, user, dataset, path }) => service.throwAway(context, user, dataset, path.draftId),
};
