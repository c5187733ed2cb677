/** Limits of the installation. */
import { Type } from "typebox";
import { domain, get } from "./model.ts";


export const quota = domain({
  getQuotaMaximumDatasetSize: get("/v1/quota", {
    id: "get_quota_maximum_dataset_size",
    summary: "The most samples a dataset may have",
    access: "user",
    boundTokens: true,
    replies: { 200: Type.String() },
  }),
});
