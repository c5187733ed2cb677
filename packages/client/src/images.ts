/** Images: from a folder to the server and back. */
import type { UploadInput, UploadOptions, UploadSummary } from "./node/upload-dataset.ts";
import type { DownloadOptions, DownloadSummary } from "./node/download-dataset.ts";
import { WorkerMembers } from "./workers.ts";

export class ImageMembers extends WorkerMembers {
  /**
   * Uploads images to the current dataset: what is measured of each, its thumbnail and, in mode `full`, the file itself.
   * Names that the server has already are skipped; one broken image never stops the rest. Afterwards the initial tag is
   * made, or the existing tags are told of the new samples. Memory doesn't grow with the number of files. Node only.
   *
   * @param input path of a folder (with its sub-folders), a list of files, or an iterable of `{ fileName, path }`,
   *   `{ fileName, bytes }` or `{ fileName, read }`
   * @returns counts, and for each file that failed the reason
   * @throws ValueError when there are more images than the server takes, or `input` or `mode` is none of the above;
   *   KeyError for custom metadata without `images` or `metadata`; ApiError, and ConnectionError when the server is gone
   * @example
   * const { uploaded, failed } = await client.uploadDataset("photographs", { mode: "full" });
   */
  async uploadDataset(input: UploadInput, options: UploadOptions = {}): Promise<UploadSummary> {
    const { uploadDataset } = await import("#node");
    const datasetId = await this.currentDatasetId(options.signal);
    return uploadDataset(
      {
        client: this,
        transport: this.transport,
        datasetId,
        signal: options.signal,
        warn: (warning) => this.warn(warning),
        offers: (operation) => this.offers(operation),
        sampleIdsByFilename: () => this.sampleIdsByFilename(options.signal),
      },
      input,
      options,
    );
  }

  /**
   * Downloads the images of a tag into a folder, bytes as they were uploaded (or copies them from another folder, with
   * `inputDir`). Files that are there already are skipped,
   * so that an interrupted download goes on where it was; a file appears under its name only when it is complete. File
   * names that would leave the folder are refused and reported. Node only.
   *
   * @param outputDir the folder; made if it doesn't exist
   * @returns counts, and for each file that failed the reason
   * @throws ValueError when the dataset holds no full images, or has no such tag; ApiError, ConnectionError
   * @example
   * const { downloaded, failed } = await client.downloadDataset("selected", { tagName: "first hundred" });
   */
  async downloadDataset(outputDir: string, options: DownloadOptions = {}): Promise<DownloadSummary> {
    const { downloadDataset } = await import("#node");
    const datasetId = await this.currentDatasetId(options.signal);
    return downloadDataset({ client: this, transport: this.transport, datasetId, signal: options.signal, warn: (warning) => this.warn(warning) }, outputDir, options);
  }
}
