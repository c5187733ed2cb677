/** Tags: named subsets of a dataset, and the names of its files. */
import { type TagData, domains } from "@winnow/contract";
import { BitMask } from "@winnow/curation";
import { DatasetMembers } from "./datasets.ts";
import { RuntimeError, TagDoesNotExistError, ValueError } from "./errors.ts";
import type { CallOptions } from "./transport.ts";

/** A tag as far as it is known right after it was created. */
export type CreatedTag = Pick<TagData, "id" | "datasetId" | "prevTagId" | "name" | "bitMaskData" | "totSize">;

export class TagMembers extends DatasetMembers {
  /** All tags of the current dataset. */
  async getAllTags(options: CallOptions = {}): Promise<TagData[]> {
    return this.call(domains.tags.getTagsByDatasetId, { path: { datasetId: await this.currentDatasetId(options.signal) }, ...options });
  }

  /** One tag of the current dataset. @throws ApiError (404) when there is none with this id */
  async getTagById(tagId: string, options: CallOptions = {}): Promise<TagData> {
    return this.call(domains.tags.getTagByTagId, { path: { datasetId: await this.currentDatasetId(options.signal), tagId }, ...options });
  }

  /** One tag of the current dataset. @throws TagDoesNotExistError when there is none with this name */
  async getTagByName(tagName: string, options: CallOptions = {}): Promise<TagData> {
    const found = (await this.getAllTags(options)).findLast(({ name }) => name === tagName);
    if (found === undefined) throw new TagDoesNotExistError(`the dataset has no tag with the name ${tagName}`);
    return this.getTagById(found.id, options);
  }

  /**
   * File names of all samples of the current dataset, by ordinal. Dear for large datasets: ask once and hand the list on.
   */
  async getFilenames(options: CallOptions = {}): Promise<string[]> {
    return this.call(domains.mappings.getSampleMappingsByDatasetId, {
      path: { datasetId: await this.currentDatasetId(options.signal) },
      query: { field: "fileName" },
      ...options,
    });
  }

  /**
   * File names of the samples in a tag.
   * @param tagData the tag, as `getTagByName` and others give it
   * @param options.filenamesOnServer what `getFilenames` gave; fetched when it is missing or empty
   * @param options.excludeParentTag leave out what is in the tag's parent; default false
   * @throws ValueError when the parent is to be left out and the tag has none
   */
  async getFilenamesInTag(
    tagData: Pick<TagData, "id" | "bitMaskData" | "prevTagId">,
    options: CallOptions & { readonly filenamesOnServer?: readonly string[]; readonly excludeParentTag?: boolean } = {},
  ): Promise<string[]> {
    const { filenamesOnServer = [], excludeParentTag = false, signal } = options;
    const bitMaskData = excludeParentTag ? await this.#maskWithoutParent(tagData, signal) : tagData.bitMaskData;
    const names = filenamesOnServer.length > 0 ? filenamesOnServer : await this.getFilenames({ signal });
    return chosenBy(bitMaskData, names);
  }

  async #maskWithoutParent({ id, prevTagId }: Pick<TagData, "id" | "prevTagId">, signal: AbortSignal | undefined): Promise<string> {
    if (prevTagId === null || prevTagId === undefined) throw new ValueError(`the tag ${id} has no parent that could be left out`);
    const path = { datasetId: await this.currentDatasetId(signal) };
    const { bitMaskData } = await this.call(domains.tags.performTagArithmeticsBitmask, { path, body: { tagId1: id, tagId2: prevTagId, operation: "DIFFERENCE" }, signal });
    return bitMaskData;
  }

  /**
   * Creates a tag from file names.
   * @param fnamesNewTag the file names; each must be in the dataset, repetitions count once
   * @param newTagName name of the tag; no other may have it
   * @param options.parentTagId the tag it is taken from; default the initial tag
   * @returns the tag, with what is known of it without asking again
   * @throws RuntimeError when the name is taken, the dataset has no initial tag, or a file name isn't on the server
   */
  async createTagFromFilenames(fnamesNewTag: Iterable<string>, newTagName: string, options: CallOptions & { readonly parentTagId?: string } = {}): Promise<CreatedTag> {
    const { signal } = options;
    const tags = await this.getAllTags({ signal });
    requireFreeTagName(newTagName, tags);
    const prevTagId = options.parentTagId ?? initialTagOf(tags).id;
    const names = await this.getFilenames({ signal });
    const wanted = new Set(fnamesNewTag);
    const mask = BitMask.empty(names.length);
    names.forEach((name, ordinal) => {
      if (wanted.has(name)) mask.add(ordinal);
    });
    if (mask.count !== wanted.size) {
      for (const name of names) wanted.delete(name);
      const [missing] = wanted;
      throw new RuntimeError(
        `${wanted.size} of the file names are not on the server, for example ${JSON.stringify(missing)}${names.length > 0 ? `; names there look like ${JSON.stringify(names[0])}` : ""}`,
      );
    }
    const datasetId = await this.currentDatasetId(signal);
    const body = { name: newTagName, prevTagId, bitMaskData: mask.toHex(), totSize: names.length };
    const { id } = await this.call(domains.tags.createTagByDatasetId, { path: { datasetId }, body, signal });
    return { id, datasetId, ...body };
  }

  /** Deletes a tag of the current dataset. @throws ApiError when it doesn't exist, is the initial tag, or others depend on it */
  async deleteTagById(tagId: string, options: CallOptions = {}): Promise<void> {
    await this.call(domains.tags.deleteTagByTagId, { path: { datasetId: await this.currentDatasetId(options.signal), tagId }, ...options });
  }
}

/** Those of a list whose ordinals are in a mask. @throws RuntimeError when the mask goes beyond the list */
export function chosenBy<Item>(bitMaskData: string, items: readonly Item[]): Item[] {
  return ordinalsOf(bitMaskData, items.length).map((ordinal) => items[ordinal]!);
}

/** Ordinals of a mask. @throws RuntimeError when one isn't below `size` */
export function ordinalsOf(bitMaskData: string, size: number): number[] {
  try {
    return [...BitMask.fromHex(bitMaskData, size).ordinals()];
  } catch (cause) {
    throw new RuntimeError(`the tag's mask does not fit the ${size} samples of the dataset: ${(cause as Error).message}`, { cause });
  }
}

/** @throws RuntimeError when a tag of that name exists */
export function requireFreeTagName(name: string, tags: readonly TagData[]): void {
  if (tags.some((tag) => tag.name === name)) throw new RuntimeError(`there is a tag with the name ${name} already`);
  if (tags.length === 0) throw new RuntimeError("the dataset has no initial tag yet: upload images first");
}

/** The name, or where a tag has it already, the name with the first number from 2 on that makes it free. */
export function freeTagName(name: string, tags: readonly TagData[]): string {
  const taken = new Set(tags.map((tag) => tag.name));
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}_${number}`;
  return free;
}

/** @throws RuntimeError when there is none */
export function initialTagOf(tags: readonly TagData[]): TagData {
  const tag = tags.find(({ name }) => name === "initial-tag");
  if (tag === undefined) throw new RuntimeError("the dataset has no initial tag yet: upload images first");
  return tag;
}
