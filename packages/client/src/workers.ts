/** Compute workers: machines next to the data that embed and select. */
import { type DockerRunData, type DockerRunScheduledData, type DockerRunScheduledPriority, domains } from "@winnow/contract";
import { DatasourceMembers } from "./datasources.ts";
import { type FollowRunOptions, type RunEvent, followRun } from "./follow-run.ts";
import type { CallOptions } from "./transport.ts";

/**
 * The parts of a run's configuration, keys in snake_case or camelCase. Python's `1.0` can't be written here: a whole
 * `n_samples` is a count.
 */
export interface WorkerConfigOptions extends CallOptions {
  /** What to do. */
  readonly workerConfig?: Readonly<Record<string, unknown>>;
  /** Model and loader. */
  readonly lightlyConfig?: Readonly<Record<string, unknown>>;
  /** Select by strategies: `{ n_samples, strategies: [{ input, strategy }] }`, in the place of `method` and `stopping_condition`. */
  readonly selectionConfig?: Readonly<Record<string, unknown>>;
}

export interface ScheduleRunOptions extends WorkerConfigOptions {
  /** `LOW`, `MID` (default), `HIGH` or `CRITICAL`. */
  readonly priority?: DockerRunScheduledPriority;
  /** Labels that the worker must have, all of them; default: any worker. */
  readonly runsOn?: readonly string[];
}

export class WorkerMembers extends DatasourceMembers {
  /**
   * Registers a compute worker, or finds the one of that name.
   * @param options.name default `Default`
   * @param options.labels what `runsOn` of runs may ask for; they replace those that it had
   * @returns its id
   * @throws ApiError
   */
  async registerComputeWorker({ name = "Default", labels, signal }: CallOptions & { readonly name?: string; readonly labels?: readonly string[] } = {}): Promise<string> {
    return (await this.call(domains.workers.registerDockerWorker, { body: { name, workerType: "FULL", ...(labels === undefined ? {} : { labels: [...labels] }) }, signal })).id;
  }

  /** Ids of all compute workers of the user. @throws ApiError */
  async getComputeWorkerIds(options: CallOptions = {}): Promise<string[]> {
    return (await this.call(domains.workers.getDockerWorkerRegistryEntries, options)).map(({ id }) => id);
  }

  /** Removes a compute worker. @throws ApiError */
  async deleteComputeWorker(workerId: string, options: CallOptions = {}): Promise<void> {
    await this.call(domains.workers.deleteDockerWorkerRegistryEntryById, { path: { workerId }, ...options });
  }

  /** Creates a configuration for runs of compute workers. @returns its id @throws ApiError that names every key that is wrong */
  async createComputeWorkerConfig({ workerConfig, lightlyConfig, selectionConfig, signal }: WorkerConfigOptions = {}): Promise<string> {
    const config = {
      workerType: "FULL" as const,
      ...(workerConfig === undefined ? {} : { docker: workerConfig }),
      ...(lightlyConfig === undefined ? {} : { lightly: lightlyConfig }),
      ...(selectionConfig === undefined ? {} : { selection: selectionConfig }),
    };
    return (await this.call(domains.workers.createDockerWorkerConfig, { body: { config }, signal })).id;
  }

  /**
   * Schedules a run on the current dataset, with a new configuration.
   * @returns id of the scheduled run, for {@link followComputeWorkerRun}
   * @throws ApiError
   */
  async scheduleComputeWorkerRun(options: ScheduleRunOptions = {}): Promise<string> {
    const { priority = "MID", runsOn, signal } = options;
    const configId = await this.createComputeWorkerConfig(options);
    const datasetId = await this.currentDatasetId(signal);
    return (await this.call(domains.workers.createDockerRunScheduledByDatasetId, { path: { datasetId }, body: { configId, priority, ...(runsOn === undefined ? {} : { runsOn: [...runsOn] }) }, signal })).id;
  }

  /** All runs of the user. @throws ApiError */
  getComputeWorkerRuns(options: CallOptions = {}): Promise<DockerRunData[]> {
    return this.call(domains.workers.getDockerRuns, options);
  }

  /** Scheduled runs of the current dataset that are not done or cancelled. @throws ApiError */
  async getScheduledComputeWorkerRuns(options: CallOptions = {}): Promise<DockerRunScheduledData[]> {
    return this.call(domains.workers.getDockerRunsScheduledByDatasetId, { path: { datasetId: await this.currentDatasetId(options.signal) }, ...options });
  }

  /**
   * Follows a scheduled run of the current dataset until it ends: that it waits or has been taken, each state with what
   * the worker says, how far it is, and the end, which is the last event. A server that is away for a while is waited for.
   * Leaving the loop, or the signal, ends the following and not the run.
   * @throws ApiError, RuntimeError when there is no such scheduled run, ConnectionError
   * @example
   * const scheduledId = await client.scheduleComputeWorkerRun({ workerConfig: { stopping_condition: { n_samples: 100 } } });
   * for await (const event of client.followComputeWorkerRun(scheduledId)) console.log(event);
   */
  async *followComputeWorkerRun(scheduledId: string, options: FollowRunOptions = {}): AsyncGenerator<RunEvent, void, undefined> {
    const datasetId = await this.currentDatasetId(options.signal);
    yield* followRun((operation, request) => this.call(operation, request), datasetId, scheduledId, options);
  }

  /** Cancels a scheduled run of the current dataset that no worker has taken yet. @throws ApiError (409) once one has: abort the run then */
  async cancelScheduledRun(scheduledId: string, options: CallOptions = {}): Promise<void> {
    await this.call(domains.workers.cancelScheduledDockerRunStateById, { path: { datasetId: await this.currentDatasetId(options.signal), scheduledId }, ...options });
  }

  /**
   * Aborts a run; its worker stops within seconds.
   * @param options.message what the run says of its end; default: that it was aborted
   * @throws ApiError (409) when it has ended already
   */
  async abortRun(runId: string, { message = "The run was aborted.", signal }: CallOptions & { readonly message?: string } = {}): Promise<void> {
    await this.call(domains.workers.updateDockerRunById, { path: { runId }, body: { state: "ABORTED", message }, signal });
  }

  /** The report of a run, a PDF. @throws ApiError (404) when it has none */
  async getRunReport(runId: string, options: CallOptions = {}): Promise<Uint8Array> {
    const { body } = await this.transport.download(await this.getRunReportReadUrl(runId, options), options);
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    const bytes = new Uint8Array(chunks.reduce((size, { length }) => size + length, 0));
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  /** The report of a run as a page: HTML that needs nothing else and runs nothing. @throws ApiError (404) when it has none */
  async getRunReportPage(runId: string, options: CallOptions = {}): Promise<string> {
    const { body } = await this.transport.download(await this.getRunReportPageReadUrl(runId, options), options);
    const decoder = new TextDecoder();
    let page = "";
    for await (const chunk of body) page += decoder.decode(chunk, { stream: true });
    return page + decoder.decode();
  }

  /** An address at which a browser shows the report of a run without a token, for a while. @throws ApiError (404) when it has none */
  getRunReportPageReadUrl(runId: string, options: CallOptions = {}): Promise<string> {
    return this.call(domains.workers.getRunReportPageReadUrlById, { path: { runId }, ...options });
  }

  /** An address at which the report of a run can be read without a token, for a while. @throws ApiError (404) when it has none */
  getRunReportReadUrl(runId: string, options: CallOptions = {}): Promise<string> {
    return this.call(domains.workers.getDockerRunReportReadUrlById, { path: { runId }, ...options });
  }
}
