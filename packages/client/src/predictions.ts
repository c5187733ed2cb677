/** Predictions of models: stored with the samples by task, in versions that are told apart by a timestamp. */
import { type PredictionSingleton, type PredictionTaskSchema, type PredictionVersion, type PredictionsCreateResponse, domains } from "@winnow/contract";
import type { Progress } from "./connection.ts";
import { RuntimeError, ValueError } from "./errors.ts";
import { ImageMembers } from "./images.ts";
import { patiently } from "./patience.ts";
import type { CallOptions } from "./transport.ts";

type WithoutTask<One> = One extends unknown ? Omit<One, "taskName"> & { readonly taskName?: string } : never;

/** The predictions of one sample, named by its file name or its id. */
export interface UploadedPredictions {
  readonly fileName?: string;
  readonly sampleId?: string;
  /** `taskName` may be left out where the upload names the task. Boxes are whole pixels: x, y, width, height. */
  readonly singletons: readonly WithoutTask<PredictionSingleton>[];
}

/** Which version of the predictions is meant; the newest there is, unless given. */
export interface PredictionOptions extends CallOptions {
  /** Any number that tells versions apart; by custom milliseconds since the epoch, since the highest one is the newest. */
  readonly predictionUUIDTimestamp?: number;
}

/** Samples in a request: the server stores 10,000 at most. */
const SAMPLES_MAX = 2_000;
/** Characters in a request, roughly. */
const CHARACTERS_MAX = 8_000_000;

export class PredictionMembers extends ImageMembers {
  /**
   * Stores the schema of a prediction task. Needed before predictions of the task are uploaded.
   * @param options.predictionUUIDTimestamp the version that it belongs to; by default a new one, made of the time
   * @returns the schema's id, and the version to upload to
   * @throws ApiError, for categories that aren't unique, and for a change under predictions that are there already
   * @example
   * await client.createPredictionTaskSchema({ name: "vehicles", type: "OBJECT_DETECTION", categories: [{ id: 0, name: "car" }] });
   */
  async createPredictionTaskSchema(schema: PredictionTaskSchema, options: PredictionOptions = {}): Promise<{ id: string; predictionUUIDTimestamp: number }> {
    const { predictionUUIDTimestamp = Date.now(), signal } = options;
    const { id } = await this.call(domains.predictions.createOrUpdatePredictionTaskSchemaByDatasetId, {
      path: { datasetId: await this.currentDatasetId(signal) },
      query: { predictionUUIDTimestamp },
      body: schema,
      signal,
    });
    return { id, predictionUUIDTimestamp };
  }

  /** Schemas of the prediction tasks of a version. @throws ApiError */
  async getPredictionTasks({ predictionUUIDTimestamp, signal }: PredictionOptions = {}): Promise<PredictionTaskSchema[]> {
    return this.call(domains.predictions.getPredictionTaskSchemasByDatasetId, {
      path: { datasetId: await this.currentDatasetId(signal) },
      query: predictionUUIDTimestamp === undefined ? {} : { predictionUUIDTimestamp },
      signal,
    });
  }

  /** Versions of predictions with their tasks and how much there is of each, the newest first. @throws ApiError */
  async getPredictionVersions(options: CallOptions = {}): Promise<PredictionVersion[]> {
    return this.call(domains.predictions.getPredictionVersionsByDatasetId, { path: { datasetId: await this.currentDatasetId(options.signal) }, ...options });
  }

