import { readFileSync } from "node:fs";
import type { Selection, SelectionMethod, SelectionRequest, StrategySelection } from "@winnow/curation";
import { command } from "../command.ts";
import * as flags from "../flags.ts";
import { readable, writable } from "../files/places.ts";
import { writeWhole } from "../files/write-whole.ts";
import type { Io } from "../io.ts";
import { Problem, UsageError } from "../problems.ts";
import { explanation } from "../select/explanation.ts";
import type { Table } from "../select/table.ts";

const METHODS = ["coreset", "random", "coral", "active_learning"] as const;

export const select = command({
  name: "select",
  group: "Curate on this machine",
  summary: "select the samples of an embeddings file that are worth labelling, without a server",
  arguments: [{ name: "EMBEDDINGS", summary: "file with one vector per sample: .csv (as Winnow uploads it), .npy or .parquet", completes: "file" }],
  flags: {
    n: { value: "N", summary: "how many, the preselected counted: a count such as 100, or a share such as 0.1 or 10%", parse: parseAmount },
    minDistance: { value: "D", summary: "stop when all that is left is nearer than this to a chosen one", parse: parseDistance },
    method: { value: "M", choices: METHODS, summary: "coreset (the most different ones; default), random, coral (different and of high score) or active_learning (highest scores)", parse: parseMethod },
    metric: { value: "M", choices: ["euclidean", "cosine"], initial: "euclidean", summary: "how distance is measured: euclidean or cosine", parse: parseMetric },
    preselected: { value: "FILE", summary: "names of samples that are chosen already, one per line" },
    scores: { value: "FILE.csv", summary: "scores: a column filenames, and one or more others" },
    score: { value: "NAME", summary: "which column of --scores to use, when there are several" },
    strategies: { value: "FILE.json", summary: "select by strategies together instead of by a method" },
    similarTo: { value: "FILE", summary: "embeddings of what the strategy SIMILARITY looks for: .csv, .npy or .parquet" },
    names: { value: "FILE", summary: "names of the rows of an .npy or .parquet file without names, one per line; without it the row numbers from 0" },
    seed: { value: "S", initial: 0, summary: "number that random choices are drawn from", parse: parseSeed },
    out: { value: "FILE", summary: "write the names of the selected there, one per line, in order of picking; else they are printed" },
    explain: { value: "FILE.json", summary: "write there why each was picked, and what it takes to repeat the run" },
    json: flags.json,
  },
  notes: `The same files and options give the same selection on every machine. The first N lines of a longer selection are
the selection of N.

The file of --strategies holds {"n_samples": …, "strategies": [{"input": …, "strategy": …}]}, in snake_case or
camelCase; --n may stand in for n_samples. Its inputs are the columns of --scores: a SCORES input the column named like
its score, a METADATA input the one named like its key, PREDICTIONS the columns TASK/CLASS with the number of objects.

In a .parquet file the vectors are a column of lists, or the columns embedding_0, embedding_1, …, or all columns of
floating point numbers; the names are the column filenames, file_name, path, name or id, or the only one of text.

The file of --explain holds the picks with their reasons, and beside them what the run was given: the configuration as
it was understood, the names of the files, the names of the preselected, and a hash over all that the files held.
Numbers that JSON doesn't have are null.`,
  examples: [
    "winnow select embeddings.csv --n 100 --out chosen.txt",
    "winnow select embeddings.npy --names names.txt --n 10% --preselected labelled.txt --out chosen.txt",
    "winnow select embeddings.csv --n 100 --method coral --scores scores.csv --explain why.json --out chosen.txt",
    "winnow select embeddings.csv --strategies strategies.json --scores metadata.csv --out chosen.txt",
  ],
  async run({ flags: given, arguments: [path] }, io) {
    if (given.strategies !== undefined && (given.method !== undefined || given.minDistance !== undefined)) {
      throw new UsageError("--strategies goes without --method and --min-distance: a DIVERSITY strategy says both.");
    }
    if (given.strategies === undefined && given.n === undefined && given.minDistance === undefined) throw new UsageError("give --n, --min-distance or both: a selection needs a condition to stop at.");
    if (given.scores === undefined && (given.method === "coral" || given.method === "active_learning")) throw new UsageError(`--method ${given.method} needs --scores.`);
    const input = (file: string): string => readable(io.cwd, file);
    const { strategyValues } = await import("../select/strategy-values.ts");
    const { readTable } = await import("../select/table.ts");
    const { readNamedVectors, readNames, readVectors } = await import("../select/vectors.ts");
    // What can be known to go wrong goes wrong before any work.
    const out = given.out === undefined ? undefined : writable(io.cwd, given.out, "--out");
    const explain = given.explain === undefined ? undefined : writable(io.cwd, given.explain, "--explain");
    const strategies = given.strategies === undefined ? undefined : readJson(input(given.strategies));
    const source = input(path!);
    const { points, names } = await readNamedVectors(source, given.names === undefined ? undefined : input(given.names), io.stop);
    const table = given.scores === undefined ? undefined : await readTable(input(given.scores), names);
    const preselected = given.preselected === undefined ? new Uint32Array() : ordinalsOf(await readNames(input(given.preselected)), names, given.preselected);
    const about = { size: points.rows, preselected, metric: given.metric, seed: given.seed, signal: io.stop, onProgress: showing(io) };

    let result: Selection | StrategySelection;
    if (strategies === undefined) {
      const method = (given.method ?? "coreset").toUpperCase() as SelectionMethod;
      const scores = method === "CORAL" || method === "ACTIVE_LEARNING" ? await scoresOf(table!, given.score) : undefined;
      const request: SelectionRequest = { ...about, method, points, scores, nSamples: given.n === undefined ? undefined : amountOf(given.n, points.rows), minDistance: given.minDistance };
      const { selectSamples } = await import("@winnow/curation");
      result = await selectSamples(request);
    } else {
      const { selectByStrategies, strategyConfiguration } = await import("@winnow/curation");
      const selection = strategyConfiguration(withAmount(strategies, given.n, points.rows));
      const querySet = given.similarTo === undefined ? undefined : (await readVectors(input(given.similarTo), io.stop)).points;
      const values = selection.strategies.map((entry) => strategyValues(entry, { points, table, querySet }));
      result = await selectByStrategies({ ...about, selection, values });
    }

    const list = Array.from(result.ordinals, (ordinal) => `${names[ordinal]}\n`).join("");
    if (explain !== undefined) {
      const inputs = { embeddings: path!, names: given.names, preselected: given.preselected, scores: given.scores, score: given.score, strategies: given.strategies, similarTo: given.similarTo };
      writeWhole(explain, `${JSON.stringify(explanation(result, { inputs, names, preselected }), undefined, 1)}\n`);
    }
    if (out !== undefined) writeWhole(out, list);
    if (given.json) io.stdout.write(`${JSON.stringify({ rows: points.rows, selected: Array.from(result.ordinals, (ordinal) => names[ordinal]!), stopped: result.stopped })}\n`);
    else if (out === undefined) io.stdout.write(list);
    const have = result.ordinals.length + new Set(preselected).size;
    const wanted = result.stopped === "exhausted" && given.n !== undefined ? amountOf(given.n, points.rows) : 0;
    io.stderr.write(`${io.isTTY ? "\r" : ""}Selected ${result.ordinals.length} of ${points.rows}${preselected.length === 0 ? "" : ` beside ${new Set(preselected).size} preselected`}; ${ENDS[result.stopped]}${wanted > have ? `, fewer than the ${wanted} asked for` : ""}.\n`);
  },
});

