/** Exports of a tag, for labelling tools and as names. */
import { type LabelBoxDataRow, type LabelStudioTask, domains } from "@winnow/contract";
import { TagMembers } from "./tags.ts";
import type { CallOptions } from "./transport.ts";

export class ExportMembers extends TagMembers {
  /**
   * Samples of a tag as tasks for Label Studio.
   * @returns one `{ id, data: { image, lightlyFileName, lightlyMetaInfo } }` per sample
   * @throws ApiError
   */
  async exportLabelStudioTasksByTagId(tagId: string, options: CallOptions = {}): Promise<LabelStudioTask[]> {
    return this.call(domains.exports.exportTagToLabelStudioTasks, { path: await this.#place(tagId, options), ...options });
  }

  /**
   * The same, by the tag's name.
   * @throws TagDoesNotExistError
   * @example
   * await writeFile("tasks.json", JSON.stringify(await client.exportLabelStudioTasksByTagName("initial-tag")));
   */
  async exportLabelStudioTasksByTagName(tagName: string, options: CallOptions = {}): Promise<LabelStudioTask[]> {
    return this.exportLabelStudioTasksByTagId((await this.getTagByName(tagName, options)).id, options);
  }

  /**
   * Samples of a tag as data rows for Labelbox.
   * @returns one `{ externalId, imageUrl }` per sample
   * @throws ApiError
   */
  async exportLabelBoxDataRowsByTagId(tagId: string, options: CallOptions = {}): Promise<LabelBoxDataRow[]> {
    return this.call(domains.exports.exportTagToLabelBoxDataRows, { path: await this.#place(tagId, options), ...options });
  }

  /** The same, by the tag's name. @throws TagDoesNotExistError */
  async exportLabelBoxDataRowsByTagName(tagName: string, options: CallOptions = {}): Promise<LabelBoxDataRow[]> {
    return this.exportLabelBoxDataRowsByTagId((await this.getTagByName(tagName, options)).id, options);
  }

  /** File names of a tag as one text, separated by line feeds. @throws ApiError */
  async exportFilenamesByTagId(tagId: string, options: CallOptions = {}): Promise<string> {
    const text: unknown = await this.call(domains.exports.exportTagToBasicFilenames, { path: await this.#place(tagId, options), ...options });
    // A bare text that happens to be JSON (a single name `123`) comes out of the parser as something else.
    return typeof text === "string" ? text : Array.isArray(text) ? text.join("\n") : text === null ? "" : JSON.stringify(text);
  }

  /** The same, by the tag's name. @throws TagDoesNotExistError */
  async exportFilenamesByTagName(tagName: string, options: CallOptions = {}): Promise<string> {
    return this.exportFilenamesByTagId((await this.getTagByName(tagName, options)).id, options);
  }

  /**
   * Samples of a tag as a COCO data set: `images`, `annotations`, `categories`. Give the task whose predictions are the
   * annotations where the dataset has several with boxes, masks or key points; without any, there are images alone.
   * @returns the bytes of the JSON text as they come, since it may be long
   * @throws ApiError
   * @example
   * await writeFile("coco.json", client.exportCocoByTagId(tag.id, { taskName: "cars", scoreMin: 0.5 }));
   */
  async *exportCocoByTagId(tagId: string, { taskName, scoreMin, signal }: CallOptions & { readonly taskName?: string | undefined; readonly scoreMin?: number | undefined } = {}): AsyncGenerator<Uint8Array, void, undefined> {
    yield* this.transport.bytes(domains.exports.exportTagToCoco, { path: await this.#place(tagId, { signal }), query: { ...(taskName !== undefined && { taskName }), ...(scoreMin !== undefined && { scoreMin }) }, signal });
  }

  async #place(tagId: string, { signal }: CallOptions): Promise<{ datasetId: string; tagId: string }> {
    return { datasetId: await this.currentDatasetId(signal), tagId };
  }
}
