import { domains } from "@winnow/client";
import type { RunConfiguration, StrategySelection } from "@winnow/contract";
import { BitMask, type Matrix, type StrategyValues } from "@winnow/curation";
import { type RunContext, RunFailure } from "../run/context.ts";
import type { Item } from "./item.ts";
import type { MetadataValues } from "./metadata.ts";
import { type Pool, findPool } from "./pool.ts";
import type { TaskPredictions } from "./predictions.ts";
import { scoresOf } from "./scores.ts";

/** Samples of another dataset that something is to be similar to. */
export interface QuerySet {
  readonly datasetId: string;
  readonly tagName: string;
  readonly pool: Pool;
  /** Ordinals in the pool. */
  readonly ordinals: readonly number[];
}

/** Finds the query sets of all SIMILARITY strategies. @throws RunFailure for a dataset or tag that isn't there, or is empty */
export async function querySetsOf(context: RunContext, selection: StrategySelection | null, embeddingName: string, dimensions: number): Promise<QuerySet[]> {
  const sets: QuerySet[] = [];
  for (const { input, strategy } of selection?.strategies ?? []) {
    if (strategy.type !== "SIMILARITY" || input.type !== "EMBEDDINGS") continue;
    const { datasetId, tagName } = input;
    if (datasetId === null || tagName === null) throw new RunFailure("SIMILARITY needs to know what to be similar to: give its input the dataset_id and tag_name of some samples.");
    if (sets.some((set) => set.datasetId === datasetId && set.tagName === tagName)) continue;
    const tags = await context.client.call(domains.tags.getTagsByDatasetId, { path: { datasetId }, signal: context.signal }).catch((error: Error) => {
      throw new RunFailure(`The dataset ${datasetId} of a SIMILARITY strategy can't be used: ${error.message}`);
    });
    const tag = tags.find(({ name }) => name === tagName);
    if (tag === undefined) throw new RunFailure(`The dataset ${datasetId} of a SIMILARITY strategy has no tag ${tagName}; it has ${tags.map(({ name }) => name).join(", ") || "none"}.`);
    const pool = await findPool(context, datasetId, embeddingName, dimensions);
    const ordinals = [...BitMask.fromHex(tag.bitMaskData, pool.names.length).ordinals()];
    if (ordinals.length === 0) throw new RunFailure(`The tag ${tagName} of a SIMILARITY strategy holds no samples.`);
    sets.push({ datasetId, tagName, pool, ordinals });
  }
  return sets;
}

export interface ValueSources {
  readonly configuration: RunConfiguration;
  /** Vectors of all rows: the pool's, the units', the query sets'. */
  readonly points: Matrix;
  /** Vectors made of the objects of a task, by its name, as wide as the points. */
  readonly objectPoints: ReadonlyMap<string, Matrix>;
  /** First row of the units, and which items each is made of. */
  readonly firstUnit: number;
  readonly items: readonly Item[];
  readonly units: readonly (readonly number[])[];
  /** What the dataset holds: rows from 0 on, as far as their predictions and metadata count too. */
  readonly pool: readonly string[];
  readonly predictions: ReadonlyMap<string, TaskPredictions>;
  readonly metadata: MetadataValues | undefined;
  /** Scores from the embeddings file, by item. */
  readonly fileScores: (column: string) => Float64Array | undefined;
  readonly querySets: readonly { readonly datasetId: string; readonly tagName: string; readonly rows: Uint32Array }[];
}

/** What each strategy looks at, by row. @throws RunFailure naming what is missing */
export function valuesOf(sources: ValueSources): (StrategyValues | undefined)[] {
  return (sources.configuration.selection?.strategies ?? []).map(({ input, strategy }) => {
    switch (input.type) {
      case "RANDOM":
        return undefined;
      case "EMBEDDINGS": {
        const points = input.task === null ? sources.points : sources.objectPoints.get(input.task);
        if (points === undefined) throw new RunFailure(`There are no embeddings of objects of the task ${input.task}.`);
        if (strategy.type !== "SIMILARITY") return { points };
        const set = sources.querySets.find(({ datasetId, tagName }) => datasetId === input.datasetId && tagName === input.tagName);
        return { points, similarTo: set!.rows };
      }
      case "SCORES":
        return { numbers: spread(sources, scoresFor(sources, input.task, input.score)) };
      case "METADATA":
        return metadataFor(sources, input.key, strategy.type === "BALANCE");
      case "PREDICTIONS": {
        const predictions = required(sources, input.task);
        const classes = predictions.task.categories.length;
        const counts = new Float32Array(sources.points.rows * classes);
        const count = (row: number, name: string, index: number | undefined) => {
          for (const one of predictions.of(name) ?? []) if (index === undefined || one.index === index) counts[row * classes + one.category]!++;
        };
        sources.pool.forEach((name, row) => count(row, name, undefined));
        eachItem(sources, (row, item) => count(row, item.crop?.parent ?? item.fileName, item.crop?.task === input.task ? item.crop.index : undefined));
        return { categories: predictions.task.categories.map(({ name }) => name), counts };
      }
    }
  });
}

