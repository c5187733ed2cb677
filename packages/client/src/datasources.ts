/** Datasources: the bucket or folder behind a dataset. Secrets go to the server and never come back. */
import { type DatasourceConfig, type DatasourcePurpose, type S3Region, domains } from "@winnow/contract";
import type { Progress } from "./connection.ts";
import { CustomMetadataMembers } from "./custom-metadata.ts";
import type { CallOptions } from "./transport.ts";

/** A file of the datasource and an address from which it can be read. */
export type RawFile = [fileName: string, readUrl: string];

export interface ListingOptions extends CallOptions {
  /** Only files from then on, in seconds since the epoch, inclusive; default 0. */
  readonly from?: number;
  /** Only files up to then, in seconds since the epoch, inclusive; default now. */
  readonly to?: number;
  /** Path, from the datasource's root, of a text file with one name per line: only these files are listed. */
  readonly relevantFilenamesFileName?: string;
  /** Called after each page. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface ThumbnailOption extends CallOptions {
  /**
   * Where thumbnails are stored; `[filename]` stands for the path without extension, `[extension]` for the extension.
   * Default `.lightly/thumbnails/[filename]_thumb.[extension]`; null: none, the full images are shown instead.
   */
  readonly thumbnailSuffix?: string | null;
}

export interface DatasourceOptions extends ThumbnailOption {
  /** `INPUT` is read only, `LIGHTLY` is for what the platform writes, `INPUT_OUTPUT` (default) is both. */
  readonly purpose?: DatasourcePurpose;
}

interface Page {
  readonly hasMore: boolean;
  readonly cursor: string;
  readonly data: readonly { readonly fileName: string; readonly readUrl: string }[];
}

type PageQuery = { relevantFilenamesFileName?: string } & ({ from: number; to: number } | { cursor: string });

const THUMBNAIL_SUFFIX = ".lightly/thumbnails/[filename]_thumb.[extension]";

export class DatasourceMembers extends CustomMetadataMembers {
  /** The datasource of the current dataset. @throws ApiError when none is set */
  async getDatasource(options: CallOptions = {}): Promise<DatasourceConfig> {
    return this.call(domains.datasources.getDatasourceByDatasetId, { path: await this.#place(options), ...options });
  }

  /**
   * Sets an Azure container as datasource of the current dataset.
   * @param containerName container and path, for example `my-container/path/to/data`
   * @param accountName name of the storage account
   * @param sasToken shared access signature
   * @throws ApiError
   */
  async setAzureConfig(containerName: string, accountName: string, sasToken: string, options: DatasourceOptions = {}): Promise<void> {
    const { thumbnailSuffix = THUMBNAIL_SUFFIX, purpose = "INPUT_OUTPUT" } = options;
    await this.#set({ type: "AZURE", fullPath: containerName, thumbSuffix: thumbnailSuffix, accountName, accountKey: sasToken, purpose }, options);
  }

  /**
   * Sets a Google Cloud Storage bucket as datasource of the current dataset.
   * @param resourcePath for example `gs://my_bucket/path/to/data`
   * @param projectId id of the project
   * @param credentials content of the credentials file, JSON as text
   * @throws ApiError
   */
  async setGcsConfig(resourcePath: string, projectId: string, credentials: string, options: DatasourceOptions = {}): Promise<void> {
    const { thumbnailSuffix = THUMBNAIL_SUFFIX, purpose = "INPUT_OUTPUT" } = options;
    await this.#set({ type: "GCS", fullPath: resourcePath, thumbSuffix: thumbnailSuffix, gcsProjectId: projectId, gcsCredentials: credentials, purpose }, options);
  }

  /**
   * Sets a local file server as datasource of the current dataset; its purpose is always `INPUT_OUTPUT`.
   * @param resourcePath for example `http://localhost:1234/path/to/data`
   * @throws ApiError
   */
  async setLocalConfig(resourcePath: string, options: ThumbnailOption = {}): Promise<void> {
    const { thumbnailSuffix = THUMBNAIL_SUFFIX } = options;
    await this.#set({ type: "LOCAL", fullPath: resourcePath, thumbSuffix: thumbnailSuffix, purpose: "INPUT_OUTPUT" }, options);
  }

  /**
   * Sets an S3 bucket as datasource of the current dataset.
   * @param resourcePath for example `s3://my_bucket/path/to/data`
   * @param region for example `eu-central-1`
   * @param accessKey access key id
   * @param secretAccessKey its secret
   * @throws ApiError
   */
  async setS3Config(resourcePath: string, region: S3Region, accessKey: string, secretAccessKey: string, options: DatasourceOptions = {}): Promise<void> {
    const { thumbnailSuffix = THUMBNAIL_SUFFIX, purpose = "INPUT_OUTPUT" } = options;
    await this.#set(
      { type: "S3", fullPath: resourcePath, thumbSuffix: thumbnailSuffix, s3Region: region, s3AccessKeyId: accessKey, s3SecretAccessKey: secretAccessKey, purpose },
      options,
    );
  }

  /**
   * Sets an S3 bucket as datasource of the current dataset, by a role instead of keys.
   * @param resourcePath for example `s3://my_bucket/path/to/data`
   * @param region for example `eu-central-1`
   * @param roleArn ARN of the role
   * @param externalId external id of the role
   * @throws ApiError
   */
  async setS3DelegatedAccessConfig(resourcePath: string, region: S3Region, roleArn: string, externalId: string, options: DatasourceOptions = {}): Promise<void> {
    const { thumbnailSuffix = THUMBNAIL_SUFFIX, purpose = "INPUT_OUTPUT" } = options;
    await this.#set(
      { type: "S3DelegatedAccess", fullPath: resourcePath, thumbSuffix: thumbnailSuffix, s3Region: region, s3ARN: roleArn, s3ExternalId: externalId, purpose },
      options,
    );
  }

