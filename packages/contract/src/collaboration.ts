/** Sharing a dataset with other users. */
import { Type, type Static } from "typebox";
import { Nullable, domain, get, post, remove } from "./model.ts";
import { CreateEntityResponse, Creator, Id, SharedAccessType, Timestamp } from "./values.ts";

export const SharedAccessConfigCreateRequest = Type.Object({
  accessType: SharedAccessType,
  users: Type.Optional(Nullable(Type.Array(Type.String()))),
  organizations: Type.Optional(Nullable(Type.Array(Type.String()))),
  teams: Type.Optional(Nullable(Type.Array(Type.String()))),
  creator: Type.Optional(Nullable(Creator)),
});
export type SharedAccessConfigCreateRequest = Static<typeof SharedAccessConfigCreateRequest>;

export const SharedAccessConfigData = Type.Object({
  id: Id,
  owner: Type.String(),
  accessType: SharedAccessType,
  users: Type.Array(Type.String()),
  organizations: Type.Array(Type.String()),
  createdAt: Timestamp,
  lastModifiedAt: Timestamp,
});
export type SharedAccessConfigData = Static<typeof SharedAccessConfigData>;

export const collaboration = domain({
  createOrUpdateSharedAccessConfigByDatasetId: post("/v1/datasets/{datasetId}/collaboration/access", {
    id: "create_or_update_shared_access_config_by_dataset_id",
    summary: "Share a dataset with users by mail address; the list given replaces the earlier one",
    access: "owner",
    body: SharedAccessConfigCreateRequest,
    replies: { 201: CreateEntityResponse },
  }),
  deleteSharedAccessConfigById: remove("/v1/datasets/{datasetId}/collaboration/access/{accessConfigId}", {
    id: "delete_shared_access_config_by_id",
    summary: "Stop sharing",
    access: "owner",
    replies: { 204: Type.Null() },
  }),
  getSharedAccessConfigsByDatasetId: get("/v1/datasets/{datasetId}/collaboration/access", {
    id: "get_shared_access_configs_by_dataset_id",
    summary: "Who a dataset is shared with",
    access: "viewer",
    replies: { 200: Type.Array(SharedAccessConfigData) },
  }),
});
