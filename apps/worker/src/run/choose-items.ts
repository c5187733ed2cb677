import { type Matrix, matrix } from "@winnow/curation";
import type { RunConfiguration } from "@winnow/contract";
import type { ChosenEncoder } from "../stages/choose-encoder.ts";
import type { Duplicate } from "../stages/item.ts";
import { readLocalPool } from "../stages/local-pool.ts";
import { type ObjectMeans, objectPoints } from "../stages/object-points.ts";
import { type Pool, fillFromPool, findPool } from "../stages/pool.ts";
import { firstEqualRows, preparePoints } from "../stages/points.ts";
import type { Reading } from "../stages/reading.ts";
import { selectUnits } from "../stages/selection.ts";
import { sequencesOf } from "../stages/sequences.ts";
import type { SideData } from "../stages/side-data.ts";
import { querySetsOf, scoresFor, spread, valuesOf } from "../stages/strategy-values.ts";
import type { VectorStore } from "../stages/vector-store.ts";
import { RunFailure } from "./context.ts";
import { type Workplace, counted } from "./workplace.ts";

/** What a run selected, and from what. */
export interface Chosen {
  /** Indices into the items, in order of picking. */
  readonly picks: readonly number[];
  readonly reasons: readonly string[];
  readonly coverage: Float64Array;
  readonly method: string;
  readonly stopped: string;
  readonly inputHash: string;
  /** Items that could be selected, ascending, and for each the row of its vector in the points. */
  readonly candidates: readonly number[];
  readonly rowOf: ReadonlyMap<number, number>;
  readonly points: Matrix;
  readonly firstUnit: number;
  readonly duplicates: readonly Duplicate[];
  readonly excluded: number;
  /** How many count as chosen from the start. */
  readonly preselected: number;
  /** Vectors of the pool's samples that it lacked, by ordinal. */
  readonly completed: ReadonlyMap<number, Float32Array>;
  /** File names of each selected sequence. */
  readonly sequences: readonly (readonly string[])[];
}

