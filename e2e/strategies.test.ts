/** A selection by strategies from the SDK, against the real server. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiWorkflowClient, RuntimeError, ValueError, domains } from "@winnow/client";
import { writeEmbeddingsCsv } from "@winnow/formats";
import { type RunningServer, startServer } from "@winnow/server";
import { afterAll, beforeAll, expect, it, vi } from "vitest";

const COUNT = 3000;
const TOKEN = "a token of strategies";

let folder: string;
let server: RunningServer;
let client: ApiWorkflowClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-strategies-"));
  server = await startServer({ dataFolder: join(folder, "data"), port: 0, ownerToken: TOKEN, logLevel: "silent" });
  client = new ApiWorkflowClient({ token: TOKEN, serverUrl: server.url });
  client.waitTimeTillNextPoll = 0.05;
  await client.createDataset("strategies");
  const datasetId = await client.datasetId;
  const samples = Array.from({ length: COUNT }, (_, number) => ({ fileName: `${number}.jpg`, customMetaData: { weather: number < COUNT - 20 ? "sun" : "rain" } }));
  await client.call(domains.samples.createSamplesByDatasetId, { path: { datasetId: datasetId! }, body: { samples } });
  await client.call(domains.tags.createInitialTagByDatasetId, { path: { datasetId: datasetId! }, body: { imgType: "full", creator: "USER_PIP" } });
  const rows = samples.map(({ fileName }, number) => ({ fileName, values: Array.from({ length: 8 }, (_, axis) => Math.sin(number * (axis + 1) ** 2)), label: 0 }));
  const { signedWriteUrl } = await client.call(domains.embeddings.getEmbeddingsCsvWriteUrlById, { path: { datasetId: datasetId! }, query: { name: "default" } });
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeEmbeddingsCsv(rows)) chunks.push(chunk);
  await client.uploadFileWithSignedUrl(Buffer.concat(chunks), signedWriteUrl);
});

afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

const diversity = { input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } } as const;

it("gives the tag, and the report of it", async () => {
  const tag = await client.selectByStrategies({ nSamples: 10, strategies: [diversity, { input: { type: "METADATA", key: "weather" }, strategy: { type: "BALANCE", distribution: "UNIFORM", strength: 5 } }] }, { name: "balanced", metric: "cosine", seed: 3 });
  expect(tag.name).toBe("balanced");
  const names = await client.getFilenamesInTag(tag);
  expect(names.filter((name) => Number.parseInt(name) >= COUNT - 20)).toHaveLength(5);
  const report = await client.getSelectionReport(tag.id);
  expect(report).toMatchObject({ method: "STRATEGIES", metric: "cosine", seed: 3, stopped: "count", sources: ['embedding "default"', "metadata weather"] });
  expect(report.picks.map(({ fileName }) => fileName).toSorted()).toEqual([...names].sort());
  expect(report.picks.every(({ shares }) => shares?.length === 2)).toBe(true);
  // The first five are the five of a shorter run.
  const shorter = await client.selectByStrategies({ n_samples: 5, strategies: report.selection!["strategies"] }, { metric: "cosine", seed: 3 });
  expect((await client.getSelectionReport(shorter.id)).picks).toEqual(report.picks.slice(0, 5));
});

it("names tags by the time, without a clash of two within a second", async () => {
  const config = { nSamples: 2, strategies: [diversity] };
  vi.useFakeTimers({ now: new Date(2026, 0, 2), toFake: ["Date"] });
  try {
    const names = [await client.selectByStrategies(config), await client.selectByStrategies(config), await client.selectByStrategies(config)].map(({ name }) => name);
    expect(names[0]).toMatch(/^STRATEGIES_\d/);
    expect(names.slice(1)).toEqual([`${names[0]}_2`, `${names[0]}_3`]);
  } finally {
    vi.useRealTimers();
  }
});

it("says what is wrong, here or there", async () => {
  await expect(client.selectByStrategies({ nSamples: 2, strategies: [{ ...diversity, strategy: { type: "DIVERS" } }] })).rejects.toThrow(ValueError);
  await expect(client.selectByStrategies({ nSamples: 2, strategies: [{ input: { type: "SCORES", score: "none" }, strategy: { type: "WEIGHTS" } }] })).rejects.toMatchObject({ name: "ApiError", code: "TAG_NO_SCORES_AVAILABLE" });
  await expect(client.selectByStrategies({ nSamples: 2, strategies: [{ input: { type: "METADATA", key: "mood" }, strategy: { type: "WEIGHTS" } }] })).rejects.toThrow(RuntimeError);
  const initial = (await client.getAllTags()).find(({ name }) => name === "initial-tag")!;
  await expect(client.getSelectionReport(initial.id)).rejects.toThrow("not made by a selection");
});

it("is cancelled on the server too", async () => {
  const stop = new AbortController();
  const config = { nSamples: COUNT, strategies: [{ ...diversity, strategy: { type: "DIVERSITY", strength: -1 } }, { input: { type: "RANDOM" }, strategy: { type: "WEIGHTS" } }] };
  const running = client.selectByStrategies(config, { name: "unwanted", signal: stop.signal, onProgress: ({ status }) => status === "RUNNING" && stop.abort(new Error("enough")) });
  await expect(running).rejects.toThrow("enough");
  const [job] = await client.call(domains.jobs.getJobs, {});
  expect(await client.call(domains.jobs.getJobStatusById, { path: { jobId: job!.id } })).toMatchObject({ status: "FAILED", error: "cancelled" });
  expect((await client.getAllTags()).some(({ name }) => name === "unwanted")).toBe(false);
});
