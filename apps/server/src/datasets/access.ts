import type { Access } from "@winnow/contract";
import { DomainError } from "../app/errors.ts";
import type { Database } from "../db/database.ts";
import { isId } from "../db/ids.ts";
import type { DatasetTable } from "../db/schema.ts";
import type { User } from "../accounts/user.ts";
import { findDataset, isSharedWith } from "./store.ts";

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
  if (!row) throw unknownDataset(datasetId);
  let role: Role = "owner";
  if (row.user_id !== user.id) {
    if (!(await isSharedWith(db, datasetId, user.email))) throw unknownDataset(datasetId);
    role = "editor";
  }
  const needed = access === "owner" || access === "editor" ? access : "viewer";
  if (rank[role] < rank[needed]) throw new DomainError("FORBIDDEN", `Only the ${needed} of the dataset may do this; you are its ${role}.`);
  return { row, role };
}