  /**
   * All images and videos in the datasource, with an address to read each from.
   * @throws ApiError
   */
  async downloadRawSamples(options: ListingOptions = {}): Promise<RawFile[]> {
    const path = await this.#place(options);
    return listed(options, (query) => this.call(domains.datasources.getListOfRawSamplesFromDatasourceByDatasetId, { path, query, signal: options.signal }));
  }

  /** All prediction files of a task in the datasource. @param taskName name of the prediction task @throws ApiError */
  async downloadRawPredictions(taskName: string, options: ListingOptions = {}): Promise<RawFile[]> {
    const path = await this.#place(options);
    return listed(options, (query) =>
      this.call(domains.datasources.getListOfRawSamplesPredictionsFromDatasourceByDatasetId, { path, query: { ...query, taskName }, signal: options.signal }),
    );
  }

  /** All metadata files in the datasource. @throws ApiError */
  async downloadRawMetadata(options: ListingOptions = {}): Promise<RawFile[]> {
    const path = await this.#place(options);
    return listed(options, (query) => this.call(domains.datasources.getListOfRawSamplesMetadataFromDatasourceByDatasetId, { path, query, signal: options.signal }));
  }

  /**
   * Images and videos that came into the datasource since this was called last; afterwards the time of this call is
   * stored as the one up to which all is processed.
   * @throws ApiError; then the stored time stays as it was
   */
  async downloadNewRawSamples(options: CallOptions = {}): Promise<RawFile[]> {
    const processed = await this.getProcessedUntilTimestamp(options);
    const to = Math.floor(Date.now() / 1000);
    // Both ends are inclusive; 0 means that nothing has been processed yet.
    const files = await this.downloadRawSamples({ ...options, from: processed === 0 ? 0 : processed + 1, to });
    await this.updateProcessedUntilTimestamp(to, options);
    return files;
  }

  /** Up to when the datasource has been processed, in seconds since the epoch; 0 for never. @throws ApiError */
  async getProcessedUntilTimestamp(options: CallOptions = {}): Promise<number> {
    const { processedUntilTimestamp } = await this.call(domains.datasources.getDatasourceProcessedUntilTimestampByDatasetId, { path: await this.#place(options), ...options });
    return Math.trunc(Number(processedUntilTimestamp));
  }

  /** Stores up to when the datasource has been processed. @param timestamp seconds since the epoch @throws ApiError */
  async updateProcessedUntilTimestamp(timestamp: number, options: CallOptions = {}): Promise<void> {
    await this.call(domains.datasources.updateDatasourceProcessedUntilTimestampByDatasetId, {
      path: await this.#place(options),
      body: { processedUntilTimestamp: timestamp },
      ...options,
    });
  }

  /** An address of `.lightly/predictions/{filename}`; there is one even if the file doesn't exist. @throws ApiError */
  async getPredictionReadUrl(filename: string, options: CallOptions = {}): Promise<string> {
    return this.call(domains.datasources.getPredictionFileReadUrlFromDatasourceByDatasetId, { path: await this.#place(options), query: { fileName: filename }, ...options });
  }

  /** An address of `.lightly/metadata/{filename}`; there is one even if the file doesn't exist. @throws ApiError */
  async getMetadataReadUrl(filename: string, options: CallOptions = {}): Promise<string> {
    return this.call(domains.datasources.getMetadataFileReadUrlFromDatasourceByDatasetId, { path: await this.#place(options), query: { fileName: filename }, ...options });
  }

  async #set(body: DatasourceConfig, { signal }: CallOptions): Promise<void> {
    await this.call(domains.datasources.updateDatasourceByDatasetId, { path: await this.#place({ signal }), body, signal });
  }

  async #place({ signal }: CallOptions): Promise<{ datasetId: string }> {
    return { datasetId: await this.currentDatasetId(signal) };
  }
}

async function listed(options: ListingOptions, next: (query: PageQuery) => Promise<Page>): Promise<RawFile[]> {
  const { from = 0, to = Math.floor(Date.now() / 1000), relevantFilenamesFileName, onProgress } = options;
  const relevant = relevantFilenamesFileName ? { relevantFilenamesFileName } : {};
  const files: RawFile[] = [];
  let page = await next({ from, to, ...relevant });
  for (;;) {
    for (const { fileName, readUrl } of page.data) files.push([fileName, readUrl]);
    onProgress?.({ done: files.length, total: page.hasMore ? undefined : files.length });
    if (!page.hasMore) return files;
    page = await next({ cursor: page.cursor, ...relevant });
  }
}
