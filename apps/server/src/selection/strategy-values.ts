import { type Matrix, type StrategyEntry, type StrategyValues, matrix } from "@winnow/curation";
import { valueAtPath } from "@winnow/formats";
import { DomainError } from "../app/errors.ts";
import { flatten } from "../columns/flatten.ts";
import { findEmbedding } from "../embeddings/store.ts";
import { loadMatrix } from "../embeddings/matrix.ts";
import { JobEndedError } from "../jobs/queue.ts";
import { readPredictions } from "../predictions/store.ts";
import { readSamples } from "../samples/store.ts";
import { findTag, maskOf } from "../tags/store.ts";
import type { Workbench } from "../threads/workbench.ts";
import { loadScores } from "./plan.ts";
import type { PlannedInput, QuerySet, StrategyPlan } from "./strategy-plan.ts";

type Planned<Kind> = PlannedInput & { readonly kind: Kind };

/**
 * What the input of each strategy holds, by ordinal; undefined for RANDOM.
 * @param points the vectors of the dataset, for those that look at them
 */
export async function loadStrategyValues(bench: Workbench, plan: StrategyPlan, size: number, points: Matrix | undefined): Promise<(StrategyValues | undefined)[]> {
  const values: (StrategyValues | undefined)[] = [];
  const metadata = await loadMetadata(bench, plan, size);
  for (const [index, input] of plan.inputs.entries()) {
    bench.signal.throwIfAborted();
    switch (input.kind) {
      case "random":
        values.push(undefined);
        break;
      case "embeddings":
        values.push({ points: points!, ...(input.querySet && { similarTo: await loadQuerySet(bench, plan, input.querySet) }) });
        break;
      case "scores":
        values.push({ numbers: await loadScores(bench.db, { ...plan, scoreType: input.scoreType }, size) });
        break;
      case "metadata":
        values.push(metadataValues(metadata.get(input)!, plan.selection.strategies[index]!, input));
        break;
      case "predictions":
        values.push(await loadCounts(bench, input, size));
    }
  }
  return values;
}

/** Ordinals where the query set is of this dataset, vectors where it is of another one. */
async function loadQuerySet({ db, blobs }: Workbench, plan: StrategyPlan, querySet: QuerySet): Promise<Uint32Array | Matrix> {
  const tag = await findTag(db, querySet.datasetId, querySet.tagId);
  if (!tag) throw new DomainError("TAG_UNKNOWN", "The tag that SIMILARITY looks for was deleted before the selection ran. Select again with another tag.");
  const ordinals = maskOf(tag).ordinals();
  if (ordinals.length === 0) throw new DomainError("BAD_REQUEST", `The tag "${tag.name}" that SIMILARITY looks for holds no samples.`);
  const embedding = await findEmbedding(db, querySet.datasetId, querySet.embeddingId);
  if (!embedding || embedding.state !== "ready") throw new JobEndedError("the embedding of the query set was deleted");
  if (ordinals.at(-1)! >= embedding.rows) throw new DomainError("EMBEDDING_ROW_COUNT_INVALID", `The embedding "${embedding.name}" has vectors for the first ${embedding.rows} samples of its dataset only, but the tag "${tag.name}" that SIMILARITY looks for holds others too.`);
  if (querySet.datasetId === plan.datasetId) return ordinals;
  const all = await loadMatrix(blobs, embedding);
  const chosen = matrix(ordinals.length, all.columns);
  ordinals.forEach((ordinal, row) => chosen.data.set(all.data.subarray(ordinal * all.columns, (ordinal + 1) * all.columns), row * all.columns));
  return chosen;
}