/** The scores of items that a strategy, or a method, asks for. */
export function scoresFor({ configuration: { docker }, predictions, items, fileScores }: Pick<ValueSources, "configuration" | "predictions" | "items" | "fileScores">, task: string | null, score: string): Float64Array {
  if (task === null) {
    const fromFile = fileScores(score);
    if (fromFile !== undefined) return fromFile;
  }
  const name = task ?? docker.activeLearning.taskName ?? (predictions.size === 1 ? [...predictions.keys()][0]! : null);
  if (name === null) throw new RunFailure(`It isn't clear which predictions the score ${score} is to be computed from: give the strategy's input a task (there are ${[...predictions.keys()].join(", ") || "none"}).`);
  return scoresOf(required({ predictions }, name), items, score, docker.scorerConfig);
}

/** Numbers of items as numbers of rows: of a sequence the mean of those that have one. */
export function spread({ points, firstUnit, units }: Pick<ValueSources, "points" | "firstUnit" | "units">, ofItems: Float64Array): Float64Array {
  const numbers = new Float64Array(points.rows).fill(Number.NaN);
  units.forEach((unit, i) => {
    let sum = 0;
    let count = 0;
    for (const item of unit) {
      if (Number.isNaN(ofItems[item]!)) continue;
      sum += ofItems[item]!;
      count++;
    }
    if (count > 0) numbers[firstUnit + i] = sum / count;
  });
  return numbers;
}

function metadataFor(sources: ValueSources, key: string, asClasses: boolean): StrategyValues {
  const { metadata, points, pool } = sources;
  const entries = metadata?.entries ?? [];
  const entry = entries.findIndex(({ name, path }) => name === key || path === key);
  if (entry === -1) throw new RunFailure(`There is no metadata ${key}: ${entries.length === 0 ? "the datasource has no .lightly/metadata/schema.json" : `the schema has ${entries.map(({ name }) => name).join(", ")}`}.`);
  const valueOf = (item: Item) => metadata!.of(item.crop?.parent ?? item.fileName, (item.frame ?? item.crop?.parentFrame)?.video, entry);
  if (entries[entry]!.valueDataType.startsWith("NUMERIC") && !asClasses) {
    const ofItems = Float64Array.from(sources.items, (item) => Number(valueOf(item)));
    return { numbers: spread(sources, ofItems.map((value) => (Number.isFinite(value) ? value : Number.NaN))) };
  }
  const codeOf = new Map<string, number>();
  const codes = new Int32Array(points.rows).fill(-1);
  const set = (row: number, value: unknown) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    let code = codeOf.get(text);
    if (code === undefined) codeOf.set(text, (code = codeOf.size));
    codes[row] = code;
  };
  pool.forEach((name, row) => set(row, metadata!.of(name, undefined, entry)));
  // A sequence is what its first frame is.
  eachItem(sources, (row, item, first) => {
    if (first) set(row, valueOf(item));
  });
  return { categories: [...codeOf.keys()], codes };
}

function eachItem({ firstUnit, units, items }: ValueSources, visit: (row: number, item: Item, first: boolean) => void): void {
  units.forEach((unit, i) => unit.forEach((item, place) => visit(firstUnit + i, items[item]!, place === 0)));
}

function required({ predictions }: Pick<ValueSources, "predictions">, name: string): TaskPredictions {
  const found = predictions.get(name);
  if (found === undefined) throw new RunFailure(`There is no prediction task ${name}: there are ${[...predictions.keys()].join(", ") || "none"}.`);
  return found;
}
