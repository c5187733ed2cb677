/** Selection, and the scores that some methods use. */
import { type JobStatusData, type SelectionMetric, type SelectionReport, type TagData, domains } from "@winnow/contract";
import { EmbeddingMembers } from "./embeddings.ts";
import { RuntimeError, ValueError } from "./errors.ts";
import { type SelectionConfig, timeInName } from "./selection-config.ts";
import { type StrategySelectionConfig, checkStrategySelection } from "./strategy-selection.ts";
import { freeTagName, initialTagOf, requireFreeTagName } from "./tags.ts";
import type { CallOptions } from "./transport.ts";
import { wait } from "./waiting.ts";

export interface SelectionOptions extends CallOptions {
  /** Samples that are chosen already (labelled, for example); the new tag holds them too. Default: none. */
  readonly preselectedTagId?: string;
  /** Samples to choose from. Default: all. */
  readonly queryTagId?: string;
  /** Called whenever the server has told how far it is. */
  readonly onProgress?: (job: JobStatusData) => void;
}

export interface StrategySelectionOptions extends SelectionOptions {
  /** Name of the new tag; default made of the local time, and a number where that is taken. */
  readonly name?: string;
  /** How distance between embeddings is measured, for all strategies. Default `euclidean`. */
  readonly metric?: SelectionMetric;
  /** For RANDOM inputs without a seed of their own. Default 0. */
  readonly seed?: number;
  /** Which version of predictions to use. Default: of each task the newest. */
  readonly predictionUUIDTimestamp?: number;
}

/** Failed polls after which a selection is given up, as the protocol's clients do. */
const FAILED_POLLS_MAX = 20;
/** Some servers answer 0 seconds. */
const PAUSE_S_MIN = 0.1;

export class SelectionMembers extends EmbeddingMembers {
  /** Seconds before a selection is asked about for the first time; afterwards the server says how long to wait. */
  waitTimeTillNextPoll = 1;

  /**
   * Selects samples into a new tag and waits until that is done. Without {@link embeddingId} the newest embedding is
   * used. Cancelling stops the waiting; the server may still finish the tag.
   * @returns the new tag
   * @throws RuntimeError when the tag's name is taken, the dataset has no tag yet, or the selection failed; ApiError
   * @example
   * const tag = await client.selection(new SelectionConfig({ method: "CORESET", nSamples: 100 }));
   * const names = await client.getFilenamesInTag(tag);
   */
  async selection(selectionConfig: SelectionConfig, options: SelectionOptions = {}): Promise<TagData> {
    const { preselectedTagId, queryTagId, onProgress, signal } = options;
    requireFreeTagName(selectionConfig.name, await this.getAllTags({ signal }));
    if (this.embeddingId === undefined) await this.setEmbeddingIdToLatest({ signal });
    const [anyTag] = await this.getAllTags({ signal });
    const { name, method, nSamples, minDistance, scoreType, seed } = selectionConfig;
    const { jobId } = await this.call(domains.selection.triggerSamplingById, {
      path: { datasetId: await this.currentDatasetId(signal), embeddingId: this.embeddingId! },
      body: {
        newTagName: name,
        method,
        config: { stoppingCondition: { nSamples, minDistance } },
        ...(preselectedTagId === undefined ? {} : { preselectedTagId }),
        ...(queryTagId === undefined ? {} : { queryTagId }),
        ...(anyTag === undefined ? {} : { rowCount: anyTag.totSize }),
        ...(scoreType === undefined ? {} : { scoreType }),
        ...(seed === undefined ? {} : { seed }),
      },
      signal,
    });
    return this.#tagOf(jobId, onProgress, signal);
  }