const ENDS: Readonly<Record<StrategySelection["stopped"], string>> = {
  count: "that is as many as asked for",
  distance: "all that is left is nearer than the minimum distance",
  typicality: "all that is left is less typical than the minimum",
  exhausted: "nothing is left",
};

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new Problem(`${path} is not JSON: ${error.message}`, { cause: error });
    throw error;
  }
}

/** --n comes before what the file says. */
function withAmount(json: unknown, n: number | undefined, rows: number): unknown {
  if (n === undefined || typeof json !== "object" || json === null) return json;
  const amounts = ["n_samples", "nSamples", "proportion_samples", "proportionSamples"];
  const rest = Object.entries(json).filter(([key]) => !amounts.includes(key));
  return { ...Object.fromEntries(rest), nSamples: amountOf(n, rows) };
}

function ordinalsOf(chosen: readonly string[], names: readonly string[], file: string): Uint32Array {
  const places = new Map(names.map((name, ordinal) => [name, ordinal]));
  const unknown = chosen.filter((name) => !places.has(name));
  if (unknown.length > 0) {
    const others = unknown.length === 1 ? "" : ` and ${unknown.length - 1} more`;
    throw new Problem(`${file} names ${JSON.stringify(unknown[0])}${others}, which the embeddings don't have; names must be written as there, such as ${JSON.stringify(names[0])}.`);
  }
  return Uint32Array.from(chosen, (name) => places.get(name)!);
}

