/** What tests begin with: datasets with samples, tags, files, vectors. */
import type { DatasetData, JobStatusData, SampleCreateRequest, TagData } from "@winnow/contract";
import type { RequestOptions, ServerUnderTest } from "./server-under-test.ts";

let made = 0;

/** A name that no other test of this file uses. */
export function freshName(prefix = "dataset"): string {
  return `${prefix} ${++made}`;
}

export interface Scene {
  readonly id: string;
  readonly path: string;
  readonly sampleIds: readonly string[];
  readonly fileNames: readonly string[];
  /** The initial tag, unless the scene has none. */
  readonly tagId: string;
}

/** A dataset with samples `0.jpg` … and, unless told otherwise, the initial tag. */
export async function scene(
  server: ServerUnderTest,
  samples: number | readonly SampleCreateRequest[] = 0,
  { tagged = true, name = freshName(), token }: { tagged?: boolean; name?: string; token?: string } = {},
): Promise<Scene> {
  const options = token === undefined ? {} : { token };
  const { id } = await server.call<{ id: string }>("POST", "/v1/datasets", { ...options, body: { name } });
  const path = `/v1/datasets/${id}`;
  const requests = typeof samples === "number" ? Array.from({ length: samples }, (_, i) => ({ fileName: `${i}.jpg` })) : samples;
  const sampleIds = requests.length === 0 ? [] : await addSamples(server, path, requests, options);
  const tagId = tagged ? (await server.call<{ id: string }>("POST", `${path}/tags/initial`, { ...options, body: { imgType: "full", creator: "USER_PIP" } })).id : "";
  return { id, path, sampleIds, fileNames: requests.map((request) => request.fileName), tagId };
}

export async function addSamples(server: ServerUnderTest, path: string, samples: readonly SampleCreateRequest[], options: RequestOptions = {}): Promise<string[]> {
  return (await server.call<{ ids: string[] }>("POST", `${path}/samples/bulk`, { ...options, body: { samples } })).ids;
}

export async function addTag(server: ServerUnderTest, { path, tagId, sampleIds }: Pick<Scene, "path" | "tagId" | "sampleIds">, name: string, ordinals: readonly number[], more: object = {}): Promise<string> {
  const bits = ordinals.reduce((mask, ordinal) => mask | (1n << BigInt(ordinal)), 0n);
  const body = { name, prevTagId: tagId, bitMaskData: `0x${bits.toString(16)}`, totSize: sampleIds.length, ...more };
  return (await server.call<{ id: string }>("POST", `${path}/tags`, { body })).id;
}

/** Ordinals in a mask as the wire writes it. */
export function ordinalsOf(hex: string): number[] {
  const bits = BigInt(hex);
  const ordinals: number[] = [];
  for (let i = 0; bits >> BigInt(i) > 0n; i++) if ((bits >> BigInt(i)) & 1n) ordinals.push(i);
  return ordinals;
}

export async function tagOrdinals(server: ServerUnderTest, path: string, tagId: string): Promise<number[]> {
  return ordinalsOf((await server.call<TagData>("GET", `${path}/tags/${tagId}`)).bitMaskData);
}

export function embeddingsCsv(fileNames: readonly string[], vectors: readonly (readonly number[])[]): string {
  const width = vectors[0]?.length ?? 0;
  const header = ["filenames", ...Array.from({ length: width }, (_, i) => `embedding_${i}`), "labels"].join(",");
  return [header, ...fileNames.map((name, i) => [name, ...vectors[i]!, 0].join(","))].join("\n");
}

/** Uploads vectors, in the dataset's order. */
export async function addEmbedding(server: ServerUnderTest, { path, fileNames }: Pick<Scene, "path" | "fileNames">, vectors: readonly (readonly number[])[], name = "default"): Promise<string> {
  const { signedWriteUrl, embeddingId } = await server.call<{ signedWriteUrl: string; embeddingId: string }>("GET", `${path}/embeddings/writeCSVUrl`, { query: { name } });
  const reply = await server.open(signedWriteUrl, { method: "PUT", raw: embeddingsCsv(fileNames, vectors) });
  if (reply.status !== 200) throw new Error(`the embeddings were refused with ${reply.status}: ${reply.bytes.toString("utf8")}`);
  return embeddingId;
}

/** Points on a line: sample i at i. */
export function onLine(count: number): number[][] {
  return Array.from({ length: count }, (_, i) => [i, 0]);
}

export async function waitForJob(server: ServerUnderTest, jobId: string, options: RequestOptions = {}): Promise<JobStatusData> {
  for (let tries = 0; tries < 1500; tries++) {
    const job = await server.call<JobStatusData>("GET", `/v1/jobs/${jobId}`, options);
    if (job.status === "FINISHED" || job.status === "FAILED") return job;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`the job ${jobId} didn't end`);
}

/** Selects and waits; @returns the new tag and its job */
export async function select(server: ServerUnderTest, path: string, embeddingId: string, request: object): Promise<{ tagId: string; ordinals: number[]; job: JobStatusData }> {
  const { jobId } = await server.call<{ jobId: string }>("POST", `${path}/embeddings/${embeddingId}/sampling`, { body: request });
  const job = await waitForJob(server, jobId);
  if (job.status !== "FINISHED") throw new Error(`the selection failed: ${job.error}`);
  const tagId = job.result!.data as string;
  return { tagId, ordinals: await tagOrdinals(server, path, tagId), job };
}

export async function datasetOf(server: ServerUnderTest, path: string): Promise<DatasetData> {
  return server.call<DatasetData>("GET", path);
}

/** Whether an action moves the dataset's time of change. */
export async function touches(server: ServerUnderTest, path: string, action: () => Promise<unknown>): Promise<boolean> {
  const before = (await datasetOf(server, path)).lastModifiedAt;
  await action();
  return (await datasetOf(server, path)).lastModifiedAt > before;
}

export async function until(what: string, happens: () => Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await happens())) {
    if (Date.now() > end) throw new Error(`${what} didn't happen within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
