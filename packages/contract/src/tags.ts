/** Tags: named subsets of a dataset as bit masks over ordinals. */
import { Type, type Static } from "typebox";
import { Enumeration, Nullable, domain, get, post, put, remove } from "./model.ts";
import { CreateEntityResponse, Id, ImageType, Timestamp } from "./values.ts";

export const TagCreator = Enumeration(["UNKNOWN", "USER_WEBAPP", "USER_PIP", "SAMPLER_ACTIVE_LEARNING", "SAMPLER_CORAL", "SAMPLER_CORESET", "SAMPLER_RANDOM", "USER_PIP_LIGHTLY_MAGIC", "USER_WORKER"]);
export type TagCreator = Static<typeof TagCreator>;

export const TagName = Type.String({ minLength: 3, maxLength: 255, pattern: "^[a-zA-Z0-9][a-zA-Z0-9 .:;=@_-]+$" });
export type TagName = Static<typeof TagName>;

export const InitialTagCreateRequest = Type.Object({
  name: Type.Optional(Nullable(TagName)),
  creator: Type.Optional(Nullable(TagCreator)),
  imgType: ImageType,
  runId: Type.Optional(Nullable(Id)),
});
export type InitialTagCreateRequest = Static<typeof InitialTagCreateRequest>;

export const TagArithmeticsOperation = Enumeration(["UNION", "INTERSECTION", "DIFFERENCE"]);
export type TagArithmeticsOperation = Static<typeof TagArithmeticsOperation>;

export const TagArithmeticsRequest = Type.Object({
  tagId1: Id,
  tagId2: Id,
  operation: TagArithmeticsOperation,
  newTagName: Type.Optional(Nullable(TagName)),
  creator: Type.Optional(Nullable(TagCreator)),
});
export type TagArithmeticsRequest = Static<typeof TagArithmeticsRequest>;

export const TagBitMaskData = Type.String({ pattern: "^0x[a-f0-9]+$" });
export type TagBitMaskData = Static<typeof TagBitMaskData>;

export const TagBitMaskResponse = Type.Object({
  bitMaskData: TagBitMaskData,
});
export type TagBitMaskResponse = Static<typeof TagBitMaskResponse>;

export const TagArithmeticsResponse = Type.Union([CreateEntityResponse, TagBitMaskResponse]);
export type TagArithmeticsResponse = Static<typeof TagArithmeticsResponse>;

export const TagChangeData = Type.Unknown();
export type TagChangeData = Static<typeof TagChangeData>;

export const TagCreateRequest = Type.Object({
  name: TagName,
  prevTagId: Id,
  queryTagId: Type.Optional(Nullable(Id)),
  preselectedTagId: Type.Optional(Nullable(Id)),
  bitMaskData: TagBitMaskData,
  totSize: Type.Integer(),
  creator: Type.Optional(Nullable(TagCreator)),
  changes: Type.Optional(Nullable(TagChangeData)),
  runId: Type.Optional(Nullable(Id)),
});
export type TagCreateRequest = Static<typeof TagCreateRequest>;

export const TagData = Type.Object({
  id: Id,
  datasetId: Id,
  prevTagId: Type.Optional(Nullable(Id)),
  queryTagId: Type.Optional(Id),
  preselectedTagId: Type.Optional(Id),
  name: TagName,
  bitMaskData: TagBitMaskData,
  totSize: Type.Integer(),
  createdAt: Timestamp,
  lastModifiedAt: Type.Optional(Timestamp),
  changes: Type.Optional(TagChangeData),
  runId: Type.Optional(Id),
});
export type TagData = Static<typeof TagData>;

export const TagFilenamesData = Type.Array(Type.String());
export type TagFilenamesData = Static<typeof TagFilenamesData>;

export const TagUpdateRequest = Type.Object({
  name: TagName,
});
export type TagUpdateRequest = Static<typeof TagUpdateRequest>;

export const TagUpsizeRequest = Type.Object({
  upsizeTagName: TagName,
  upsizeTagCreator: TagCreator,
  runId: Type.Optional(Nullable(Id)),
});
export type TagUpsizeRequest = Static<typeof TagUpsizeRequest>;

export const tags = domain({
  createInitialTagByDatasetId: post("/v1/datasets/{datasetId}/tags/initial", {
    id: "create_initial_tag_by_dataset_id",
    summary: "Create the initial tag, which holds every sample",
    access: "editor",
    body: InitialTagCreateRequest,
    replies: { 201: CreateEntityResponse },
  }),
  createTagByDatasetId: post("/v1/datasets/{datasetId}/tags", {
    id: "create_tag_by_dataset_id",
    summary: "Create a tag from a mask",
    access: "editor",
    body: TagCreateRequest,
    replies: { 201: CreateEntityResponse },
  }),
  deleteTagByTagId: remove("/v1/datasets/{datasetId}/tags/{tagId}", {
    id: "delete_tag_by_tag_id",
    summary: "Delete a tag that no other tag depends on",
    access: "editor",
    replies: { 204: Type.Null() },
  }),
  getFilenamesByTagId: get("/v1/datasets/{datasetId}/tags/{tagId}/filenames", {
    id: "get_filenames_by_tag_id",
    summary: "File names of a tag",
    access: "viewer",
    replies: { 200: TagFilenamesData },
  }),
  getTagByTagId: get("/v1/datasets/{datasetId}/tags/{tagId}", {
    id: "get_tag_by_tag_id",
    summary: "One tag",
    access: "viewer",
    replies: { 200: TagData },
  }),
  getTagsByDatasetId: get("/v1/datasets/{datasetId}/tags", {
    id: "get_tags_by_dataset_id",
    summary: "All tags of a dataset",
    access: "viewer",
    replies: { 200: Type.Array(TagData) },
  }),
  performTagArithmetics: post("/v1/datasets/{datasetId}/tags/arithmetics", {
    id: "perform_tag_arithmetics",
    summary: "Combine two tags into a new one, or into a mask",
    access: "editor",
    body: TagArithmeticsRequest,
    replies: { 200: TagArithmeticsResponse },
  }),
  performTagArithmeticsBitmask: post("/v1/datasets/{datasetId}/tags/arithmetics/bitmask", {
    id: "perform_tag_arithmetics_bitmask",
    summary: "Combine two tags into a mask",
    access: "viewer",
    body: TagArithmeticsRequest,
    replies: { 200: TagBitMaskResponse },
  }),
  updateTagByTagId: put("/v1/datasets/{datasetId}/tags/{tagId}", {
    id: "update_tag_by_tag_id",
    summary: "Rename a tag",
    access: "editor",
    body: TagUpdateRequest,
    replies: { 204: Type.Null() },
  }),
  upsizeTagsByDatasetId: post("/v1/datasets/{datasetId}/tags/upsize", {
    id: "upsize_tags_by_dataset_id",
    summary: "Let all tags know of new samples, and put those into a new tag",
    access: "editor",
    body: TagUpsizeRequest,
    replies: { 201: CreateEntityResponse },
  }),
});