  /**
   * Stores predictions of samples, in place of those that a sample had of the same tasks and version. They are taken from
   * the iterable as they are sent, so their number doesn't matter; what was sent before an error stays stored.
   * @param options.task the task that all singletons are of; a sample without singletons is then known to have none
   * @param options.onProgress called after each request, with the number of samples so far
   * @returns how much was stored
   * @throws RuntimeError when there is no version yet; ValueError for a singleton without task; ApiError for what the server
   *   refuses: unknown samples, tasks and categories, with the place of the first
   * @example
   * await client.uploadPredictions([{ fileName: "a.jpg", singletons: [{ type: "OBJECT_DETECTION", categoryId: 0, score: 0.9, bbox: [10, 20, 30, 40] }] }], { task: "vehicles" });
   */
  async uploadPredictions(
    predictions: Iterable<UploadedPredictions> | AsyncIterable<UploadedPredictions>,
    options: PredictionOptions & { readonly task?: string; readonly onProgress?: (progress: Progress) => void } = {},
  ): Promise<PredictionsCreateResponse> {
    const { task, onProgress, signal } = options;
    const datasetId = await this.currentDatasetId(signal);
    const predictionUUIDTimestamp = await this.#version(options);
    const stored = { samples: 0, singletons: 0 };
    let batch: { fileName?: string; sampleId?: string; singletons: PredictionSingleton[] }[] = [];
    let characters = 0;
    const send = async () => {
      const body = { ...(task === undefined ? {} : { taskName: task }), predictions: batch };
      // Predictions replace each other, so that a request whose answer was lost may be sent again.
      const { samples, singletons } = await patiently(
        this.transport.patience,
        () => this.call(domains.predictions.createPredictionsByDatasetId, { path: { datasetId }, query: { predictionUUIDTimestamp }, body, signal, retry: false }),
        signal,
      );
      stored.samples += samples;
      stored.singletons += singletons;
      batch = [];
      characters = 0;
      onProgress?.({ done: stored.samples, total: undefined });
    };
    for await (const { fileName, sampleId, singletons } of predictions) {
      const named = singletons.map((one) => {
        const taskName = one.taskName ?? task;
        if (taskName === undefined) throw new ValueError(`a prediction of ${fileName ?? sampleId ?? "a sample"} has no taskName: give it, or the option \`task\``);
        return { ...one, taskName } as PredictionSingleton;
      });
      const size = named.reduce((sum, one) => sum + charactersOf(one), 100);
      if (batch.length >= SAMPLES_MAX || (batch.length > 0 && characters + size > CHARACTERS_MAX)) await send();
      batch.push({ ...(fileName === undefined ? {} : { fileName }), ...(sampleId === undefined ? {} : { sampleId }), singletons: named });
      characters += size;
    }
    if (batch.length > 0) await send();
    return stored;
  }

  /**
   * Predictions of all samples of the current dataset in its order, one entry for each, fetched as they are read.
   * @param task only this one; all tasks unless given
   * @throws RuntimeError when there is no version yet, ApiError
   * @example
   * for await (const { fileName, singletons } of client.getPredictions("vehicles")) console.log(fileName, singletons.length);
   */
  async *getPredictions(task?: string, options: PredictionOptions = {}): AsyncGenerator<{ fileName: string; singletons: PredictionSingleton[] }, void, undefined> {
    const { signal } = options;
    const datasetId = await this.currentDatasetId(signal);
    const predictionUUIDTimestamp = await this.#version(options);
    const names = await this.getFilenames({ signal });
    for (let pageOffset = 0; pageOffset < names.length; pageOffset += SAMPLES_MAX) {
      const query = { predictionUUIDTimestamp, pageSize: SAMPLES_MAX, pageOffset, ...(task === undefined ? {} : { taskName: task }) };
      const page = await this.call(domains.predictions.getPredictionsByDatasetId, { path: { datasetId }, query, signal });
      for (const [i, singletons] of page.entries()) {
        const fileName = names[pageOffset + i];
        if (fileName !== undefined) yield { fileName, singletons };
      }
      // A server that knows no pages has given everything.
      if (page.length > SAMPLES_MAX) return;
    }
  }

  async #version({ predictionUUIDTimestamp, signal }: PredictionOptions): Promise<number> {
    if (predictionUUIDTimestamp !== undefined) return predictionUUIDTimestamp;
    const [newest] = await this.getPredictionVersions({ signal });
    if (newest === undefined) throw new RuntimeError("the dataset has no prediction task yet: store its schema with createPredictionTaskSchema");
    return newest.predictionUUIDTimestamp;
  }
}

function charactersOf(one: PredictionSingleton): number {
  return 150 + ("segmentation" in one ? one.segmentation.length : 0) + 20 * ("probabilities" in one ? (one.probabilities?.length ?? 0) : 0);
}