async function scoresOf(table: Table, wanted: string | undefined): Promise<Float64Array> {
  const { numeric } = await import("../select/table.ts");
  const name = wanted ?? (table.size === 1 ? [...table.keys()][0]! : undefined);
  if (name === undefined) throw new UsageError(`--scores has several columns: say which with --score, one of ${[...table.keys()].join(", ")}.`);
  const values = table.get(name);
  if (values === undefined) throw new UsageError(`--scores has no column ${name}; its columns are ${[...table.keys()].join(", ")}.`);
  const scores = numeric(values);
  if (scores === undefined) throw new Problem(`The column ${name} of --scores must hold numbers.`);
  return scores;
}

/** A share of them (rounded, at least one where there is one), or a count. */
function amountOf(n: number, rows: number): number {
  if (n === Number.MAX_SAFE_INTEGER) return rows;
  return n < 1 ? Math.min(rows, Math.max(1, Math.round(n * rows))) : n;
}

/** A line that is written over, where a person watches. */
function showing({ stderr, isTTY }: Io): ((done: number, total: number) => void) | undefined {
  return isTTY ? (done, total) => void stderr.write(`\rSelecting ${done} of ${total} `) : undefined;
}

function parseAmount(text: string): number {
  const percent = /^\d+(\.\d+)?%$/.test(text);
  const value = percent ? Number(text.slice(0, -1)) / 100 : /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  const sensible = percent ? value > 0 && value <= 1 : value >= 1 ? Number.isSafeInteger(value) : value > 0;
  if (!sensible) throw new UsageError(`--n must be a count such as 100, or a share such as 0.1 or 10%, not ${JSON.stringify(text)}.`);
  // "100%" is all of them, not one.
  return percent && value === 1 ? Number.MAX_SAFE_INTEGER : value;
}

function parseDistance(text: string): number {
  const distance = Number(text);
  if (text.trim() === "" || !(distance >= 0 && distance < Infinity)) throw new UsageError(`--min-distance must be a number of at least 0, not ${JSON.stringify(text)}.`);
  return distance;
}

function parseMethod(text: string): (typeof METHODS)[number] {
  const method = METHODS.find((one) => one === text.toLowerCase().replaceAll("-", "_"));
  if (method === undefined) throw new UsageError(`--method must be one of ${METHODS.join(", ")}, not ${JSON.stringify(text)}.`);
  return method;
}

function parseMetric(text: string): "euclidean" | "cosine" {
  if (text === "euclidean" || text === "cosine") return text;
  throw new UsageError(`--metric must be euclidean or cosine, not ${JSON.stringify(text)}.`);
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (text.trim() === "" || !Number.isFinite(seed)) throw new UsageError(`--seed must be a number, not ${JSON.stringify(text)}.`);
  return seed;
}
