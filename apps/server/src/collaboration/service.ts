import type { SharedAccessConfigCreateRequest, SharedAccessConfigData } from "@winnow/contract";
import { normaliseEmail } from "../accounts/service.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { record } from "../audit/record.ts";
import type { DatasetAccess } from "../datasets/access.ts";
import { updateDataset } from "../datasets/store.ts";
import { isId, newId } from "../db/ids.ts";
import { inDataset } from "../db/turns.ts";
import * as store from "./store.ts";

const usersMax = 1_000;

/** Shares a dataset with exactly these users. A mail address may come before its user: it counts once there is one. */
export async function share({ db }: Context, { row }: DatasetAccess, request: SharedAccessConfigCreateRequest): Promise<{ id: string }> {
  if (request.organizations?.length || request.teams?.length) throw new DomainError("BAD_REQUEST", "Datasets are shared with users by mail address; teams get a role by PUT …/members, and organizations are not there.");
  if ((request.users?.length ?? 0) > usersMax) throw new DomainError("BAD_REQUEST", `"users" must have at most ${usersMax} entries, got ${request.users?.length}.`);
  const emails = [...new Set((request.users ?? []).map(normaliseEmail))];
  return inDataset(db, row.id, async (transaction) => {
    const [known] = await store.listShares(transaction, row.id);
    const now = Date.now();
    const id = known?.id ?? newId(now);
    await store.saveShare(
      transaction,
      { id, dataset_id: row.id, access_type: request.accessType, users: JSON.stringify(emails), created_at: known?.created_at ?? now, last_modified_at: now },
      emails,
    );
    await updateDataset(transaction, row.id);
    await record(transaction, { target: { users: emails } });
    return { id };
  });
}

export async function stopSharing({ db }: Context, { row }: DatasetAccess, id: string): Promise<void> {
  await inDataset(db, row.id, async (transaction) => {
    if (!isId(id) || !(await store.deleteShare(transaction, row.id, id))) throw new DomainError("ACCESS_CONTROL_UNKNOWN", `The dataset is not shared by a configuration ${id.slice(0, 64)}.`);
    await updateDataset(transaction, row.id);
    await record(transaction);
  });
}

export async function listShares({ db }: Context, { row }: DatasetAccess): Promise<SharedAccessConfigData[]> {
  return (await store.listShares(db, row.id)).map((share) => ({
    id: share.id,
    owner: row.user_id,
    accessType: share.access_type as SharedAccessConfigData["accessType"],
    users: JSON.parse(share.users) as string[],
    organizations: [],
    createdAt: Number(share.created_at),
    lastModifiedAt: Number(share.last_modified_at),
  }));
}
