import type { Access } from "@winnow/contract";
import { DomainError } from "../app/errors.ts";
import type { Database } from "../db/database.ts";
import { isId } from "../db/ids.ts";
import type { DatasetTable } from "../db/schema.ts";
import type { User } from "../accounts/user.ts";
import { reaches } from "../accounts/user.ts";
import { grantedRoles } from "../collaboration/grants.ts";
import { findDataset } from "./store.ts";

export type Role = "viewer" | "editor" | "owner";

const rank: Record<Role, number> = { viewer: 1, editor: 2, owner: 3 };

/** A dataset as a user may use it. */
export interface DatasetAccess {
  readonly row: DatasetTable;
  readonly role: Role;
}

export function unknownDataset(id: string): DomainError {
  return new DomainError("DATASET_UNKNOWN", `There is no dataset ${id.slice(0, 64)}, or it isn't shared with you.`);
}

/**
 * The dataset, when the user may do with it what an operation demands.
 * @throws DomainError DATASET_UNKNOWN for datasets that the user can't see, FORBIDDEN where the role doesn't suffice
 */
export async function requireDataset(db: Database, user: User, datasetId: string, access: Access): Promise<DatasetAccess> {
  const row = isId(datasetId) ? await findDataset(db, datasetId) : undefined;
  const role = row && (await roleIn(db, user, row));
  if (!row || !role) throw unknownDataset(datasetId);
  const needed = access === "owner" || access === "editor" ? access : "viewer";
  requireRole(user, role, needed);
  return { row, role };
}

/** @throws DomainError FORBIDDEN where a role doesn't suffice */
export function requireRole(user: User, role: Role, needed: Role): void {
  if (rank[role] >= rank[needed]) return;
  throw new DomainError("FORBIDDEN", user.bounds?.readOnly ? "This token may only read. Use one that may write for this." : `Only ${needed === "owner" ? "an owner" : "editors and owners"} of the dataset may do this; you are its ${role}.`);
}

/** What a user may do with a dataset, by the token that is used; undefined: not even see it. */
export async function roleIn(db: Database, user: Pick<User, "id" | "email" | "bounds">, { id, user_id }: Pick<DatasetTable, "id" | "user_id">): Promise<Role | undefined> {
  if (!reaches(user, id)) return undefined;
  const roles = user_id === user.id ? (["owner"] as const) : await grantedRoles(db, id, user.email);
  const best = roles.reduce<Role | undefined>((most, role) => (most !== undefined && rank[most] >= rank[role] ? most : role), undefined);
  return best !== undefined && user.bounds?.readOnly ? "viewer" : best;
}
