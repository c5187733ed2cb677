/** Datasets: make, find, delete. */
import { type DatasetData, type DatasetType, domains } from "@winnow/contract";
import { Connection } from "./connection.ts";
import { ValueError } from "./errors.ts";
import type { CallOptions } from "./transport.ts";

export interface DatasetOptions extends CallOptions {
  /** `Images`, `Videos` or `Crops`; without it the server decides (ours: `Images`). */
  readonly datasetType?: DatasetType;
}

export class DatasetMembers extends Connection {
  /** Type of the current dataset (`Images`, `Videos`, `Crops`), as a promise. @throws ApiError */
  get datasetType(): Promise<DatasetType> {
    return this.currentDatasetId()
      .then((datasetId) => this.getDatasetById(datasetId))
      .then(({ type }) => type);
  }

  /** All datasets that the user has access to: the own ones, then those shared with the user. */
  async getAllDatasets(options: CallOptions = {}): Promise<DatasetData[]> {
    const own = await this.getDatasets({ ...options, shared: false });
    return own.concat(await this.getDatasets({ ...options, shared: true }));
  }

  /**
   * Makes the dataset of this name the current one; own datasets come before shared ones.
   * @throws ValueError when there is none
   */
  async setDatasetIdByName(datasetName: string, options: CallOptions = {}): Promise<void> {
    const found = (await this.getAllDatasets(options)).find(({ name }) => name === datasetName);
    if (found === undefined) throw new ValueError(`there is no dataset with the name ${datasetName} on the server; make it with createDataset`);
    this.takeDatasetId(found.id);
  }

  /**
   * Creates a dataset and makes it the current one; if there is one of that name already (own or shared), that one
   * becomes the current one instead.
   * @param datasetName at least 3 characters: letters, digits, blanks, `_` and `-`, the first a letter or digit
   * @throws ApiError when the server refuses the name
   * @example
   * await client.createDataset("street scenes", { datasetType: "Images" });
   */
  async createDataset(datasetName: string, options: DatasetOptions = {}): Promise<void> {
    try {
      await this.setDatasetIdByName(datasetName, { signal: options.signal });
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      await this.#create(datasetName, options);
    }
  }

  /**
   * Creates a dataset and makes it the current one. Is the name taken by an own dataset, `_1`, `_2`, … is added to it.
   * @throws ApiError when the server refuses the name
   */
  async createNewDatasetWithUniqueName(datasetBasename: string, options: DatasetOptions = {}): Promise<void> {
    const taken = new Set((await this.getDatasets({ signal: options.signal })).map(({ name }) => name));
    let name = datasetBasename;
    for (let counter = 1; taken.has(name); counter++) name = `${datasetBasename}_${counter}`;
    await this.#create(name, options);
  }

  /** Deletes a dataset with everything in it. Afterwards no dataset is the current one. @throws ApiError */
  async deleteDatasetById(datasetId: string, options: CallOptions = {}): Promise<void> {
    await this.call(domains.datasets.deleteDatasetById, { path: { datasetId }, ...options });
    this.takeDatasetId(undefined);
  }

  async #create(name: string, { datasetType, signal }: DatasetOptions): Promise<void> {
    const { id } = await this.call(domains.datasets.createDataset, { body: datasetType === undefined ? { name } : { name, type: datasetType }, signal });
    this.takeDatasetId(id);
  }
}
