import { BitMask } from "@winnow/curation";
import type { InitialTagCreateRequest, TagArithmeticsRequest, TagCreateRequest, TagData, TagUpdateRequest, TagUpsizeRequest } from "@winnow/contract";
import { StreamedJson, jsonArray } from "../app/answers.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { unknownDataset, type DatasetAccess } from "../datasets/access.ts";
import { findDataset, updateDataset } from "../datasets/store.ts";
import type { Database } from "../db/database.ts";
import { isId, newId } from "../db/ids.ts";
import type { DatasetTable, TagTable } from "../db/schema.ts";
import { inDataset } from "../db/turns.ts";
import { readSamplesByOrdinal } from "../samples/store.ts";
import * as store from "./store.ts";

/** `totSize` is the dataset's: all tags have the same. */
export function tagData(tag: TagTable, dataset: DatasetTable): TagData {
  return {
    id: tag.id,
    datasetId: tag.dataset_id,
    prevTagId: tag.prev_tag_id,
    ...(tag.query_tag_id === null ? {} : { queryTagId: tag.query_tag_id }),
    ...(tag.preselected_tag_id === null ? {} : { preselectedTagId: tag.preselected_tag_id }),
    name: tag.name,
    bitMaskData: store.maskOf(tag).toHex(),
    totSize: dataset.tag_size,
    createdAt: Number(tag.created_at),
    lastModifiedAt: Number(tag.last_modified_at),
    ...(tag.run_id === null ? {} : { runId: tag.run_id }),
  };
}

/** @throws DomainError TAG_UNKNOWN */
export async function requireTag(db: Database, dataset: DatasetTable, tagId: string): Promise<TagTable> {
  const tag = isId(tagId) ? await store.findTag(db, dataset.id, tagId) : undefined;
  if (!tag) throw new DomainError("TAG_UNKNOWN", `There is no tag ${tagId.slice(0, 64)} in the dataset "${dataset.name}".`);
  return tag;
}

/** A tag's row, with times of now. */
export function newTag(row: Partial<TagTable> & Pick<TagTable, "dataset_id" | "name" | "mask">): TagTable {
  const now = Date.now();
  return {
    id: newId(now),
    prev_tag_id: null,
    query_tag_id: null,
    preselected_tag_id: null,
    is_initial: 0,
    creator: "UNKNOWN",
    changes: null,
    run_id: null,
    created_at: now,
    last_modified_at: now,
    ...row,
  };
}

/** @throws DomainError TAG_NAME_EXISTS */
export async function requireFreeName(db: Database, datasetId: string, name: string): Promise<void> {
  if (await store.findTagByName(db, datasetId, name)) throw new DomainError("TAG_NAME_EXISTS", `The dataset already has a tag named "${name}". Choose another name.`);
}

/** The dataset as it is inside a transaction. */
export async function datasetNow(db: Database, { row }: DatasetAccess): Promise<DatasetTable> {
  const dataset = await findDataset(db, row.id);
  if (!dataset) throw unknownDataset(row.id);
  return dataset;
}

/** @throws DomainError TAG_INITIAL_EXISTS */
export async function createInitialTag({ db }: Context, access: DatasetAccess, request: InitialTagCreateRequest): Promise<{ id: string }> {
  return inDataset(db, access.row.id, async (transaction) => {
    const dataset = await datasetNow(transaction, access);
    if (await store.findInitialTag(transaction, dataset.id)) {
      throw new DomainError("TAG_INITIAL_EXISTS", "The dataset already has its initial tag. Samples added later get into a tag by `tags/upsize`.");
    }
    const name = request.name ?? "initial-tag";
    await requireFreeName(transaction, dataset.id, name);
    const tag = newTag({
      dataset_id: dataset.id,
      name,
      mask: store.maskBytes(BitMask.full(dataset.n_samples)),
      is_initial: 1,
      creator: request.creator ?? "UNKNOWN",
      run_id: request.runId ?? null,
    });
    await store.insertTag(transaction, tag);
    await updateDataset(transaction, dataset.id, { img_type: request.imgType, tag_size: dataset.n_samples });
    return { id: tag.id };
  });
}

export async function createTag({ db }: Context, access: DatasetAccess, request: TagCreateRequest): Promise<{ id: string }> {
  return inDataset(db, access.row.id, async (transaction) => {
    const dataset = await datasetNow(transaction, access);
    await requireFreeName(transaction, dataset.id, request.name);
    const related = [
      ["prevTagId", request.prevTagId, "TAG_PREVTAG_NOT_IN_DATASET"],
      ["queryTagId", request.queryTagId, "TAG_QUERYTAG_NOT_IN_DATASET"],
      ["preselectedTagId", request.preselectedTagId, "TAG_PRESELECTEDTAG_NOT_IN_DATASET"],
    ] as const;
    for (const [field, id, code] of related) {
      if (id && !(await store.findTag(transaction, dataset.id, id))) throw new DomainError(code, `"${field}": there is no tag ${id} in the dataset.`);
    }
    const size = dataset.n_samples;
    if (request.totSize < 0 || request.totSize > size) {
      throw new DomainError("DATASET_TAG_INVALID", `"totSize" must be the number of samples in the dataset (${size}), got ${request.totSize}.`);
    }
    const mask = parseMask(request.bitMaskData, request.totSize);
    const tag = newTag({
      dataset_id: dataset.id,
      name: request.name,
      mask: store.maskBytes(mask),
      prev_tag_id: request.prevTagId,
      query_tag_id: request.queryTagId ?? null,
      preselected_tag_id: request.preselectedTagId ?? null,
      creator: request.creator ?? "UNKNOWN",
      run_id: request.runId ?? null,
    });
    await store.insertTag(transaction, tag);
    await updateDataset(transaction, dataset.id, { tag_size: Math.max(dataset.tag_size, request.totSize) });
    return { id: tag.id };
  });
}

