/** What a selection by strategies is to do: names looked up and checked when it is asked for, values read by the job. */
import type { StrategySelectionCreateRequest } from "@winnow/contract";
import { strategyConfiguration, type StrategyConfiguration, type StrategyEntry, type StrategyInput } from "@winnow/curation";
import { parseValuePath } from "@winnow/formats";
import type { User } from "../accounts/user.ts";
import { DomainError } from "../app/errors.ts";
import { isStorable } from "../app/storable.ts";
import { requireDataset } from "../datasets/access.ts";
import type { Database } from "../db/database.ts";
import type { DatasetTable, EmbeddingTable, PredictionTaskTable } from "../db/schema.ts";
import { listEmbeddings } from "../embeddings/store.ts";
import { findConfiguration } from "../metadata/store.ts";
import { findNewestTask, findTask } from "../predictions/store.ts";
import { listScores } from "../scores/store.ts";
import { findTagByName } from "../tags/store.ts";
import { requireTags, scoredTags, type WithOrWithoutName } from "./plan.ts";

export interface StrategyPlan {
  readonly datasetId: string;
  readonly embeddingId: string;
  /** Absent: the picks become a draft. */
  readonly newTagName?: string;
  readonly selection: StrategyConfiguration;
  /** Where the values of each strategy come from, in their order. */
  readonly inputs: readonly PlannedInput[];
  readonly metric: "euclidean" | "cosine";
  readonly preselectedTagId?: string;
  readonly queryTagId?: string;
  readonly seed: number;
}

/** `source` says it in words. */
export type PlannedInput = { readonly source: string } & (
  | { readonly kind: "random" }
  | { readonly kind: "embeddings"; readonly querySet?: QuerySet }
  | { readonly kind: "scores"; readonly scoreType: string }
  /** `initial` stands where a sample has no value. */
  | { readonly kind: "metadata"; readonly path: readonly (string | number)[]; readonly initial?: unknown }
  /** `categories`: the classes to count, all of the task or those that matter; `likelihoods`: probabilities count where there are any. */
  | { readonly kind: "predictions"; readonly task: number; readonly categories: readonly Category[]; readonly order: readonly number[]; readonly likelihoods: boolean }
);

/** The samples that SIMILARITY looks for. */
export interface QuerySet {
  readonly datasetId: string;
  readonly embeddingId: string;
  readonly tagId: string;
}

interface Category {
  readonly id: number;
  readonly name: string;
}

/** Counts that are kept of predictions at most: half a gigabyte. */
const countsMax = 2 ** 27;

/** @throws DomainError naming the place in the request and what can't be done */
export async function planStrategySelection(db: Database, user: User, dataset: DatasetTable, embedding: EmbeddingTable, request: WithOrWithoutName<StrategySelectionCreateRequest>): Promise<StrategyPlan> {
  const selection = understood(request.selection);
  await requireTags(db, dataset, request);
  const queryTagId = request.queryTagId ?? undefined;
  const lookUp = new LookUp(db, user, dataset, embedding, queryTagId, request.predictionUUIDTimestamp ?? undefined);
  const inputs: PlannedInput[] = [];
  for (const [index, entry] of selection.strategies.entries()) inputs.push(await lookUp.input(entry, `selection.strategies[${index}].input`));
  return {
    datasetId: dataset.id,
    embeddingId: embedding.id,
    newTagName: request.newTagName,
    selection,
    inputs,
    metric: request.metric ?? "euclidean",
    preselectedTagId: request.preselectedTagId ?? undefined,
    queryTagId,
    seed: request.seed ?? 0,
  };
}

function understood(selection: unknown): StrategyConfiguration {
  try {
    return strategyConfiguration(selection);
  } catch (error) {
    if (error instanceof RangeError) throw new DomainError("BAD_REQUEST", error.message);
    throw error;
  }
}

