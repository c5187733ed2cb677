/** Columns of what models predicted: the most confident class of a sample, how confident, and how many objects. */
import type { ColumnData } from "@winnow/contract";
import { datasetPrefix } from "../blobs/addresses.ts";
import type { Database } from "../db/database.ts";
import type { PredictionTaskTable } from "../db/schema.ts";
import { latestTimestamp, listTasks, readPredictions } from "../predictions/store.ts";
import type { Workbench } from "../threads/workbench.ts";
import { ColumnBuilder } from "./column-builder.ts";
import { keepColumns } from "./kept-columns.ts";

const samplesAtOnce = 5000;

/** The tasks of the newest predictions, with where their columns are kept. */
export async function tasksWithColumns(db: Database, { id, n_samples }: { readonly id: string; readonly n_samples: number }): Promise<{ task: PredictionTaskTable; prefix: string }[]> {
  const timestamp = await latestTimestamp(db, id);
  if (timestamp === undefined) return [];
  return (await listTasks(db, id, timestamp)).map((task) => ({ task, prefix: `${datasetPrefix(id)}/prediction-columns/${task.number}/${versionOf(task, n_samples)}` }));
}

function versionOf({ last_modified_at, samples, singletons }: PredictionTaskTable, datasetSamples: number): string {
  return `${Number(last_modified_at).toString(36)}-${samples}-${Number(singletons)}-${datasetSamples}`;
}

/** Makes the columns of a task and forgets those of its earlier states. */
export async function makePredictionColumns({ db, blobs, signal, onProgress }: Workbench, { datasetId, samples, number }: { readonly datasetId: string; readonly samples: number; readonly number: number }): Promise<void> {
  const found = (await tasksWithColumns(db, { id: datasetId, n_samples: samples })).find(({ task }) => task.number === number);
  if (!found) return;
  const { task, prefix } = found;
  const names = new Map((JSON.parse(task.categories) as { id: number; name: string }[]).map(({ id, name }) => [id, name]));
  const classes = new ColumnBuilder(samples);
  const scores = new ColumnBuilder(samples);
  const counts = new ColumnBuilder(samples);
  for (let from = 0; from < samples; from += samplesAtOnce) {
    signal.throwIfAborted();
    for (const { ordinal, singletons } of await readPredictions(db, number, from, Math.min(samples, from + samplesAtOnce))) {
      const all = JSON.parse(singletons) as { categoryId: number; score: number }[];
      counts.put(ordinal, all.length);
      const [first] = all;
      if (!first) continue;
      const best = all.reduce((a, b) => (b.score > a.score ? b : a), first);
      classes.put(ordinal, names.get(best.categoryId) ?? `category ${best.categoryId}`);
      scores.put(ordinal, best.score);
    }
    onProgress(Math.min(samples, from + samplesAtOnce), samples);
  }
  const detects = task.type !== "CLASSIFICATION";
  const version = versionOf(task, samples);
  const columns = ([["class", detects ? `${task.name}: most certain class` : `${task.name}: class`, classes], ["score", `${task.name}: highest score`, scores], ...(detects ? ([["count", `${task.name}: objects`, counts]] as const) : [])] as const).flatMap(([name, title, builder]) => {
    const built = builder.build();
    if (typeof built === "string") return [];
    const { bytes, labels, counts: perLabel, ...facts } = built;
    const column: ColumnData = { name: `prediction.${task.name}.${name}`, title, group: "prediction", version, ...facts, ...(labels && { labels: [...labels] }), ...(perLabel && { counts: [...perLabel] }) };
    return [{ facts: column, bytes }];
  });
  await blobs.removeAll(prefix.slice(0, prefix.lastIndexOf("/")));
  await keepColumns(blobs, prefix, columns);
}
