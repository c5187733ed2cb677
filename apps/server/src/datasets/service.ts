import type { DatasetCreateRequest, DatasetData, DatasetDataEnriched, DatasetUpdateRequest, JobStatusMeta } from "@winnow/contract";
import { reaches, type User } from "../accounts/user.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { record } from "../audit/record.ts";
import { isStorable } from "../app/storable.ts";
import { newId } from "../db/ids.ts";
import type { DatasetTable } from "../db/schema.ts";
import { inDataset, inTurn } from "../db/turns.ts";
import { cancelJobsOfDataset, enqueue } from "../jobs/queue.ts";
import { requireDataset, type DatasetAccess, type Role } from "./access.ts";
import * as store from "./store.ts";

/** @param role the user's, where it is known; others who see a dataset count as ones who may change it, which is all that the protocol can say */
export function datasetData(row: DatasetTable, user: User, role?: Role): DatasetData {
  return {
    id: row.id,
    name: row.name,
    userId: row.user_id,
    ...(row.user_id === user.id || role === "viewer" ? {} : { accessType: "WRITE" as const }),
    type: row.type as DatasetData["type"],
    ...(row.img_type === null ? {} : { imgType: row.img_type as DatasetData["imgType"] }),
    nSamples: row.n_samples,
    sizeInBytes: Number(row.size_in_bytes),
    ...(row.meta_data_configuration_id === null ? {} : { metaDataConfigurationId: row.meta_data_configuration_id }),
    createdAt: Number(row.created_at),
    lastModifiedAt: Number(row.last_modified_at),
    ...(row.parent_dataset_id === null ? {} : { parentDatasetId: row.parent_dataset_id }),
  };
}

/** @throws DomainError DATASET_NAME_EXISTS; DATASET_UNKNOWN for a parent that the user can't see */
export async function createDataset({ db }: Context, user: User, request: DatasetCreateRequest): Promise<{ id: string }> {
  return inTurn(db, namesOf(user.id), async (transaction) => {
    if (request.parentDatasetId) await requireDataset(transaction, user, request.parentDatasetId, "editor");
    await requireFreeName(transaction, user.id, request.name);
    const now = Date.now();
    const id = newId();
    await store.insertDataset(transaction, {
      id,
      user_id: user.id,
      name: request.name,
      type: request.type ?? "Images",
      img_type: request.imgType ?? null,
      n_samples: 0,
      samples_version: 0,
      tag_size: 0,
      size_in_bytes: 0,
      meta_data_configuration_id: null,
      parent_dataset_id: request.parentDatasetId ?? null,
      upload_progress: null,
      deleted_at: null,
      created_at: now,
      last_modified_at: now,
    });
    await record(transaction, { datasetId: id, target: { name: request.name } });
    return { id };
  });
}

export async function renameDataset({ db }: Context, { row }: DatasetAccess, { name }: DatasetUpdateRequest): Promise<void> {
  await inTurn(db, namesOf(row.user_id), async (transaction) => {
    if (name !== row.name) await requireFreeName(transaction, row.user_id, name);
    await store.updateDataset(transaction, row.id, { name });
  });
}

/** A user's datasets get their names one after the other. */
function namesOf(userId: string): string {
  return `names of datasets ${userId}`;
}

async function requireFreeName(db: Parameters<typeof store.findDatasetByName>[0], userId: string, name: string): Promise<void> {
  if (await store.findDatasetByName(db, userId, name)) throw new DomainError("DATASET_NAME_EXISTS", `There is already a dataset "${name}". Choose another name.`);
}

/** Deletes a dataset; with `force` the crop datasets made from it as well, else they stay on their own. */
export async function deleteDataset({ db }: Context, user: User, { row }: DatasetAccess, force: boolean): Promise<void> {
  await inDataset(db, row.id, async (transaction) => {
    const doomed = [row];
    if (force) for (const child of await store.listChildren(transaction, row.id)) if (child.user_id === user.id && reaches(user, child.id)) doomed.push(child);
    for (const dataset of doomed) {
      await store.releaseChildren(transaction, dataset.id);
      await store.markDeleted(transaction, dataset.id);
      await cancelJobsOfDataset(transaction, dataset.id);
      await enqueue(transaction, { type: "DELETE_DATASET", userId: user.id, payload: { datasetId: dataset.id } });
      await record(transaction, { datasetId: dataset.id, target: { name: dataset.name } });
    }
  });
}

export async function listDatasets({ db }: Context, user: User, filter: { shared?: boolean; name?: string; exact?: boolean; pageSize?: number; pageOffset?: number }): Promise<DatasetTable[]> {
  // No dataset is called so.
  if (filter.name !== undefined && !isStorable(filter.name)) return [];
  return store.listDatasets(db, {
    userId: user.id,
    email: user.email,
    shared: filter.shared ?? false,
    name: filter.name,
    exact: filter.exact,
    ids: user.bounds?.datasetIds,
    limit: filter.pageSize,
    offset: filter.pageOffset,
  });
}

const coverSamples = 4;

export async function enrichedData({ db }: Context, user: User, rows: readonly DatasetTable[], samples = coverSamples): Promise<DatasetDataEnriched[]> {
  const more = await store.enrich(db, rows.map((row) => row.id), samples);
  return rows.map((row) => {
    const { parentDatasetId: _parent, ...data } = datasetData(row, user);
    return { ...data, ...more.get(row.id)! };
  });
}

export async function registerUpload({ db }: Context, { row }: DatasetAccess, progress: JobStatusMeta): Promise<void> {
  await store.updateDataset(db, row.id, { upload_progress: JSON.stringify(progress) });
}
