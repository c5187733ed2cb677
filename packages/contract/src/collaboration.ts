/** Sharing a dataset with other users. */
import { Type, type Static } from "typebox";
import { Enumeration, Nullable, domain, get, post, put, remove } from "./model.ts";
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

/** What somebody may do with a dataset: look, change what is in it, or also share and delete it. */
export const DatasetRole = Enumeration(["VIEWER", "EDITOR", "OWNER"]);
export type DatasetRole = Static<typeof DatasetRole>;

/** Somebody who may use a dataset, and how that came: who made it, the protocol's sharing (editors), or a membership. */
export const DatasetMember = Type.Object({
  /** Of memberships: what ends them. */
  id: Type.Optional(Id),
  role: DatasetRole,
  source: Enumeration(["CREATED", "SHARED", "MEMBER"]),
  /** A user, by mail address. */
  email: Type.Optional(Type.String()),
  /** A team, with its name. */
  teamId: Type.Optional(Id),
  teamName: Type.Optional(Type.String()),
});
export type DatasetMember = Static<typeof DatasetMember>;

/** Either a user by mail address or a team. */
export const DatasetMemberRequest = Type.Object({
  email: Type.Optional(Type.String({ maxLength: 254 })),
  teamId: Type.Optional(Id),
  role: DatasetRole,
});
export type DatasetMemberRequest = Static<typeof DatasetMemberRequest>;

export const TeamMember = Type.Object({
  email: Type.String({ maxLength: 254 }),
  /** Changes the team and who is in it. */
  isAdmin: Type.Optional(Type.Boolean()),
});
export type TeamMember = Static<typeof TeamMember>;

export const TeamRequest = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 100 }),
  members: Type.Array(TeamMember, { minItems: 1, maxItems: 1000 }),
});
export type TeamRequest = Static<typeof TeamRequest>;

export const TeamData = Type.Object({
  id: Id,
  name: Type.String(),
  members: Type.Array(TeamMember),
  createdAt: Timestamp,
});
export type TeamData = Static<typeof TeamData>;

export const collaboration = domain({
  getDatasetMembers: get("/v1/datasets/{datasetId}/members", {
    id: "get_dataset_members",
    summary: "Who may use a dataset, in which role and why",
    access: "viewer",
    since: "winnow",
    replies: { 200: Type.Array(DatasetMember) },
  }),
  setDatasetMember: put("/v1/datasets/{datasetId}/members", {
    id: "set_dataset_member",
    summary: "Give a user or a team a role in a dataset, or another one",
    access: "owner",
    since: "winnow",
    body: DatasetMemberRequest,
    replies: { 200: CreateEntityResponse },
  }),
  deleteDatasetMemberById: remove("/v1/datasets/{datasetId}/members/{memberId}", {
    id: "delete_dataset_member_by_id",
    summary: "End a membership",
    access: "owner",
    since: "winnow",
    replies: { 204: Type.Null() },
  }),
  getTeams: get("/v1/teams", {
    id: "get_teams",
    summary: "Teams that the user is in",
    access: "user",
    since: "winnow",
    replies: { 200: Type.Array(TeamData) },
  }),
  createTeam: post("/v1/teams", {
    id: "create_team",
    summary: "Make a team; who makes it is its admin",
    access: "user",
    since: "winnow",
    body: TeamRequest,
    replies: { 201: CreateEntityResponse },
  }),
  updateTeamById: put("/v1/teams/{teamId}", {
    id: "update_team_by_id",
    summary: "Name of a team and who is in it; the list given replaces the earlier one",
    access: "user",
    since: "winnow",
    body: TeamRequest,
    replies: { 204: Type.Null() },
  }),
  deleteTeamById: remove("/v1/teams/{teamId}", {
    id: "delete_team_by_id",
    summary: "Delete a team, and with it what it was given",
    access: "user",
    since: "winnow",
    replies: { 204: Type.Null() },
  }),
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
