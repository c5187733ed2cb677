/** Who may use which dataset besides those who made it: by the protocol's sharing, which makes editors, and by memberships of users and teams. */
import type { ExpressionBuilder } from "kysely";
import type { Database } from "../db/database.ts";
import type { Schema } from "../db/schema.ts";
import type { Role } from "../datasets/access.ts";

/** All roles that somebody was given in a dataset. */
export async function grantedRoles(db: Database, datasetId: string, email: string): Promise<Role[]> {
  const shared = await db.selectFrom("share_users").select("email").where("dataset_id", "=", datasetId).where("email", "=", email).executeTakeFirst();
  const given = await db
    .selectFrom("dataset_members")
    .select("role")
    .distinct()
    .where("dataset_id", "=", datasetId)
    .where((e) => e.or([e("email", "=", email), e("team_id", "in", e.selectFrom("team_members").select("team_members.team_id").where("team_members.email", "=", email))]))
    .execute();
  return [...(shared ? (["editor"] as const) : []), ...given.map(({ role }) => role as Role)];
}

/** Ids of the datasets in which somebody was given one of some roles, as a part of a statement. They may have been deleted. */
export function datasetsGranted(e: ExpressionBuilder<Schema, "datasets">, email: string, roles: readonly Role[] = ["viewer", "editor", "owner"]) {
  const given = e
    .selectFrom("dataset_members")
    .select("dataset_members.dataset_id")
    .where("dataset_members.role", "in", roles)
    .where((g) => g.or([g("dataset_members.email", "=", email), g("dataset_members.team_id", "in", g.selectFrom("team_members").select("team_members.team_id").where("team_members.email", "=", email))]));
  return roles.includes("editor") ? given.union(e.selectFrom("share_users").select("share_users.dataset_id").where("share_users.email", "=", email)) : given;
}
