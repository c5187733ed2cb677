import type { DatasetMember, DatasetMemberRequest } from "@winnow/contract";
import { normaliseEmail } from "../accounts/service.ts";
import type { User } from "../accounts/user.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { record } from "../audit/record.ts";
import type { DatasetAccess } from "../datasets/access.ts";
import { updateDataset } from "../datasets/store.ts";
import type { Database } from "../db/database.ts";
import { isId, newId } from "../db/ids.ts";
import { inDataset } from "../db/turns.ts";
import { listShares } from "./store.ts";
import { requireTeam } from "./teams.ts";

const membersMax = 1_000;

/** Who may use a dataset, by what came first: who made it, the protocol's sharing, memberships. */
export async function listMembers({ db }: Context, { row }: DatasetAccess): Promise<DatasetMember[]> {
  const owner = await db.selectFrom("users").select("email").where("id", "=", row.user_id).executeTakeFirst();
  const shared = (await listShares(db, row.id)).flatMap(({ users }) => JSON.parse(users) as string[]);
  const given = await db
    .selectFrom("dataset_members")
    .leftJoin("teams", "teams.id", "dataset_members.team_id")
    .select(["dataset_members.id", "dataset_members.email", "dataset_members.role", "dataset_members.team_id", "teams.name"])
    .where("dataset_members.dataset_id", "=", row.id)
    .orderBy("dataset_members.id")
    .execute();
  return [
    ...(owner ? [{ role: "OWNER", source: "CREATED", email: owner.email } as const] : []),
    ...shared.map((email) => ({ role: "EDITOR", source: "SHARED", email }) as const),
    ...given.map(({ id, email, role, team_id, name }) => ({
      id,
      role: role.toUpperCase() as DatasetMember["role"],
      source: "MEMBER" as const,
      ...(email !== null && { email }),
      ...(team_id !== null && { teamId: team_id, teamName: name ?? "" }),
    })),
  ];
}

/** Gives a user or a team a role, in place of the one that it had. A mail address may come before its user. @throws DomainError BAD_REQUEST, TEAM_UNKNOWN */
export async function setMember({ db }: Context, user: User, { row }: DatasetAccess, request: DatasetMemberRequest): Promise<{ id: string }> {
  if ((request.email === undefined) === (request.teamId === undefined)) throw new DomainError("BAD_REQUEST", 'A member is either a user ("email") or a team ("teamId"): give one of both.');
  const email = request.email === undefined ? null : normaliseEmail(request.email);
  const role = request.role.toLowerCase();
  return inDataset(db, row.id, async (transaction) => {
    // Of a team that one isn't in one doesn't learn that it is there.
    const teamId = request.teamId === undefined ? null : (await requireTeam(transaction, user, request.teamId)).id;
    const { count } = await transaction.selectFrom("dataset_members").select((e) => e.fn.countAll<number>().as("count")).where("dataset_id", "=", row.id).executeTakeFirstOrThrow();
    if (Number(count) >= membersMax) throw new DomainError("BAD_REQUEST", `A dataset has at most ${membersMax} members. Put them into a team.`);
    const now = Date.now();
    // One statement: two owners may give the same user a role at the same moment.
    const { id } = await transaction
      .insertInto("dataset_members")
      .values({ id: newId(now), dataset_id: row.id, email, team_id: teamId, role, created_at: now })
      .onConflict((conflict) => conflict.columns(["dataset_id", email === null ? "team_id" : "email"]).doUpdateSet({ role }))
      .returning("id")
      .executeTakeFirstOrThrow();
    await updateDataset(transaction, row.id);
    await record(transaction, { target: { role: request.role, ...(email === null ? { teamId } : { email }) } });
    return { id };
  });
}

/** @throws DomainError ACCESS_CONTROL_UNKNOWN */
export async function removeMember({ db }: Context, { row }: DatasetAccess, id: string): Promise<void> {
  await inDataset(db, row.id, async (transaction) => {
    const known = isId(id) ? await findMember(transaction, row.id, id) : undefined;
    if (!known) throw new DomainError("ACCESS_CONTROL_UNKNOWN", `The dataset has no membership ${id.slice(0, 64)}.`);
    await transaction.deleteFrom("dataset_members").where("id", "=", id).execute();
    await updateDataset(transaction, row.id);
    await record(transaction, { target: { role: known.role.toUpperCase(), ...(known.email === null ? { teamId: known.team_id } : { email: known.email }) } });
  });
}

function findMember(db: Database, datasetId: string, id: string) {
  return db.selectFrom("dataset_members").selectAll().where("id", "=", id).where("dataset_id", "=", datasetId).executeTakeFirst();
}
