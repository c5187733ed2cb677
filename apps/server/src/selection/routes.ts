import type { domains } from "@winnow/contract";
import type { Handlers } from "../app/call.ts";
import * as service from "./service.ts";

export const selection: Handlers<typeof domains.selection> = {
  triggerSamplingById: ({ context, user, dataset, path, body }) => service.triggerSelection(context, user, dataset, path.embeddingId, body),
  triggerStrategySelectionById: ({ context, user, dataset, path, body }) => service.triggerStrategySelection(context, user, dataset, path.embeddingId, body),
  getSelectionReportByTagId: ({ context, dataset, path }) => service.selectionReport(context, dataset, path.tagId),
};
