import { kMeans, nearestNeighbours, outlierScores, type Matrix } from "@winnow/curation";
import { ColumnBuilder } from "../columns/column-builder.ts";
import { keepColumns } from "../columns/kept-columns.ts";
import { updateDataset } from "../datasets/store.ts";
import { inDataset } from "../db/turns.ts";
import { loadMatrix } from "../embeddings/matrix.ts";
import { findEmbedding } from "../embeddings/store.ts";
import { JobEndedError, finish } from "../jobs/queue.ts";
import type { Workbench } from "../threads/workbench.ts";
import { analysisPrefix } from "./files.ts";
import { connectedGroups } from "./groups.ts";

/** Cosine distance, of vectors taken from their mean, up to which two samples count as near-duplicates: see `winnow start`, which uses the same. */
const near = 0.15;
const neighboursPerSample = 15;

/** Finds what is nearly the same, what stands alone and what belongs together, and keeps it as columns. The same every time. */
export async function computeAnalysis({ db, blobs, signal, onProgress }: Workbench, jobId: string, { datasetId, embeddingId }: { readonly datasetId: string; readonly embeddingId: string }): Promise<void> {
  const embedding = await findEmbedding(db, datasetId, embeddingId);
  if (!embedding || embedding.state !== "ready") throw new JobEndedError("the embedding was deleted");
  const points = await loadMatrix(blobs, embedding);
  centreAndScale(points);
  // Shares of the time that it takes, as measured on 100,000 × 128.
  const stage = (from: number, to: number) => (done: number, total: number) => onProgress(Math.round(1000 * (from + ((to - from) * done) / (total || 1))), 1000);
  const neighbours = await nearestNeighbours(points, { k: neighboursPerSample, signal, onProgress: stage(0, 0.6) });
  const { rows } = points;
  // Of vectors of length 1 the squared distance is twice the cosine distance.
  const groups = connectedGroups(neighbours, Math.sqrt(2 * near), rows);
  const outliers = neighbours.k === 0 ? new Float32Array(rows) : outlierScores(neighbours);
  const clusters = rows === 0 ? undefined : await kMeans(points, { k: Math.max(1, Math.min(24, Math.round(Math.sqrt(rows / 2)))), metric: "cosine", seed: 0, roundsMax: 60, signal, onProgress: stage(0.6, 1) });
  const group = new ColumnBuilder(rows);
  const outlier = new ColumnBuilder(rows);
  const cluster = new ColumnBuilder(rows);
  groups.forEach((members, i) => members.forEach((ordinal) => group.put(ordinal, i + 1)));
  outliers.forEach((score, ordinal) => outlier.put(ordinal, score));
  clusters?.labels.forEach((label, ordinal) => cluster.put(ordinal, `Cluster ${label + 1}`));
  const columns = ([["near", "Near-duplicate group", group], ["outlier", "Outlier score", outlier], ["cluster", "Cluster", cluster]] as const).flatMap(([name, title, builder]) => {
    const built = builder.build();
    if (typeof built === "string") return [];
    const { bytes, labels, counts, ...facts } = built;
    return [{ facts: { name: `analysis.${embeddingId}.${name}`, title, group: "analysis" as const, version: jobId, ...facts, ...(labels && { labels: [...labels] }), ...(counts && { counts: [...counts] }) }, bytes }];
  });
  await keepColumns(blobs, analysisPrefix(datasetId, embeddingId), columns);
  await inDataset(db, datasetId, async (transaction) => {
    await updateDataset(transaction, datasetId);
    await finish(transaction, jobId, { message: `${groups.length} groups of near-duplicates` });
  });
}

/** Takes the mean from every row and scales the row to length 1, so that angles tell likeness whatever the encoder's offset is. */
function centreAndScale({ data, rows, columns }: Matrix): void {
  const mean = new Float64Array(columns);
  for (let row = 0, at = 0; row < rows; row++) for (let column = 0; column < columns; column++, at++) mean[column]! += data[at]! / rows;
  for (let row = 0; row < rows; row++) {
    let square = 0;
    for (let column = 0, at = row * columns; column < columns; column++, at++) {
      data[at]! -= mean[column]!;
      square += data[at]! ** 2;
    }
    const length = Math.sqrt(square);
    if (length > 0) for (let column = 0, at = row * columns; column < columns; column++, at++) data[at]! /= length;
  }
}