  /**
   * Selects samples into a new tag by any number of strategies at once: diversity of embeddings, scores, metadata,
   * predictions, likeness to other samples. Without {@link embeddingId} the newest embedding is used. An addition of ours,
   * for servers that have it. Cancelling stops the server too.
   * @param config keys in camelCase or snake_case
   * @returns the new tag; {@link getSelectionReport} says why each was picked
   * @throws ValueError for a configuration that can't be right, before anything is sent; RuntimeError and ApiError as
   *   {@link selection}
   * @example
   * const tag = await client.selectByStrategies({
   *   nSamples: 100,
   *   strategies: [
   *     { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } },
   *     { input: { type: "METADATA", key: "weather" }, strategy: { type: "BALANCE", distribution: "UNIFORM", strength: 0.5 } },
   *   ],
   * });
   */
  async selectByStrategies(config: StrategySelectionConfig | object, options: StrategySelectionOptions = {}): Promise<TagData> {
    const { preselectedTagId, queryTagId, metric, seed, predictionUUIDTimestamp, onProgress, signal } = options;
    checkStrategySelection(config);
    const tags = await this.getAllTags({ signal });
    const name = options.name ?? freeTagName(`STRATEGIES_${timeInName(new Date())}`, tags);
    requireFreeTagName(name, tags);
    if (this.embeddingId === undefined) await this.setEmbeddingIdToLatest({ signal });
    const { jobId } = await this.call(domains.selection.triggerStrategySelectionById, {
      path: { datasetId: await this.currentDatasetId(signal), embeddingId: this.embeddingId! },
      body: {
        newTagName: name,
        selection: config as Record<string, unknown>,
        ...(preselectedTagId === undefined ? {} : { preselectedTagId }),
        ...(queryTagId === undefined ? {} : { queryTagId }),
        ...(metric === undefined ? {} : { metric }),
        ...(seed === undefined ? {} : { seed }),
        ...(predictionUUIDTimestamp === undefined ? {} : { predictionUUIDTimestamp }),
      },
      signal,
    });
    try {
      return await this.#tagOf(jobId, onProgress, signal);
    } catch (error) {
      // Nobody waits for the tag any more. Where the job has just ended there is nothing to cancel.
      if (signal?.aborted) await this.call(domains.jobs.cancelJobById, { path: { jobId }, retry: false }).catch(() => undefined);
      throw error;
    }
  }

  /**
   * How a tag was selected: its picks in order with the reason for each, why it stopped, and configuration, seed and hash of
   * the input: enough to do it again and get the same. An addition of ours.
   * @throws ApiError with the code NOT_FOUND when the tag was not made by a selection
   */
  async getSelectionReport(tagId: string, options: CallOptions = {}): Promise<SelectionReport> {
    return this.call(domains.selection.getSelectionReportByTagId, { path: { datasetId: await this.currentDatasetId(options.signal), tagId }, ...options });
  }

  /** The earlier name of {@link selection}. */
  sampling(selectionConfig: SelectionConfig, options: SelectionOptions = {}): Promise<TagData> {
    return this.selection(selectionConfig, options);
  }

  /**
   * Stores active-learning scores.
   * @param alScores by type, one finite number per sample of the tag, in the order of ordinals
   * @param options.queryTagId the tag that the scores belong to; default the initial tag
   * @throws ValueError for a score that isn't finite, RuntimeError when the dataset has no initial tag, ApiError
   * @example
   * await client.uploadScores({ uncertainty_margin: margins });
   */
  async uploadScores(alScores: Readonly<Record<string, ArrayLike<number>>>, options: CallOptions & { readonly queryTagId?: string } = {}): Promise<void> {
    const { signal } = options;
    for (const [scoreType, values] of Object.entries(alScores)) {
      for (let at = 0; at < values.length; at++) {
        // JSON has no NaN: it would arrive as null.
        if (!Number.isFinite(values[at])) throw new ValueError(`score ${at} of ${scoreType} is ${values[at]}; scores must be finite numbers`);
      }
    }
    const tags = await this.getAllTags({ signal });
    const tagId = options.queryTagId ?? initialTagOf(tags).id;
    const datasetId = await this.currentDatasetId(signal);
    for (const [scoreType, values] of Object.entries(alScores)) {
      await this.call(domains.scores.createOrUpdateActiveLearningScoreByTagId, { path: { datasetId, tagId }, body: { scoreType, scores: Array.from(values) }, signal });
    }
  }

  /** The tag that a selection's job makes, when it is done. */
  async #tagOf(jobId: string, onProgress: SelectionOptions["onProgress"], signal: AbortSignal | undefined): Promise<TagData> {
    const job = await this.#finished(jobId, onProgress, signal);
    if (job.status === "FAILED") throw new RuntimeError(`the selection (job ${jobId}) failed: ${job.error ?? "the server gave no reason"}`);
    const tagId = job.result?.data;
    if (typeof tagId !== "string") throw new RuntimeError(`the selection (job ${jobId}) ended without a tag`);
    return this.getTagById(tagId, { signal });
  }

  async #finished(jobId: string, onProgress: SelectionOptions["onProgress"], signal: AbortSignal | undefined): Promise<JobStatusData> {
    let pause = this.waitTimeTillNextPoll;
    let failures = 0;
    for (;;) {
      await wait(pause * 1000, signal);
      let job: JobStatusData;
      try {
        // One attempt: this loop is the repetition.
        job = await this.call(domains.jobs.getJobStatusById, { path: { jobId }, signal, retry: false });
      } catch (error) {
        signal?.throwIfAborted();
        if (++failures >= FAILED_POLLS_MAX) throw error;
        continue;
      }
      pause = Math.max(PAUSE_S_MIN, Number(job.waitTimeTillNextPoll) || 0);
      onProgress?.(job);
      if (job.status !== "RUNNING" && job.status !== "WAITING" && job.status !== "UNKNOWN") return job;
    }
  }
}
