/** Every member sends what the Python client 1.2.24 sends for the same call, in the same order. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DATASET, type Exchange, RecordingServer, type State, TOKEN, id } from "../test/recording-server.ts";
import { ApiWorkflowClient, SelectionConfig } from "./index.ts";

type Recorded = Partial<Exchange> & Pick<Exchange, "method" | "path">;
const recorded = JSON.parse(await readFile(new URL("../test/python-exchanges.json", import.meta.url), "utf8")) as Record<string, Recorded[]>;

let server: RecordingServer;
let folder: string;
let images: string;

beforeAll(async () => {
  server = await new RecordingServer().start();
  folder = await mkdtemp(join(tmpdir(), "winnow-client-"));
  images = join(folder, "images");
  await mkdir(join(images, "other"), { recursive: true });
  await mkdir(join(images, "sub"));
  const plain = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: "#338844" } });
  await writeFile(join(images, "other/d.jpg"), await plain(40, 30).jpeg().toBuffer());
  await writeFile(join(images, "sub/b.png"), await plain(20, 30).png().toBuffer());
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

interface Scenario {
  readonly run: (client: ApiWorkflowClient) => Promise<unknown>;
  readonly dataset?: string | null;
  readonly embedding?: string;
  readonly state?: Partial<State>;
}

async function csv(text: string): Promise<string> {
  const path = join(folder, `${Math.random()}.csv`);
  await writeFile(path, text);
  return path;
}
const COMPLETE = "filenames,embedding_0,embedding_1,labels\nc.jpg,0.5,0.6,2\nsub/b.png,0.7,0.8,1\na.jpg,0.9,1.0,0\n";
const ONE_NEW = "filenames,embedding_0,embedding_1,labels\nc.jpg,0.5,0.6,2\n";
const OTHER_COLUMNS = "filenames,embedding_0,masked,embedding_1,labels,x\nc.jpg,0.5,0,0.6,2,y\nsub/b.png,0.7,1,0.8,1,y\na.jpg,0.9,0,1.0,0,y\n";
const METADATA = {
  images: [
    { file_name: "a.jpg", id: 7 },
    { file_name: "sub/b.png", id: 8 },
  ],
  metadata: [
    { image_id: 7, n: 3, w: { x: null } },
    { image_id: 8, n: 4 },
    { image_id: 9, n: 4 },
  ],
};
const empty = { tags: false, samples: false };

const scenarios: Record<string, Scenario["run"] | Scenario> = {
  datasetId: { dataset: null, run: (client) => client.datasetId },
  setDatasetId: (client) => client.setDatasetId(id(0xd2)),
  datasetType: (client) => client.datasetType,
  datasetExists: async (client) => [await client.datasetExists(DATASET), await client.datasetExists(id(0))],
  getDatasetById: (client) => client.getDatasetById(DATASET),
  getDatasets: async (client) => [await client.getDatasets(), await client.getDatasets({ shared: true })],
  getAllDatasets: (client) => client.getAllDatasets(),
  setDatasetIdByName: (client) => client.setDatasetIdByName("shared one"),
  createDataset: (client) => client.createDataset("brand new", { datasetType: "Videos" }),
  "createDataset, no type": (client) => client.createDataset("brand new"),
  "createDataset, existing": (client) => client.createDataset("the own one"),
  createNewDatasetWithUniqueName: (client) => client.createNewDatasetWithUniqueName("the own one", { datasetType: "Images" }),
  deleteDatasetById: (client) => client.deleteDatasetById(DATASET),
  getAllTags: (client) => client.getAllTags(),
  getTagById: (client) => client.getTagById(id(0xa2)),
  getTagByName: (client) => client.getTagByName("child"),
  getFilenames: (client) => client.getFilenames(),
  getFilenamesInTag: async (client) => {
    const tag = await client.getTagByName("child");
    expect(await client.getFilenamesInTag(tag)).toEqual(["a.jpg", "c.jpg"]);
    expect(await client.getFilenamesInTag(tag, { excludeParentTag: true })).toEqual(["sub/b.png"]);
    expect(await client.getFilenamesInTag(tag, { filenamesOnServer: ["a", "b", "c"] })).toEqual(["a", "c"]);
  },
  createTagFromFilenames: (client) => client.createTagFromFilenames(["c.jpg", "a.jpg"], "mine"),
  "createTagFromFilenames, parent": (client) => client.createTagFromFilenames(["c.jpg"], "mine", { parentTagId: id(0xa2) }),
  deleteTagById: (client) => client.deleteTagById(id(0xa2)),
  exportLabelStudioTasksByTagId: (client) => client.exportLabelStudioTasksByTagId(id(0xa2)),
  exportLabelStudioTasksByTagName: (client) => client.exportLabelStudioTasksByTagName("child"),
  exportLabelBoxDataRowsByTagId: (client) => client.exportLabelBoxDataRowsByTagId(id(0xa2)),
  exportLabelBoxDataRowsByTagName: (client) => client.exportLabelBoxDataRowsByTagName("child"),
  exportFilenamesByTagId: (client) => client.exportFilenamesByTagId(id(0xa2)),
  exportFilenamesByTagName: (client) => client.exportFilenamesByTagName("child"),
  setEmbeddingIdToLatest: (client) => client.setEmbeddingIdToLatest(),
  getEmbeddingByName: (client) => client.getEmbeddingByName("default"),
  uploadEmbeddings: { state: { embeddings: false }, run: async (client) => client.uploadEmbeddings(await csv(COMPLETE), "default") },
  "uploadEmbeddings, appending": async (client) => client.uploadEmbeddings(await csv(ONE_NEW), "default"),
  "uploadEmbeddings, other columns": { state: { embeddings: false }, run: async (client) => client.uploadEmbeddings(await csv(OTHER_COLUMNS), "default") },
  appendEmbeddings: async (client) => client.appendEmbeddings(await csv(ONE_NEW), id(0xb2)),
  selection: (client) => client.selection(new SelectionConfig()),
  "selection, all options": {
    embedding: id(0xb2),
    run: (client) => client.selection(new SelectionConfig({ method: "RANDOM", nSamples: 2, minDistance: 0.5, name: "mine" }), { preselectedTagId: id(0xa2), queryTagId: id(0xa1) }),
  },
  sampling: { embedding: id(0xb2), run: (client) => client.sampling(new SelectionConfig({ name: "mine" })) },
  uploadScores: (client) => client.uploadScores({ uncertainty_margin: Float64Array.of(0.1, 0.2, 0.3), other: [1, 0.5, 0.25] }),
  "uploadScores, query tag": (client) => client.uploadScores({ uncertainty_margin: [0.5] }, { queryTagId: id(0xa2) }),
  uploadCustomMetadata: (client) => client.uploadCustomMetadata(METADATA, { maxWorkers: 1 }),
  createCustomMetadataConfig: (client) => client.createCustomMetadataConfig("weather", [{ name: "Weather", path: "w.x", defaultValue: "unknown", valueDataType: "CATEGORICAL_STRING" }]),
  getDatasource: (client) => client.getDatasource().catch(() => undefined),
  setAzureConfig: (client) => client.setAzureConfig("container/path", "account", "sas"),
  setGcsConfig: (client) => client.setGcsConfig("gs://bucket", "project", "{}", { thumbnailSuffix: null }),
  setLocalConfig: (client) => client.setLocalConfig("http://localhost:1234/path"),
  setS3Config: (client) => client.setS3Config("s3://bucket", "eu-central-1", "key", "secret", { purpose: "INPUT" }),
  setS3DelegatedAccessConfig: (client) => client.setS3DelegatedAccessConfig("s3://bucket", "eu-central-1", "arn:aws:iam::123456789012:role/x", "1234567890"),
  downloadRawSamples: (client) => client.downloadRawSamples(),
  "downloadRawSamples, all options": async (client) => {
    const files = await client.downloadRawSamples({ from: 5, to: 9, relevantFilenamesFileName: "list.txt" });
    expect(files).toEqual([
      ["raw1", `${server.url}/signed/1`],
      ["raw2", `${server.url}/signed/2`],
    ]);
  },
  downloadRawPredictions: (client) => client.downloadRawPredictions("task", { from: 5, to: 9 }),
  downloadRawMetadata: (client) => client.downloadRawMetadata({ to: 9 }),
  downloadNewRawSamples: (client) => client.downloadNewRawSamples(),
  getProcessedUntilTimestamp: (client) => client.getProcessedUntilTimestamp(),
  updateProcessedUntilTimestamp: (client) => client.updateProcessedUntilTimestamp(7),
  getPredictionReadUrl: (client) => client.getPredictionReadUrl("task/a b.json"),
  getMetadataReadUrl: (client) => client.getMetadataReadUrl("a.json"),
  registerComputeWorker: async (client) => [await client.registerComputeWorker(), await client.registerComputeWorker({ name: "mine" })],
  getComputeWorkerIds: (client) => client.getComputeWorkerIds(),
  deleteComputeWorker: (client) => client.deleteComputeWorker(id(0xe1)),
  createComputeWorkerConfig: async (client) => {
    await client.createComputeWorkerConfig();
    await client.createComputeWorkerConfig({ workerConfig: { method: "coreset", x: null }, lightlyConfig: { seed: 1 } });
  },
  scheduleComputeWorkerRun: async (client) => {
    await client.scheduleComputeWorkerRun();
    await client.scheduleComputeWorkerRun({ workerConfig: { a: 1 }, priority: "HIGH" });
  },
  getComputeWorkerRuns: (client) => client.getComputeWorkerRuns(),
  getScheduledComputeWorkerRuns: (client) => client.getScheduledComputeWorkerRuns(),
  uploadFileWithSignedUrl: (client) => client.uploadFileWithSignedUrl(new TextEncoder().encode("content"), `${server.url}/signed/x`),
  checkVersionCompatibility: (client) => client.checkVersionCompatibility(),
  uploadDataset: { state: empty, run: (client) => client.uploadDataset(images, { maxWorkers: 1 }) },
  "uploadDataset, full, more": { state: { samples: false }, run: (client) => client.uploadDataset(images, { maxWorkers: 1, mode: "full" }) },
  "uploadDataset, metadata": { state: empty, run: (client) => client.uploadDataset(images, { maxWorkers: 1, mode: "metadata", customMetadata: METADATA }) },
  "uploadDataset, nothing new": (client) => client.uploadDataset(images, { maxWorkers: 1 }),
  downloadDataset: async (client) => client.downloadDataset(await mkdtemp(join(folder, "download-")), { maxWorkers: 1 }),
  "downloadDataset, tag": async (client) => client.downloadDataset(await mkdtemp(join(folder, "download-")), { tagName: "child", maxWorkers: 1 }),
};

function complete(exchanges: readonly Recorded[]): Exchange[] {
  return exchanges.map((exchange) => ({ query: {}, token: true, ...exchange }));
}

describe("sends what the Python client sends", () => {
  it("for every member that was recorded", () => {
    expect([...Object.keys(scenarios), "constructor"].sort()).toEqual(Object.keys(recorded).sort());
  });

  it.each(Object.entries(scenarios))("for %s", async (name, scenario) => {
    const { run, dataset = DATASET, embedding, state = {} }: Scenario = typeof scenario === "function" ? { run: scenario } : scenario;
    server.state = { tags: true, samples: true, embeddings: true, ...state };
    server.take();
    const client = new ApiWorkflowClient({
      token: TOKEN,
      serverUrl: server.url,
      ...(dataset === null ? {} : { datasetId: dataset }),
      ...(embedding === undefined ? {} : { embeddingId: embedding }),
      onWarning: () => undefined,
    });
    client.waitTimeTillNextPoll = 0;
    await run(client);
    const sent = server.take();
    // What the Python client asks when it is made, ours asks before its first call.
    const [first] = complete(recorded["constructor"]!);
    if (sent[0]?.path === first!.path && name !== "checkVersionCompatibility") expect(sent.shift()).toEqual(first);
    expect(JSON.parse(JSON.stringify(sent))).toEqual(complete(recorded[name]!));
  });
});
