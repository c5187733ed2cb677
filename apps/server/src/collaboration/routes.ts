import type { domains } from "@winnow/contract";
import type { Handlers } from "../app/call.ts";
import * as members from "./members.ts";
import * as service from "./service.ts";
import * as teams from "./teams.ts";

export const collaboration: Handlers<typeof domains.collaboration> = {
  createOrUpdateSharedAccessConfigByDatasetId: ({ context, dataset, body }) => service.share(context, dataset, body),
  deleteSharedAccessConfigById: ({ context, dataset, path }) => service.stopSharing(context, dataset, path.accessConfigId),
  getSharedAccessConfigsByDatasetId: ({ context, dataset }) => service.listShares(context, dataset),
  getDatasetMembers: ({ context, dataset }) => members.listMembers(context, dataset),
  setDatasetMember: ({ context, user, dataset, body }) => members.setMember(context, user, dataset, body),
  deleteDatasetMemberById: ({ context, dataset, path }) => members.removeMember(context, dataset, path.memberId),
  getTeams: ({ context, user }) => teams.listTeams(context, user),
  createTeam: ({ context, user, body }) => teams.createTeam(context, user, body),
  updateTeamById: ({ context, user, path, body }) => teams.updateTeam(context, user, path.teamId, body),
  deleteTeamById: ({ context, user, path }) => teams.deleteTeam(context, user, path.teamId),
};