/** @throws DomainError DATASET_TAG_INVALID when a bit lies at or beyond the number of samples */
function parseMask(hex: string, size: number): BitMask {
  try {
    return BitMask.fromHex(hex, size);
  } catch (error) {
    throw new DomainError("DATASET_TAG_INVALID", `"bitMaskData" doesn't fit the dataset: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @throws DomainError TAG_UNDELETABLE_IS_INITIAL, TAG_UNDELETABLE_NOT_A_LEAF */
export async function deleteTag({ db }: Context, { row }: DatasetAccess, tagId: string): Promise<void> {
  await inDataset(db, row.id, async (transaction) => {
    const tag = await requireTag(transaction, row, tagId);
    if (tag.is_initial) throw new DomainError("TAG_UNDELETABLE_IS_INITIAL", "The initial tag can't be deleted: it says which samples the dataset began with.");
    const dependent = await store.findDependent(transaction, row.id, tagId);
    if (dependent) throw new DomainError("TAG_UNDELETABLE_NOT_A_LEAF", `The tag "${dependent.name}" was made from this one. Delete it first.`);
    await store.deleteTag(transaction, tagId);
    await updateDataset(transaction, row.id);
  });
}

export async function renameTag({ db }: Context, { row }: DatasetAccess, tagId: string, { name }: TagUpdateRequest): Promise<void> {
  await inDataset(db, row.id, async (transaction) => {
    const tag = await requireTag(transaction, row, tagId);
    if (tag.name === name) return;
    if (tag.is_initial) throw new DomainError("BAD_REQUEST", "The initial tag keeps its name: clients find it by it.");
    await requireFreeName(transaction, row.id, name);
    await store.renameTag(transaction, tagId, name);
    await updateDataset(transaction, row.id);
  });
}

export async function combine(db: Database, dataset: DatasetTable, request: TagArithmeticsRequest): Promise<BitMask> {
  const first = store.maskOf(await requireTag(db, dataset, request.tagId1));
  const second = store.maskOf(await requireTag(db, dataset, request.tagId2));
  switch (request.operation) {
    case "UNION":
      return first.union(second);
    case "INTERSECTION":
      return first.intersection(second);
    default:
      return first.difference(second);
  }
}

/** A mask, or a new tag below the initial one when a name is given. */
export async function performArithmetics({ db }: Context, { row }: DatasetAccess, request: TagArithmeticsRequest): Promise<{ id: string } | { bitMaskData: string }> {
  const { newTagName } = request;
  if (!newTagName) return { bitMaskData: (await combine(db, row, request)).toHex() };
  return inDataset(db, row.id, async (transaction) => {
    const mask = await combine(transaction, row, request);
    await requireFreeName(transaction, row.id, newTagName);
    const initial = await store.findInitialTag(transaction, row.id);
    const tag = newTag({
      dataset_id: row.id,
      name: newTagName,
      mask: store.maskBytes(mask),
      prev_tag_id: initial?.id ?? request.tagId1,
      creator: request.creator ?? "UNKNOWN",
    });
    await store.insertTag(transaction, tag);
    await updateDataset(transaction, row.id);
    return { id: tag.id };
  });
}

/** A new tag without parent for the samples that are in no such tag yet; all tags learn of the new total. */
export async function upsize({ db }: Context, access: DatasetAccess, request: TagUpsizeRequest): Promise<{ id: string }> {
  return inDataset(db, access.row.id, async (transaction) => {
    const dataset = await datasetNow(transaction, access);
    const parentless = await store.listParentlessTags(transaction, dataset.id);
    if (!parentless.some((tag) => tag.is_initial)) throw new DomainError("TAG_NO_TAG_IN_DATASET", "The dataset has no tag yet. Create the initial tag first (`tags/initial`).");
    await requireFreeName(transaction, dataset.id, request.upsizeTagName);
    let fresh = BitMask.full(dataset.n_samples);
    for (const tag of parentless) fresh = fresh.difference(store.maskOf(tag));
    const tag = newTag({
      dataset_id: dataset.id,
      name: request.upsizeTagName,
      mask: store.maskBytes(fresh),
      creator: request.upsizeTagCreator,
      run_id: request.runId ?? null,
    });
    await store.insertTag(transaction, tag);
    await updateDataset(transaction, dataset.id, { tag_size: dataset.n_samples });
    return { id: tag.id };
  });
}

/** File names of a tag, in the dataset's order. */
export async function fileNames({ db }: Context, { row }: DatasetAccess, tagId: string): Promise<StreamedJson> {
  const ordinals = store.maskOf(await requireTag(db, row, tagId)).ordinals();
  return new StreamedJson(jsonArray(readSamplesByOrdinal(db, row.id, ["file_name"], ordinals), (sample: { file_name: string }) => JSON.stringify(sample.file_name)));
}
