/** Embeddings: one vector per sample. */
import { type DatasetEmbeddingData, domains } from "@winnow/contract";
import { EmbeddingDoesNotExistError, RuntimeError } from "./errors.ts";
import { ExportMembers } from "./exports.ts";
import type { CallOptions } from "./transport.ts";

export class EmbeddingMembers extends ExportMembers {
  /**
   * Makes the newest embedding of the current dataset the one to select with.
   * @throws RuntimeError when the dataset has none
   */
  async setEmbeddingIdToLatest(options: CallOptions = {}): Promise<void> {
    const [first, ...rest] = await this.#list(options);
    if (first === undefined) throw new RuntimeError("the dataset has no embedding yet: upload one with uploadEmbeddings");
    // By time: servers list them newest first, but have not always done so.
    this.embeddingId = rest.reduce((latest, embedding) => (embedding.createdAt > latest.createdAt ? embedding : latest), first).id;
  }

  /**
   * An embedding of the current dataset.
   * @param options.ignoreSuffix take the first one whose name begins with `name`; default true
   * @throws EmbeddingDoesNotExistError
   */
  async getEmbeddingByName(name: string, { ignoreSuffix = true, signal }: CallOptions & { readonly ignoreSuffix?: boolean } = {}): Promise<DatasetEmbeddingData> {
    const found = (await this.#list({ signal })).find((embedding) => (ignoreSuffix ? embedding.name.startsWith(name) : embedding.name === name));
    if (found === undefined) throw new EmbeddingDoesNotExistError(`there is no embedding with the name ${name} on the server`);
    return found;
  }

  /**
   * Uploads an embeddings file (see the header rules in `@winnow/formats`) for all samples of the current dataset, in
   * any order; it is sent in the order of the server. If there is an embedding whose name begins with `name`, its rows
   * are put into the local file first, as {@link appendEmbeddings} does, and the time is added to the name. Then the
   * projections to two dimensions are started. The new embedding becomes the one to select with. Node only.
   *
   * The file is streamed. It is written to only when rows are appended, or when it has columns that belong to no
   * embedding: they are removed.
   * @param pathToEmbeddingsCsv the file
   * @param name name of the embedding
   * @throws RuntimeError when the header breaks the rules, there are empty rows, or columns don't match those on the
   *   server; ValueError when the rows aren't those of the dataset's samples, or a file name has a comma
   */
  async uploadEmbeddings(pathToEmbeddingsCsv: string, name: string, options: CallOptions = {}): Promise<void> {
    const { uploadEmbeddings } = await import("#node");
    const datasetId = await this.currentDatasetId(options.signal);
    await uploadEmbeddings({ client: this, transport: this.transport, datasetId, ...options }, pathToEmbeddingsCsv, name);
  }

  /**
   * Puts the rows of an embedding on the server into a local file: first the server's rows, each replaced by the local
   * row of the same file name where there is one, then the other local rows. The local file is overwritten, at once and
   * only when all went well. Node only.
   * @param pathToEmbeddingsCsv the local file
   * @param embeddingId the embedding on the server
   * @throws RuntimeError when the two have different numbers of columns
   */
  async appendEmbeddings(pathToEmbeddingsCsv: string, embeddingId: string, options: CallOptions = {}): Promise<void> {
    const { appendEmbeddings } = await import("#node");
    const datasetId = await this.currentDatasetId(options.signal);
    await appendEmbeddings({ client: this, transport: this.transport, datasetId, ...options }, pathToEmbeddingsCsv, embeddingId);
  }

  async #list({ signal }: CallOptions): Promise<DatasetEmbeddingData[]> {
    return this.call(domains.embeddings.getEmbeddingsByDatasetId, { path: { datasetId: await this.currentDatasetId(signal) }, signal });
  }
}
