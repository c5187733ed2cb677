import type { domains } from "@winnow/contract";
import type { Handlers } from "../app/call.ts";
import * as service from "./service.ts";

export const collaboration: Handlers<typeof domains.collaboration> = {
  createOrUpdateSharedAccessConfigByDatasetId: ({ context, dataset, body }) => service.share(context, dataset, body),
  deleteSharedAccessConfigById: ({ context, dataset, path }) => service.stopSharing(context, dataset, path.accessConfigId),
  getSharedAccessConfigsByDatasetId: ({ context, dataset }) => service.listShares(context, dataset),
};
