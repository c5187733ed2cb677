import type { Context } from "../app/context.ts";

export type SampleFile = "full" | "thumbnail";

/** Everything of a dataset lies below one prefix, so that deleting it is one step. */
export function datasetPrefix(datasetId: string): string {
  return `datasets/${datasetId}`;
}

/** Folders by the counter's middle digits keep any one of them small. */
export function sampleKey(datasetId: string, sampleId: string, file: SampleFile): string {
  return `${datasetPrefix(datasetId)}/samples/${sampleId.slice(9, 12)}${sampleId.slice(15, 17)}/${sampleId}.${file}`;
}

export function embeddingCsvKey(datasetId: string, embeddingId: string): string {
  return `${datasetPrefix(datasetId)}/embeddings/${embeddingId}.csv`;
}

/** The file as it came, until it has been read and found good. */
export function incomingKey(datasetId: string, embeddingId: string): string {
  return `${embeddingCsvKey(datasetId, embeddingId)}.incoming`;
}

/** The same vectors as float32, row i for ordinal i. */
export function embeddingMatrixKey(datasetId: string, embeddingId: string): string {
  return `${datasetPrefix(datasetId)}/embeddings/${embeddingId}.f32`;
}

/** Files of a run: below its dataset, where it has one, so that they go with it. */
function runPrefix(datasetId: string | null, runId: string): string {
  return datasetId === null ? `runs/${runId}` : `${datasetPrefix(datasetId)}/runs/${runId}`;
}

export function reportKey(datasetId: string | null, runId: string): string {
  return `${runPrefix(datasetId, runId)}/report`;
}

export function reportPageKey(datasetId: string | null, runId: string): string {
  return `${runPrefix(datasetId, runId)}/report-page`;
}

export function planKey(datasetId: string | null, runId: string): string {
  return `${runPrefix(datasetId, runId)}/plan`;
}

export function artifactKey(datasetId: string | null, runId: string, artifactId: string): string {
  return `${runPrefix(datasetId, runId)}/artifacts/${artifactId}`;
}

/** A file of a run; `artifactId` only of artifacts. */
export interface RunFileFacts {
  readonly kind: "run";
  readonly datasetId: string | null;
  readonly runId: string;
  readonly file: "report" | "report-page" | "plan" | "artifact";
  readonly artifactId?: string;
}

/** What a key stands for. */
export type KeyFacts =
  | RunFileFacts
  | { readonly kind: "sample"; readonly datasetId: string; readonly sampleId: string; readonly file: SampleFile }
  | { readonly kind: "embedding"; readonly datasetId: string; readonly embeddingId: string };

export function factsOfKey(key: string): KeyFacts | undefined {
  const sample = /^datasets\/([a-f0-9]{24})\/samples\/[a-f0-9]{5}\/([a-f0-9]{24})\.(full|thumbnail)$/.exec(key);
  if (sample) return { kind: "sample", datasetId: sample[1]!, sampleId: sample[2]!, file: sample[3] as SampleFile };
  const run = /^(?:datasets\/([a-f0-9]{24})\/)?runs\/([a-f0-9]{24})\/(report|report-page|plan|artifacts\/([a-f0-9]{24}))$/.exec(key);
  if (run) return { kind: "run", datasetId: run[1] ?? null, runId: run[2]!, ...(run[4] === undefined ? { file: run[3] as "report" | "report-page" | "plan" } : { file: "artifact", artifactId: run[4] }) };
  const embedding = /^datasets\/([a-f0-9]{24})\/embeddings\/([a-f0-9]{24})\.csv$/.exec(key);
  return embedding ? { kind: "embedding", datasetId: embedding[1]!, embeddingId: embedding[2]! } : undefined;
}

const thumbnailSizeMax = 32 * 1024 * 1024;

export function signedReadUrl(context: Context, baseUrl: string, key: string, seconds = context.configuration.signedUrlSeconds): string {
  const expires = Math.floor(Date.now() / 1000) + seconds;
  const signature = context.signer.sign("GET", { key, expires });
  return `${baseUrl}/v1/files/${key}?expires=${expires}&signature=${signature}`;
}

export function signedWriteUrl(context: Context, baseUrl: string, key: string): string {
  const expires = Math.floor(Date.now() / 1000) + context.configuration.signedUrlSeconds;
  const max = key.endsWith(".thumbnail") ? thumbnailSizeMax : context.configuration.fileSizeMax;
  const signature = context.signer.sign("PUT", { key, expires, max });
  return `${baseUrl}/v1/files/${key}?expires=${expires}&max=${max}&signature=${signature}`;
}
