/** Custom metadata: anything known about images, in the shape of COCO annotations. */
import { type ConfigurationEntry, type CreateEntityResponse, domains } from "@winnow/contract";
import { forEachConcurrently } from "./concurrency.ts";
import type { Progress } from "./connection.ts";
import { InvalidCustomMetadataWarning, KeyError } from "./errors.ts";
import { patiently } from "./patience.ts";
import { SelectionMembers } from "./selection.ts";
import type { CallOptions } from "./transport.ts";

/** Images with an id each, and rows of metadata that refer to them by it. */
export interface CustomMetadata {
  readonly images: readonly { readonly file_name: string; readonly id: number | string; readonly [other: string]: unknown }[];
  readonly metadata: readonly MetadataRow[];
}

export interface MetadataRow {
  readonly image_id: number | string;
  readonly [property: string]: unknown;
}

export class CustomMetadataMembers extends SelectionMembers {
  /**
   * Checks that there are the keys `images` and `metadata`.
   * @throws KeyError naming the missing one and those that are there
   */
  verifyCustomMetadataFormat(customMetadata: object): void {
    for (const key of ["images", "metadata"]) {
      if (!Object.hasOwn(customMetadata, key)) throw new KeyError(`custom metadata must have the key \`${key}\`; it has ${Object.keys(customMetadata).join(", ") || "none"}`);
    }
  }

  /**
   * Rows of metadata by file name; null for an image that has none. Of several rows for one image the last one counts.
   */
  indexCustomMetadataByFilename(customMetadata: CustomMetadata): Map<string, MetadataRow | null> {
    const rows = new Map(customMetadata.metadata.map((row) => [row.image_id, row]));
    return new Map(customMetadata.images.map(({ file_name, id }) => [file_name, rows.get(id) ?? null]));
  }

  /**
   * Stores custom metadata with the samples of the current dataset, each row as it stands.
   * Rows without image, and images that the server doesn't have, are left out with an `InvalidCustomMetadataWarning`.
   * @param options.maxWorkers requests at a time; default 8
   * @param options.onProgress called after each row
   * @throws KeyError when `images` or `metadata` is missing; RuntimeError when a row can't be stored
   * @example
   * await client.uploadCustomMetadata({
   *   images: [{ file_name: "image0.jpg", id: 0 }],
   *   metadata: [{ image_id: 0, number_of_people: 3, weather: { scenario: "cloudy", temperature: 20.3 } }],
   * });
   */
  async uploadCustomMetadata(
    customMetadata: CustomMetadata,
    options: CallOptions & { readonly maxWorkers?: number; readonly onProgress?: (progress: Progress) => void } = {},
  ): Promise<void> {
    const { maxWorkers = 8, onProgress, signal } = options;
    this.verifyCustomMetadataFormat(customMetadata);
    const nameOf = new Map(customMetadata.images.map(({ file_name, id }) => [id, file_name]));
    const datasetId = await this.currentDatasetId(signal);
    const idOf = await this.sampleIdsByFilename(signal);
    const known: { readonly row: MetadataRow; readonly sampleId: string }[] = [];
    for (const row of customMetadata.metadata) {
      const fileName = nameOf.get(row.image_id);
      const sampleId = fileName === undefined ? undefined : idOf.get(fileName);
      if (sampleId !== undefined) known.push({ row, sampleId });
      else if (fileName === undefined) this.warn(new InvalidCustomMetadataWarning(`no image has the id ${row.image_id}; its metadata is left out`));
      else this.warn(new InvalidCustomMetadataWarning(`the server has no sample ${JSON.stringify(fileName)}; its metadata is left out`));
    }
    let done = 0;
    await forEachConcurrently(
      known,
      Math.max(1, maxWorkers),
      async ({ row, sampleId }) => {
        await patiently(
          this.transport.patience,
          () => this.call(domains.samples.updateSampleById, { path: { datasetId, sampleId }, body: { customMetaData: row }, signal, retry: false }),
          signal,
        );
        done++;
        onProgress?.({ done, total: known.length });
      },
      signal,
    );
  }

  /**
   * Creates a configuration that tells the web app which custom metadata to show and how.
   * @param configs entries `{ name, path, defaultValue, valueDataType }`; the path is dotted, with array indices (`a[0].b`)
   * @returns the server's answer with the id of the configuration
   * @throws ApiError
   * @example
   * await client.createCustomMetadataConfig("weather", [
   *   { name: "Weather", path: "weather.scenario", defaultValue: "unknown", valueDataType: "CATEGORICAL_STRING" },
   * ]);
   */
  async createCustomMetadataConfig(name: string, configs: readonly ConfigurationEntry[], options: CallOptions = {}): Promise<CreateEntityResponse> {
    return this.call(domains.metadata.createMetaDataConfiguration, {
      path: { datasetId: await this.currentDatasetId(options.signal) },
      body: { name, configs: [...configs] },
      ...options,
    });
  }

  /** Ids of all samples by file name. Samples carry all that is known of them; it is passed over as it arrives. */
  protected async sampleIdsByFilename(signal: AbortSignal | undefined): Promise<Map<string, string>> {
    const datasetId = await this.currentDatasetId(signal);
    await this.compatibility();
    return patiently(
      this.transport.patience,
      async () => {
        const ids = new Map<string, string>();
        for await (const { fileName, id } of this.transport.items(domains.samples.getSamplesByDatasetId, { path: { datasetId }, signal })) ids.set(fileName, id);
        return ids;
      },
      signal,
    );
  }
}
