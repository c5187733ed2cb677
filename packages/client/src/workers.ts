/** Compute workers: machines next to the data that embed and select. */
import { type DockerRunData, type DockerRunScheduledData, type DockerRunScheduledPriority, domains } from "@winnow/contract";
import { DatasourceMembers } from "./datasources.ts";
import type { CallOptions } from "./transport.ts";

/** The two parts of a run's configuration, free-form, in the worker's spelling (snake_case). */
export interface WorkerConfigOptions extends CallOptions {
  /** What to do. */
  readonly workerConfig?: Readonly<Record<string, unknown>>;
  /** Model and loader. */
  readonly lightlyConfig?: Readonly<Record<string, unknown>>;
}

export class WorkerMembers extends DatasourceMembers {
  /** Registers a compute worker. @param options.name default `Default` @returns its id @throws ApiError */
  async registerComputeWorker({ name = "Default", signal }: CallOptions & { readonly name?: string } = {}): Promise<string> {
    return (await this.call(domains.workers.registerDockerWorker, { body: { name, workerType: "FULL" }, signal })).id;
  }

  /** Ids of all compute workers of the user. @throws ApiError */
  async getComputeWorkerIds(options: CallOptions = {}): Promise<string[]> {
    return (await this.call(domains.workers.getDockerWorkerRegistryEntries, options)).map(({ id }) => id);
  }

  /** Removes a compute worker. @throws ApiError */
  async deleteComputeWorker(workerId: string, options: CallOptions = {}): Promise<void> {
    await this.call(domains.workers.deleteDockerWorkerRegistryEntryById, { path: { workerId }, ...options });
  }

  /** Creates a configuration for runs of compute workers. @returns its id @throws ApiError */
  async createComputeWorkerConfig({ workerConfig, lightlyConfig, signal }: WorkerConfigOptions = {}): Promise<string> {
    const config = {
      workerType: "FULL" as const,
      ...(workerConfig === undefined ? {} : { docker: workerConfig }),
      ...(lightlyConfig === undefined ? {} : { lightly: lightlyConfig }),
    };
    return (await this.call(domains.workers.createDockerWorkerConfig, { body: { config }, signal })).id;
  }

  /**
   * Schedules a run on the current dataset, with a new configuration.
   * @param options.priority `LOW`, `MID` (default), `HIGH` or `CRITICAL`
   * @returns id of the scheduled run
   * @throws ApiError
   */
  async scheduleComputeWorkerRun(options: WorkerConfigOptions & { readonly priority?: DockerRunScheduledPriority } = {}): Promise<string> {
    const { priority = "MID", signal } = options;
    const configId = await this.createComputeWorkerConfig(options);
    const datasetId = await this.currentDatasetId(signal);
    return (await this.call(domains.workers.createDockerRunScheduledByDatasetId, { path: { datasetId }, body: { configId, priority }, signal })).id;
  }

  /** All runs of the user. @throws ApiError */
  getComputeWorkerRuns(options: CallOptions = {}): Promise<DockerRunData[]> {
    return this.call(domains.workers.getDockerRuns, options);
  }

  /** Scheduled runs of the current dataset that are not done or cancelled. @throws ApiError */
  async getScheduledComputeWorkerRuns(options: CallOptions = {}): Promise<DockerRunScheduledData[]> {
    return this.call(domains.workers.getDockerRunsScheduledByDatasetId, { path: { datasetId: await this.currentDatasetId(options.signal) }, ...options });
  }
}