/** The values of all metadata that strategies look at, read in one go. Custom metadata goes before what was measured. */
async function loadMetadata({ db, signal }: Workbench, plan: StrategyPlan, size: number): Promise<Map<PlannedInput, unknown[]>> {
  const inputs = plan.inputs.filter((input): input is Planned<"metadata"> => input.kind === "metadata");
  const found = new Map<PlannedInput, unknown[]>(inputs.map((input) => [input, Array.from({ length: size })]));
  if (inputs.length === 0) return found;
  const paths = new Set<string>();
  for await (const page of readSamples(db, plan.datasetId, ["ordinal", "meta_data", "custom_meta_data"], { toOrdinal: size })) {
    signal.throwIfAborted();
    for (const row of page) {
      const custom: unknown = row.custom_meta_data === null ? undefined : JSON.parse(row.custom_meta_data);
      const measured: unknown = row.meta_data === null ? undefined : JSON.parse(row.meta_data);
      for (const input of inputs) found.get(input)![row.ordinal] = valueAtPath(custom, input.path) ?? valueAtPath(measured, input.path) ?? undefined;
      if (paths.size < pathsTold) for (const one of [custom, measured]) flatten(one, (path) => paths.size < pathsTold && paths.add(path));
    }
  }
  for (const input of inputs) {
    if (found.get(input)!.every((value) => value === undefined)) {
      throw new DomainError("BAD_REQUEST", `No sample has a value of the ${input.source}. ${paths.size === 0 ? "The samples have no metadata." : `There are values of ${[...paths].join(", ")}${paths.size === pathsTold ? " …" : ""}.`}`);
    }
    if (input.initial !== undefined) found.set(input, found.get(input)!.map((value) => value ?? input.initial));
  }
  return found;
}

const pathsTold = 30;

/** Numbers where all that is there is a number and no classes are wanted, else classes; the other things JSON has are missing values. */
function metadataValues(values: readonly unknown[], { strategy }: StrategyEntry, input: Planned<"metadata">): StrategyValues {
  const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
  const simple = values.map((value) => (isNumber(value) || typeof value === "string" || typeof value === "boolean" ? value : undefined));
  if (simple.every((value) => value === undefined)) throw new DomainError("BAD_REQUEST", `The ${input.source} holds lists or objects, by which nothing can be selected; give the path of a number, text or boolean in it.`);
  if (strategy.type !== "BALANCE" && simple.every((value) => value === undefined || typeof value === "number")) return { numbers: Float64Array.from(simple, (value) => (value as number | undefined) ?? Number.NaN) };
  // Sorted, so that the order of samples doesn't matter; what a target names is there, even where no sample has it.
  const named = strategy.type === "BALANCE" && strategy.target !== null ? Object.keys(strategy.target) : [];
  const categories = [...new Set([...simple.filter((value) => value !== undefined).map(String), ...named])].sort();
  const codes = new Map(categories.map((name, code) => [name, code]));
  return { categories, codes: Int32Array.from(simple, (value) => (value === undefined ? -1 : codes.get(String(value))!)) };
}

const samplesInPage = 2_000;

/** How often each class was predicted in each sample or, for likelihoods, how likely it is. */
async function loadCounts({ db, signal }: Workbench, input: Planned<"predictions">, size: number): Promise<StrategyValues> {
  const width = input.categories.length;
  const counts = new Float32Array(size * width);
  const places = new Map(input.categories.map(({ id }, place) => [id, place]));
  for (let from = 0; from < size; from += samplesInPage) {
    signal.throwIfAborted();
    for (const { ordinal, singletons } of await readPredictions(db, input.task, from, Math.min(size, from + samplesInPage))) {
      for (const { categoryId, probabilities } of JSON.parse(singletons) as { categoryId: number; probabilities?: number[] }[]) {
        const add = (id: number, amount: number): void => {
          const place = places.get(id);
          if (place !== undefined) counts[ordinal * width + place]! += amount;
        };
        if (input.likelihoods && probabilities !== undefined) input.order.forEach((id, at) => add(id, probabilities[at] ?? 0));
        else add(categoryId, 1);
      }
    }
    // A message that cancels gets its turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { categories: input.categories.map(({ name }) => name), counts };
}