class LookUp {
  constructor(
    readonly db: Database,
    readonly user: User,
    readonly dataset: DatasetTable,
    readonly embedding: EmbeddingTable,
    readonly queryTagId: string | undefined,
    readonly timestamp: number | undefined,
  ) {}

  input(entry: StrategyEntry, path: string): PlannedInput | Promise<PlannedInput> {
    const { input } = entry;
    switch (input.type) {
      case "RANDOM":
        return { kind: "random", source: "random numbers" };
      case "EMBEDDINGS":
        return this.#embeddings(input, entry.strategy.type === "SIMILARITY", path);
      case "SCORES":
        return this.#scores(input, path);
      case "METADATA":
        return this.#metadata(input, path);
      case "PREDICTIONS":
        return this.#predictions(entry, input, path);
    }
  }

  async #embeddings(input: StrategyInput & { type: "EMBEDDINGS" }, similarity: boolean, path: string): Promise<PlannedInput> {
    if (input.task !== null) {
      throw new DomainError("BAD_REQUEST", `"${path}.task": an embedding has one vector for each sample, so the objects of ${JSON.stringify(input.task)} can't be selected by in a dataset of whole images. Select in the dataset of their crops, where each object is a sample.`);
    }
    const source = `embedding "${this.embedding.name}"`;
    if (!similarity) {
      const superfluous = input.tagName !== null ? "tagName" : input.datasetId !== null ? "datasetId" : undefined;
      if (superfluous !== undefined) throw new DomainError("BAD_REQUEST", `"${path}.${superfluous}" names a query set, which only SIMILARITY looks at.`);
      return { kind: "embeddings", source };
    }
    if (input.tagName === null) throw new DomainError("BAD_REQUEST", `"${path}.tagName" is missing: SIMILARITY looks for what is like the samples of a tag.`);
    const here = input.datasetId === null || input.datasetId === this.dataset.id;
    const { row } = here ? { row: this.dataset } : await requireDataset(this.db, this.user, input.datasetId!, "viewer");
    const tag = isStorable(input.tagName) ? await findTagByName(this.db, row.id, input.tagName) : undefined;
    if (!tag) throw new DomainError("TAG_UNKNOWN", `"${path}.tagName": the dataset "${row.name}" has no tag ${JSON.stringify(input.tagName.slice(0, 255))}.`, { status: 400 });
    const embedding = here ? this.embedding : await this.#comparable(row, path);
    const where = here ? `the tag "${input.tagName}"` : `the tag "${input.tagName}" of "${row.name}" (its embedding "${embedding.name}")`;
    return { kind: "embeddings", querySet: { datasetId: row.id, embeddingId: embedding.id, tagId: tag.id }, source: `${source}, compared with ${where}` };
  }

  /** The embedding of another dataset that vectors of this one can be compared with: of the same name and width. */
  async #comparable(row: DatasetTable, path: string): Promise<EmbeddingTable> {
    const { name, columns } = this.embedding;
    const all = await listEmbeddings(this.db, row.id);
    const found = all.find((one) => one.name === name && one.columns === columns);
    if (found) return found;
    const others = all.map((one) => `"${one.name}" with ${one.columns} columns`).join(", ") || "none";
    throw new DomainError("EMBEDDING_UNKNOWN", `"${path}.datasetId": the dataset "${row.name}" needs an embedding "${name}" with ${columns} columns, made by the same model, to be compared with; it has ${others}.`, { status: 400 });
  }

  async #scores({ task, score }: StrategyInput & { type: "SCORES" }, path: string): Promise<PlannedInput> {
    const tags = await scoredTags(this.db, { datasetId: this.dataset.id, queryTagId: this.queryTagId });
    const types = new Set<string>();
    for (const tag of tags) for (const one of await listScores(this.db, tag.id)) types.add(one.score_type);
    const wanted = task === null ? [score] : [`${task}/${score}`, score];
    const scoreType = wanted.find((type) => types.has(type));
    if (scoreType !== undefined) return { kind: "scores", scoreType, source: `scores "${scoreType}"` };
    const has = types.size === 0 ? "there are no scores yet" : `there are ${[...types].map((type) => `"${type}"`).join(", ")}`;
    throw new DomainError("TAG_NO_SCORES_AVAILABLE", `"${path}.score": there are no scores of type ${wanted.map((type) => `"${type}"`).join(" or ")} for the samples to choose from; ${has}. Upload them first.`);
  }

  async #metadata({ key }: StrategyInput & { type: "METADATA" }, path: string): Promise<PlannedInput> {
    const id = this.dataset.meta_data_configuration_id;
    const configured = id === null ? undefined : await findConfiguration(this.db, this.dataset.id, id);
    const entries = configured === undefined ? [] : (JSON.parse(configured.configs) as { name: string; path: string; defaultValue: unknown }[]);
    const entry = entries.find(({ name }) => name === key) ?? entries.find((one) => one.path === key);
    const at = entry?.path ?? key;
    try {
      const steps = parseValuePath(at);
      return { kind: "metadata", path: steps, source: `metadata ${at}`, ...(entry === undefined ? {} : { initial: entry.defaultValue }) };
    } catch (error) {
      if (error instanceof RangeError) throw new DomainError("BAD_REQUEST", `"${path}.key": ${error.message}.`);
      throw error;
    }
  }

  async #predictions({ strategy }: StrategyEntry, input: StrategyInput & { type: "PREDICTIONS" }, path: string): Promise<PlannedInput> {
    const { task: name, categories } = input;
    const task = !isStorable(name) ? undefined : this.timestamp === undefined ? await findNewestTask(this.db, this.dataset.id, name) : await findTask(this.db, this.dataset.id, this.timestamp, name);
    if (!task) {
      const version = this.timestamp === undefined ? "" : ` under the predictionUUIDTimestamp ${this.timestamp}`;
      throw new DomainError("PREDICTION_TASK_SCHEMA_UNKNOWN", `"${path}.task": the dataset has no predictions of a task ${JSON.stringify(name.slice(0, 255))}${version}. Upload them first.`, { status: 400 });
    }
    const all = categoriesOf(task);
    const targets = strategy.type === "BALANCE" && strategy.target !== null ? Object.keys(strategy.target) : [];
    for (const [place, names] of [[`${path}.categories`, categories ?? []], [`${path.replace(/input$/, "strategy")}.target`, targets]] as const) {
      const unknown = names.find((one) => !all.some((category) => category.name === one));
      if (unknown !== undefined) throw new DomainError("BAD_REQUEST", `"${place}": the task "${name}" has no category ${JSON.stringify(unknown.slice(0, 255))}; it has ${listed(all.map((category) => category.name))}.`);
    }
    const counted = categories === null ? all : all.filter((category) => categories.includes(category.name) || targets.includes(category.name));
    if (counted.length * this.dataset.n_samples > countsMax) {
      throw new DomainError("BAD_REQUEST", `"${path}.categories": ${counted.length} categories of ${this.dataset.n_samples} samples are more than can be counted at once; name at most ${Math.floor(countsMax / this.dataset.n_samples)} that matter.`);
    }
    return {
      kind: "predictions",
      task: task.number,
      categories: counted,
      order: all.map(({ id }) => id),
      likelihoods: input.name === "CLASS_DISTRIBUTION" && task.type === "CLASSIFICATION",
      source: `predictions of "${name}", version ${task.timestamp}`,
    };
  }
}

/** By id, which is the order of probabilities. */
function categoriesOf(task: PredictionTaskTable): Category[] {
  return (JSON.parse(task.categories) as Category[]).sort((a, b) => a.id - b.id);
}

function listed(names: readonly string[]): string {
  const some = names.slice(0, 20).join(", ");
  return names.length > 20 ? `${some} and ${names.length - 20} more` : some || "none";
}