/** Brings together what is there and what came, and selects. */
export async function chooseItems(workplace: Workplace, chosen: ChosenEncoder, store: VectorStore, reading: Reading, pool: Pool, side: SideData, { threads, means }: { readonly threads: number | undefined; readonly means: ReadonlyMap<string, ObjectMeans> }): Promise<Chosen> {
  const { context, configuration, notices } = workplace;
  const { docker, selection } = configuration;
  const { dimensions, encoder } = chosen;
  const { items } = reading;
  const length = docker.selectedSequenceLength;
  const units = length === 1 ? items.map((_, i) => [i]) : sequencesOf(items, length);
  const local = docker.datapool.name === null ? undefined : await readLocalPool(context.shared, docker.datapool.name, dimensions);
  const other = docker.datapool.datasetId === null || docker.datapool.datasetId === context.datasetId ? undefined : await findPool(context, docker.datapool.datasetId, chosen.embeddingName, dimensions);
  const sets = await querySetsOf(context, selection, chosen.embeddingName, dimensions);
  const localRows = local?.rows ?? 0;
  const otherRows = other?.names.length ?? 0;
  const firstUnit = pool.names.length + localRows + otherRows;
  const setRows = sets.reduce((sum, set) => sum + set.pool.names.length, 0);
  const raw = matrix(firstUnit + units.length + setRows, dimensions);
  const part = (from: number, count: number) => raw.data.subarray(from * dimensions, (from + count) * dimensions);

  // Vectors: of the dataset, of pools beside it, of what came, of what it is to be similar to.
  const lacking = pool.names.length === 0 ? [] : await fillFromPool(context, pool, encoder, part(0, pool.names.length));
  const completed = new Map(lacking.map((ordinal) => [ordinal, part(ordinal, 1).slice()]));
  if (local !== undefined) part(pool.names.length, localRows).set(local.data);
  if (other !== undefined) await fillFromPool(context, other, encoder, part(pool.names.length + localRows, otherRows));
  if (length === 1) store.read(reading.rows, raw.data, firstUnit);
  else fillMeans(store, reading, units, part(firstUnit, units.length), dimensions);
  let next = firstUnit + units.length;
  const querySets = [];
  for (const { datasetId, tagName, pool: setPool, ordinals } of sets) {
    await fillFromPool(context, setPool, encoder, part(next, setPool.names.length));
    querySets.push({ datasetId, tagName, rows: Uint32Array.from(ordinals, (ordinal) => next + ordinal) });
    next += setPool.names.length;
  }

  // Who may be picked.
  const duplicates: Duplicate[] = [];
  const query: number[] = [];
  const firsts = docker.removeExactDuplicates && length === 1 ? firstEqualRows(raw) : undefined;
  const table = "vectorOf" in encoder ? encoder : undefined;
  const preselected: number[] = docker.useDatapool === false ? [] : Array.from({ length: firstUnit }, (_, row) => row);
  let excluded = 0;
  units.forEach((unit, i) => {
    const row = firstUnit + i;
    const first = firsts?.[row] ?? row;
    const item = items[unit[0]!]!;
    if (first < row) {
      duplicates.push({ fileName: item.fileName, keptFileName: nameOfRow(first) });
    } else if (table !== undefined && unit.some((one) => table.numberOf(items[one]!.fileName, "selected") === 1)) preselected.push(row);
    else if (side.isExcluded(item.crop?.parent ?? item.fileName) || (table !== undefined && unit.some((one) => table.numberOf(items[one]!.fileName, "masked") === 1))) excluded++;
    else query.push(row);
  });
  function nameOfRow(row: number): string {
    if (row < pool.names.length) return pool.names[row]!;
    if (row < pool.names.length + localRows) return local!.fileNames[row - pool.names.length]!;
    if (row < firstUnit) return other!.names[row - pool.names.length - localRows]!;
    return items[units[row - firstUnit]![0]!]!.fileName;
  }
  if (excluded > 0) notices.push(`${counted(excluded, "item")} could not be selected, because pretagging_config or the column masked of the embeddings file leaves them out.`);

  const folders = docker.appendWeakLabels ? Array.from({ length: raw.rows }, (_, row) => folderOf(row < firstUnit + units.length ? nameOfRow(row) : "")) : undefined;
  const points = preparePoints(raw, { normalize: docker.normalizeEmbeddings, centre: chosen.centre, ...(folders === undefined ? {} : { folders }) });
  const fileScores = (column: string): Float64Array | undefined => (table === undefined || !table.columns.includes(column) ? undefined : Float64Array.from(items, ({ fileName }) => table.numberOf(fileName, column)));
  const pointsOfObjects = new Map<string, Matrix>(docker.objectLevel.taskName === null ? [] : [[docker.objectLevel.taskName, points]]);
  for (const [task, one] of means) pointsOfObjects.set(task, objectPoints(one, { rows: points.rows, firstUnit, units, items, dimensions, normalize: docker.normalizeEmbeddings, centre: chosen.centre }));
  const sources = { configuration, points, objectPoints: pointsOfObjects, firstUnit, items, units, pool: pool.names, predictions: side.predictions, metadata: side.metadata, fileScores, querySets };
  const scores = selection === null && (docker.method === "coral" || docker.method === "active_learning") ? spread(sources, methodScores(configuration, sources)) : undefined;
  const picked = await selectUnits(context, configuration, {
    points,
    preselected: Uint32Array.from(preselected),
    query: Uint32Array.from(query),
    scores,
    values: valuesOf(sources),
    length,
    threads,
  });
  const unitOf = (row: number) => units[row - firstUnit]!;
  const rowOf = new Map<number, number>();
  for (const row of query) for (const item of unitOf(row)) rowOf.set(item, row);
  const perItem = (values: Float64Array) => (values.length === 0 ? values : Float64Array.from([...picked.rows].flatMap((row, i) => unitOf(row).map(() => values[i]!))));
  return {
    picks: [...picked.rows].flatMap((row) => [...unitOf(row)]),
    reasons: [...picked.rows].flatMap((row, i) => unitOf(row).map(() => picked.reasons[i]!)),
    coverage: perItem(picked.coverage),
    method: picked.method,
    stopped: picked.stopped,
    inputHash: picked.inputHash,
    candidates: [...rowOf.keys()].sort((a, b) => a - b),
    rowOf,
    points,
    firstUnit,
    duplicates,
    excluded,
    preselected: preselected.length,
    completed,
    sequences: length === 1 ? [] : [...picked.rows].map((row) => unitOf(row).map((item) => items[item]!.fileName)),
  };

  /** Scores of the older form of a configuration, by item. */
  function methodScores({ docker: keys }: RunConfiguration, from: Parameters<typeof scoresFor>[0]): Float64Array {
    if (keys.activeLearning.taskName !== null) return scoresFor(from, keys.activeLearning.taskName, keys.activeLearning.scoreName);
    if (keys.pretagging && keys.scorer !== null && table === undefined) return scoresFor(from, "lightly_pretagging", keys.scorer);
    const column = fileScores(keys.activeLearningScoreColumnName);
    if (column === undefined) throw new RunFailure(`The embeddings file has no column ${keys.activeLearningScoreColumnName} with scores, which ${keys.method} needs. Add it, name another one in active_learning_score_column_name, or give active_learning.task_name.`);
    return column;
  }
}

/** A sequence is as its frames are on average. */
function fillMeans(store: VectorStore, { rows }: Reading, units: readonly (readonly number[])[], target: Float32Array, dimensions: number): void {
  const one = new Float32Array(dimensions);
  units.forEach((unit, i) => {
    const mean = new Float64Array(dimensions);
    for (const item of unit) {
      store.read([rows[item]!], one, 0);
      for (let column = 0; column < dimensions; column++) mean[column]! += one[column]! / unit.length;
    }
    target.set(mean, i * dimensions);
  });
}

function folderOf(fileName: string): string {
  return fileName.slice(0, Math.max(0, fileName.lastIndexOf("/")));
}
