import type { TeamData, TeamRequest } from "@winnow/contract";
import { normaliseEmail } from "../accounts/service.ts";
import type { User } from "../accounts/user.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { requireStorable } from "../app/storable.ts";
import { record } from "../audit/record.ts";
import type { Database } from "../db/database.ts";
import { isId, newId } from "../db/ids.ts";
import type { TeamMemberTable, TeamTable } from "../db/schema.ts";
import { inTurn } from "../db/turns.ts";

const teamsOfUserMax = 200;

/** A team that the user is in. @throws DomainError TEAM_UNKNOWN */
export async function requireTeam(db: Database, user: User, teamId: string): Promise<TeamTable & { isAdmin: boolean }> {
  const team = isId(teamId)
    ? await db
        .selectFrom("teams")
        .innerJoin("team_members", "team_members.team_id", "teams.id")
        .select(["teams.id", "teams.name", "teams.created_at", "team_members.is_admin"])
        .where("teams.id", "=", teamId)
        .where("team_members.email", "=", user.email)
        .executeTakeFirst()
    : undefined;
  if (!team) throw new DomainError("TEAM_UNKNOWN", `There is no team ${teamId.slice(0, 64)} that you are in.`);
  return { id: team.id, name: team.name, created_at: team.created_at, isAdmin: team.is_admin === 1 };
}

async function requireAdmin(db: Database, user: User, teamId: string): Promise<TeamTable> {
  const { isAdmin, ...team } = await requireTeam(db, user, teamId);
  if (!isAdmin) throw new DomainError("FORBIDDEN", `Only admins of the team "${team.name}" may change it.`);
  return team;
}

export async function listTeams({ db }: Context, user: User): Promise<TeamData[]> {
  const own = db.selectFrom("team_members").select("team_id").where("email", "=", user.email);
  const teams = await db.selectFrom("teams").selectAll().where("id", "in", own).orderBy("id").execute();
  const members = await db.selectFrom("team_members").selectAll().where("team_id", "in", own).orderBy("email").execute();
  const byTeam = new Map<string, TeamMemberTable[]>(teams.map(({ id }) => [id, []]));
  for (const member of members) byTeam.get(member.team_id)?.push(member);
  return teams.map(({ id, name, created_at }) => ({ id, name, members: byTeam.get(id)!.map(({ email, is_admin }) => ({ email, isAdmin: is_admin === 1 })), createdAt: Number(created_at) }));
}

/** Members by mail address, the last mention of each counts. */
function membersOf(teamId: string, request: TeamRequest): TeamMemberTable[] {
  const admins = new Map(request.members.map(({ email, isAdmin }) => [normaliseEmail(email), isAdmin ?? false]));
  if (![...admins.values()].includes(true)) throw new DomainError("BAD_REQUEST", '"members" must hold an admin ("isAdmin": true): somebody has to be able to change the team.');
  return [...admins].map(([email, isAdmin]) => ({ team_id: teamId, email, is_admin: isAdmin ? 1 : 0 }));
}

/** Makes a team; its maker is one of its admins. */
export async function createTeam({ db }: Context, user: User, request: TeamRequest): Promise<{ id: string }> {
  requireStorable("name", request.name);
  const now = Date.now();
  const id = newId(now);
  const members = membersOf(id, { ...request, members: [...request.members, { email: user.email, isAdmin: true }] });
  await inTurn(db, "teams", async (transaction) => {
    const { count } = await transaction.selectFrom("team_members").select((e) => e.fn.countAll<number>().as("count")).where("email", "=", user.email).where("is_admin", "=", 1).executeTakeFirstOrThrow();
    if (Number(count) >= teamsOfUserMax) throw new DomainError("BAD_REQUEST", `You are an admin of ${teamsOfUserMax} teams, which is as many as there may be. Delete one first.`);
    await transaction.insertInto("teams").values({ id, name: request.name, created_at: now }).execute();
    await transaction.insertInto("team_members").values(members).execute();
    await record(transaction, { target: { teamId: id, name: request.name, members: members.length } });
  });
  return { id };
}

/** @throws DomainError TEAM_UNKNOWN, FORBIDDEN; BAD_REQUEST when no admin would be left */
export async function updateTeam({ db }: Context, user: User, teamId: string, request: TeamRequest): Promise<void> {
  requireStorable("name", request.name);
  await inTurn(db, "teams", async (transaction) => {
    const team = await requireAdmin(transaction, user, teamId);
    const members = membersOf(team.id, request);
    await transaction.updateTable("teams").set({ name: request.name }).where("id", "=", team.id).execute();
    await transaction.deleteFrom("team_members").where("team_id", "=", team.id).execute();
    await transaction.insertInto("team_members").values(members).execute();
    await record(transaction, { target: { name: request.name, members: members.map(({ email, is_admin }) => (is_admin ? `${email} (admin)` : email)) } });
  });
}

/** @throws DomainError TEAM_UNKNOWN, FORBIDDEN */
export async function deleteTeam({ db }: Context, user: User, teamId: string): Promise<void> {
  await inTurn(db, "teams", async (transaction) => {
    const team = await requireAdmin(transaction, user, teamId);
    await transaction.deleteFrom("teams").where("id", "=", team.id).execute();
    await record(transaction, { target: { name: team.name } });
  });
}
