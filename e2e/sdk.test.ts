/** Every member of the SDK against the real server. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type ApiError, ApiWorkflowClient, EmbeddingDoesNotExistError, InvalidCustomMetadataWarning, SelectionConfig, TagDoesNotExistError, ValueError, type WinnowWarning, domains } from "@winnow/client";
import { type WritableRow, readEmbeddingsCsv, writeEmbeddingsCsv } from "@winnow/formats";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const TOKEN = "end-to-end token/with+signs";
const COUNT = 12;

const WINNOW = fileURLToPath(new URL("../apps/cli/bin/winnow.js", import.meta.url));
/** Without the settings of the test runner, which loads sources instead of what was built. */
const ENVIRONMENT = { ...process.env, NODE_OPTIONS: "", WINNOW_TOKEN: TOKEN };

let url: string;
let server: ChildProcess | undefined;
let folder: string;
let images: string;
let client: ApiWorkflowClient;
let colleague: ApiWorkflowClient;
let colleagueMail: string;
const warnings: WinnowWarning[] = [];
const connect = (options: ConstructorParameters<typeof ApiWorkflowClient>[0] = {}) =>
  new ApiWorkflowClient({ token: TOKEN, serverUrl: url, onWarning: (warning) => warnings.push(warning), patience: { pauseMs: 50 }, ...options });
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error("succeeded");
    },
    (error: unknown) => error,
  );
const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** A picture that no other number gives. */
const picture = (number: number) =>
  sharp({ create: { width: 64, height: 48, channels: 3, background: { r: (number * 53) % 256, g: (number * 97) % 256, b: (number * 193) % 256 } } }).composite([
    { input: Buffer.from(`<svg width="64" height="48"><circle cx="${10 + number * 3}" cy="20" r="8" fill="white"/></svg>`) },
  ]);

/** Vectors around a circle, so that what is far from what is known. */
const vector = (number: number) => [Math.cos((number / COUNT) * 2 * Math.PI), Math.sin((number / COUNT) * 2 * Math.PI), 0.5];

async function embeddingsFile(name: string, rows: Iterable<WritableRow>): Promise<string> {
  const path = join(folder, name);
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeEmbeddingsCsv(rows)) chunks.push(chunk);
  await writeFile(path, Buffer.concat(chunks));
  return path;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-sdk-"));
  images = join(folder, "images");
  await mkdir(join(images, "sub folder"), { recursive: true });
  for (let number = 0; number < COUNT; number++) {
    const name = number % 3 === 0 ? `sub folder/ü ${number}.png` : `${number}.jpg`;
    await writeFile(join(images, name), await (number % 3 === 0 ? picture(number).png() : picture(number).jpeg().withExif({ IFD0: { Make: "camera" } })).toBuffer());
  }
  const data = join(folder, "data");
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  server = spawn(process.execPath, [WINNOW, "server", "--data", data, "--port", String(port)], { env: ENVIRONMENT, stdio: ["ignore", "ignore", "inherit"] });
  await ready();
  client = connect();
  colleagueMail = "colleague@example.org";
  const { stdout } = await promisify(execFile)(process.execPath, [WINNOW, "user", "add", colleagueMail, "--data", data, "--json"], { env: ENVIRONMENT });
  colleague = connect({ token: (JSON.parse(stdout) as { token: string }).token });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function ready(): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (server!.exitCode !== null) break;
    if (await fetch(`${url}/healthz`).then((answer) => answer.ok, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the server did not start");
}

afterAll(async () => {
  if (server !== undefined && server.exitCode === null) {
    server.kill();
    await new Promise((resolve) => server!.once("exit", resolve));
  }
  await rm(folder, { recursive: true, force: true });
});

describe("datasets", () => {
  it("are created, found, shared and deleted", async () => {
    await client.checkVersionCompatibility();
    expect(await failure(client.datasetId)).toMatchObject({ name: "RuntimeError" });
    await client.createDataset("first one");
    const first = await client.datasetId;
    expect(await client.datasetType).toBe("Images");
    await client.createDataset("first one");
    expect(await client.datasetId).toBe(first);
    await client.createNewDatasetWithUniqueName("first one", { datasetType: "Videos" });
    const second = await client.datasetId;
    expect(await client.getDatasetById(second)).toMatchObject({ name: "first one_1", type: "Videos", nSamples: 0 });
    expect((await client.getDatasets()).map(({ name }) => name).sort()).toEqual(["first one", "first one_1"]);
    await client.setDatasetIdByName("first one");
    expect(await client.datasetId).toBe(first);
    expect(await failure(client.setDatasetIdByName("nobody's"))).toBeInstanceOf(ValueError);
    expect(await client.datasetExists(second)).toBe(true);
    for (const unknown of ["0".repeat(24), "no id", "ü/%"]) expect(await client.datasetExists(unknown)).toBe(false);
    expect(await failure(client.setDatasetId("0".repeat(24)))).toBeInstanceOf(ValueError);
    client.datasetId = second;
    expect(await client.datasetId).toBe(second);

    expect(await colleague.datasetExists(first)).toBe(false);
    await client.call(domains.collaboration.createOrUpdateSharedAccessConfigByDatasetId, { path: { datasetId: first }, body: { accessType: "WRITE", users: [colleagueMail] } });
    expect((await colleague.getDatasets({ shared: true })).map(({ id }) => id)).toEqual([first]);
    expect(await colleague.getDatasets()).toEqual([]);
    expect(await colleague.getAllDatasets()).toHaveLength(1);
    expect(await failure(colleague.deleteDatasetById(first))).toMatchObject({ name: "ApiError", status: 403 });

    await client.deleteDatasetById(second);
    expect(await client.datasetExists(second)).toBe(false);
    // No dataset is the current one now: the one modified last is taken.
    expect(await client.datasetId).toBe(first);
    expect(warnings.at(-1)!.message).toContain("first one");
    await client.deleteDatasetById(first);
    expect(await client.getAllDatasets()).toEqual([]);
  });

  it("with a name that isn't allowed are refused with the reason", async () => {
    expect(await failure(client.createDataset("§"))).toMatchObject({ name: "ApiError", status: 400, message: expect.stringContaining("name") });
  });

  it("need a token that is right, which no message repeats", async () => {
    const stranger = connect({ token: "wrong token/with+signs", retry: { attempts: 1 } });
    const error = (await failure(stranger.getDatasets())) as ApiError;
    expect(error).toMatchObject({ name: "ApiError", status: 401 });
    expect(error.message + error.body).not.toMatch(/with.{1,3}signs/);
    expect(await failure(stranger.datasetExists("0".repeat(24)))).toMatchObject({ status: 401 });
  });
});

describe("the main job", () => {
  let names: string[];

  it("uploads a folder", async () => {
    await writeFile(join(images, "broken.jpg"), (await picture(1).jpeg().toBuffer()).subarray(0, 300));
    await client.createDataset("photographs");
    const progress: number[] = [];
    const summary = await client.uploadDataset(images, { mode: "full", onProgress: ({ done }) => progress.push(done) });
    expect(summary).toMatchObject({ total: COUNT + 1, uploaded: COUNT + 1, skipped: 0, failed: [], corrupted: [{ fileName: "broken.jpg", reason: expect.any(String) }] });
    expect(progress.at(-1)).toBe(COUNT + 1);
    names = await client.getFilenames();
    expect([...names].sort()).toEqual([...(await readdir(images)).filter((name) => name.endsWith(".jpg")), ...(await readdir(join(images, "sub folder"))).map((name) => `sub folder/${name}`)].sort());
    expect((await client.getAllTags()).map(({ name }) => name)).toEqual(["initial-tag"]);
    expect(await client.getDatasetById(await client.datasetId)).toMatchObject({ nSamples: COUNT + 1, imgType: "full" });
    const [sample] = await client.call(domains.samples.getSamplesByDatasetId, { path: { datasetId: await client.datasetId }, query: { fileName: "1.jpg" } });
    expect(sample).toMatchObject({ fileName: "1.jpg", thumbName: "1_thumb.webp", exif: { Make: "camera" }, metaData: { shape: [48, 64, 3], is_corrupted: false } });
  });

  it("skips what is there, and tells the tags of what is new", async () => {
    await writeFile(join(images, "late.jpg"), await picture(40).jpeg().toBuffer());
    const summary = await client.uploadDataset(images, { mode: "full" });
    expect(summary).toMatchObject({ total: COUNT + 2, uploaded: 1, skipped: COUNT + 1 });
    const tags = await client.getAllTags();
    expect(tags).toHaveLength(2);
    expect(new Set(tags.map(({ totSize }) => totSize))).toEqual(new Set([COUNT + 2]));
    const added = tags.find(({ name }) => name !== "initial-tag")!;
    expect(added.name).toMatch(/^\d{8}_\d\dh\d\dm\d\ds$/);
    expect(await client.getFilenamesInTag(added)).toEqual(["late.jpg"]);
    names = await client.getFilenames();
  });

  it("makes, finds and deletes tags", async () => {
    const chosen = [names[5]!, names[0]!, names[3]!];
    const made = await client.createTagFromFilenames(chosen, "chosen");
    expect(await client.getTagById(made.id)).toMatchObject(made);
    const tag = await client.getTagByName("chosen");
    expect(await client.getFilenamesInTag(tag)).toEqual([names[0], names[3], names[5]]);
    const child = await client.createTagFromFilenames([names[0]!], "child", { parentTagId: made.id });
    expect((await client.getTagById(child.id)).prevTagId).toBe(made.id);
    const initial = await client.getTagByName("initial-tag");
    expect(await client.getFilenamesInTag(tag, { excludeParentTag: true })).toEqual([]);
    expect(await failure(client.getFilenamesInTag(initial, { excludeParentTag: true }))).toBeInstanceOf(ValueError);
    expect(await failure(client.createTagFromFilenames([names[0]!], "chosen"))).toMatchObject({ name: "RuntimeError" });
    expect(await failure(client.createTagFromFilenames(["nobody's.jpg"], "other"))).toMatchObject({ name: "RuntimeError", message: expect.stringContaining("nobody's.jpg") });
    expect(await failure(client.getTagByName("nobody's"))).toBeInstanceOf(TagDoesNotExistError);
    expect(await failure(client.deleteTagById(made.id))).toMatchObject({ code: "TAG_UNDELETABLE_NOT_A_LEAF" });
    expect(await failure(client.deleteTagById(initial.id))).toMatchObject({ code: "TAG_UNDELETABLE_IS_INITIAL" });
    await client.deleteTagById(child.id);
    expect(await failure(client.getTagById(child.id))).toMatchObject({ status: 404, code: "TAG_UNKNOWN" });
  });

  it("exports tags", async () => {
    const tag = await client.getTagByName("chosen");
    const wanted = [names[0]!, names[3]!, names[5]!];
    expect(await client.exportFilenamesByTagId(tag.id)).toBe(wanted.join("\n"));
    expect(await client.exportFilenamesByTagName("chosen")).toBe(wanted.join("\n"));
    const tasks = await client.exportLabelStudioTasksByTagName("chosen");
    expect(tasks).toEqual(await client.exportLabelStudioTasksByTagId(tag.id).then((again) => again.map((task, at) => ({ ...task, data: { ...task.data, image: tasks[at]!.data.image } }))));
    expect(tasks.map(({ data }) => data.lightlyFileName)).toEqual(wanted);
    const rows = await client.exportLabelBoxDataRowsByTagId(tag.id);
    expect(rows.map(({ externalId }) => externalId)).toEqual(wanted);
    expect(await client.exportLabelBoxDataRowsByTagName("chosen")).toHaveLength(3);
    // The addresses open without a token.
    const image = await fetch(rows[1]!.imageUrl);
    expect(sha(new Uint8Array(await image.arrayBuffer()))).toBe(sha(await readFile(join(images, wanted[1]!))));
  });

  it("downloads a tag's images, the same bytes, and goes on where it was", async () => {
    const output = join(folder, "downloaded");
    expect(await client.downloadDataset(output, { tagName: "chosen" })).toEqual({ total: 3, downloaded: 3, skipped: 0, failed: [], failedCount: 0 });
    const all = await client.downloadDataset(output);
    expect(all).toMatchObject({ total: COUNT + 1, skipped: 3 });
    for (const name of names.filter((fileName) => fileName !== "broken.jpg" && fileName !== "late.jpg")) {
      expect(sha(await readFile(join(output, name))), name).toBe(sha(await readFile(join(images, name))));
    }
    // A broken image was never sent.
    expect(all.failed.map(({ fileName }) => fileName)).toEqual(["broken.jpg"]);
    expect(await failure(client.downloadDataset(output, { tagName: "nobody's" }))).toBeInstanceOf(ValueError);
  });

  it("uploads embeddings, in any order", async () => {
    expect(await failure(client.setEmbeddingIdToLatest())).toMatchObject({ name: "RuntimeError" });
    const rows = names.map((fileName, number) => ({ fileName, values: Float32Array.from(vector(number)), label: number }));
    const path = await embeddingsFile("embeddings.csv", [...rows].reverse());
    await client.uploadEmbeddings(path, "default");
    const { id } = await client.getEmbeddingByName("default", { ignoreSuffix: false });
    expect(client.embeddingId).toBe(id);
    expect(await failure(client.getEmbeddingByName("nobody's"))).toBeInstanceOf(EmbeddingDoesNotExistError);
    expect(await failure(client.uploadEmbeddings(await embeddingsFile("few.csv", rows.slice(1)), "few"))).toBeInstanceOf(ValueError);
    // Put into a local file, the server's rows come in its order.
    const local = await embeddingsFile("local.csv", [{ fileName: names[2]!, values: [9, 9, 9] }, { fileName: "new.jpg", values: [8, 8, 8] }]);
    await client.appendEmbeddings(local, id);
    const merged = await readEmbeddingsCsv(createReadStream(local));
    expect(merged.fileNames).toEqual([...names, "new.jpg"]);
    expect([...merged.data.subarray(6, 9)]).toEqual([9, 9, 9]);
    expect(merged.data.subarray(0, 3)).toEqual(Float32Array.from(vector(0)));
  });

  it("appends to embeddings of the same name", async () => {
    const local = await embeddingsFile("one.csv", [{ fileName: names[0]!, values: [1, 0, 0.25] }]);
    await client.uploadEmbeddings(local, "default");
    const latest = client.embeddingId;
    const fresh = connect({ datasetId: await client.datasetId });
    await fresh.setEmbeddingIdToLatest();
    expect(fresh.embeddingId).toBe(latest);
    expect((await fresh.getEmbeddingByName("default")).name).toMatch(/^default_\d{8}_/);
    expect((await readEmbeddingsCsv(createReadStream(local))).rows).toBe(names.length);
  });

  it("selects by every method, with preselected samples and within a tag", async () => {
    const states = new Set<string>();
    const first = await client.selection(new SelectionConfig({ nSamples: 4, name: "coreset of 4" }), { onProgress: ({ status }) => states.add(status) });
    expect(states.has("FINISHED")).toBe(true);
    expect(await client.getFilenamesInTag(first)).toHaveLength(4);
    const more = await client.sampling(new SelectionConfig({ nSamples: 7, name: "coreset of 7" }), { preselectedTagId: first.id });
    const [four, seven] = [await client.getFilenamesInTag(first), await client.getFilenamesInTag(more)];
    expect(seven).toHaveLength(7);
    expect(seven).toEqual(expect.arrayContaining(four));
    const chosen = await client.getTagByName("chosen");
    const random = await client.selection(new SelectionConfig({ method: "RANDOM", nSamples: 2, name: "two of three", seed: 3 }), { queryTagId: chosen.id });
    const two = await client.getFilenamesInTag(random);
    expect(two).toHaveLength(2);
    expect(await client.getFilenamesInTag(chosen)).toEqual(expect.arrayContaining(two));
    expect(await failure(client.selection(new SelectionConfig({ name: "coreset of 4" })))).toMatchObject({ name: "RuntimeError" });
    expect(await failure(client.selection(new SelectionConfig({ nSamples: -1, name: "no end" })))).toMatchObject({ name: "ApiError", status: 400 });
  });

  it("selects by scores", async () => {
    const initial = await client.getTagByName("initial-tag");
    const size = (await client.getFilenamesInTag(initial)).length;
    await client.uploadScores({ uncertainty_margin: Float64Array.from({ length: size }, (_, at) => at / size), other: Array.from({ length: size }, () => 0.5) });
    const best = await client.selection(new SelectionConfig({ method: "ACTIVE_LEARNING", nSamples: 3, name: "by score" }), { queryTagId: initial.id });
    expect(await client.getFilenamesInTag(best)).toEqual(names.slice(size - 3, size));
    const both = await client.selection(new SelectionConfig({ method: "CORAL", nSamples: 3, name: "by both", scoreType: "uncertainty_margin" }), { queryTagId: initial.id });
    expect(await client.getFilenamesInTag(both)).toHaveLength(3);
    expect(await failure(client.uploadScores({ uncertainty_margin: [1] }))).toMatchObject({ name: "ApiError", status: 400 });
    const chosen = await client.getTagByName("chosen");
    await client.uploadScores({ of_three: [1, 2, 3] }, { queryTagId: chosen.id });
  });

  it("stores custom metadata and says how to show it", async () => {
    const metadata = {
      images: [{ file_name: names[0]!, id: 1 }, { file_name: names[1]!, id: 2 }, { file_name: "nobody's.jpg", id: 3 }],
      metadata: [{ image_id: 1, weather: { scenario: "fog" } }, { image_id: 2, weather: null }, { image_id: 3 }, { image_id: 4 }],
    };
    client.verifyCustomMetadataFormat(metadata);
    expect(client.indexCustomMetadataByFilename(metadata).get(names[0]!)).toEqual(metadata.metadata[0]);
    warnings.length = 0;
    await client.uploadCustomMetadata(metadata);
    expect(warnings.map((warning) => warning instanceof InvalidCustomMetadataWarning)).toEqual([true, true]);
    const datasetId = await client.datasetId;
    const [sample] = await client.call(domains.samples.getSamplesByDatasetId, { path: { datasetId }, query: { fileName: names[0]! } });
    expect(sample).toMatchObject({ customMetaData: metadata.metadata[0], metaData: { shape: [48, 64, 3] } });
    const { id } = await client.createCustomMetadataConfig("weather", [{ name: "Weather", path: "weather.scenario", defaultValue: "unknown", valueDataType: "CATEGORICAL_STRING" }]);
    const found = await client.call(domains.metadata.getMetaDataConfigurationById, { path: { datasetId, configurationId: id } });
    expect(found).toMatchObject({ name: "weather", configs: [{ path: "weather.scenario" }] });
  });

  it("sends and reads files by signed addresses", async () => {
    const datasetId = await client.datasetId;
    const { id: sampleId } = await client.call(domains.samples.createSampleByDatasetId, { path: { datasetId }, body: { fileName: "by hand.jpg" } });
    const url = await client.call(domains.samples.getSampleImageWriteUrlById, { path: { datasetId, sampleId }, query: { isThumbnail: false } });
    const bytes = await picture(3).jpeg().toBuffer();
    expect((await client.uploadFileWithSignedUrl(bytes, url)).ok).toBe(true);
    const readUrl = await client.call(domains.samples.getSampleImageReadUrlById, { path: { datasetId, sampleId }, query: { type: "full" } });
    expect(sha(new Uint8Array(await (await fetch(readUrl)).arrayBuffer()))).toBe(sha(bytes));
    expect(await failure(client.uploadFileWithSignedUrl(bytes, url.replace(sampleId, "0".repeat(24))))).toMatchObject({ name: "ApiError" });
  });
});

describe("other ways to upload", () => {
  it.each(["single", "bulk"] as const)("takes an iterable of bytes, %s", async (registration) => {
    await client.createDataset(`by iterable ${registration}`);
    const bytes = await picture(1).jpeg().toBuffer();
    async function* files() {
      for (let at = 0; at < 230; at++) yield { fileName: `${at}.jpg`, bytes: at === 3 ? Buffer.from("broken") : bytes };
    }
    const summary = await client.uploadDataset(files(), { registration, mode: "thumbnails", total: 230 });
    expect(summary).toMatchObject({ total: 230, uploaded: 230, failedCount: 0, corruptedCount: 1 });
    expect((await client.getFilenames()).length).toBe(230);
    expect(await client.uploadDataset(files(), { registration })).toMatchObject({ uploaded: 0, skipped: 230 });
    expect(await failure(client.downloadDataset(join(folder, "never")))).toBeInstanceOf(ValueError);
  });

  it("repairs what an interrupted upload left without picture", async () => {
    await client.createDataset("repaired");
    const datasetId = await client.datasetId;
    const bytes = await picture(1).jpeg().toBuffer();
    await client.call(domains.samples.createSampleByDatasetId, { path: { datasetId }, body: { fileName: "left.jpg", thumbName: "left_thumb.webp" } });
    const files = [{ fileName: "left.jpg", bytes }, { fileName: "right.jpg", bytes }];
    expect(await client.uploadDataset(files, { mode: "full" })).toMatchObject({ uploaded: 1, skipped: 1, repaired: 0 });
    expect(await client.uploadDataset(files, { mode: "full", repair: true })).toMatchObject({ uploaded: 0, skipped: 1, repaired: 1 });
    expect(await client.downloadDataset(join(folder, "repaired"))).toMatchObject({ downloaded: 2, failedCount: 0 });
  });

  it("stores metadata alone", async () => {
    await client.createDataset("metadata alone");
    expect(await client.uploadDataset(images, { mode: "metadata" })).toMatchObject({ uploaded: COUNT + 2, failedCount: 0 });
    expect((await client.getDatasetById(await client.datasetId)).imgType).toBe("meta");
  });

  it("takes two uploads into one dataset at a time", async () => {
    await client.createDataset("two at a time");
    const datasetId = await client.datasetId;
    const bytes = await picture(1).jpeg().toBuffer();
    const files = Array.from({ length: 60 }, (_, at) => ({ fileName: `${at}.jpg`, bytes }));
    const other = connect({ datasetId });
    await Promise.all([client.uploadDataset(files.slice(0, 40)), other.uploadDataset(files.slice(20))]);
    const names = await client.getFilenames();
    expect(new Set(names).size).toBe(60);
    expect(names).toHaveLength(60);
  });
});

describe("compute workers", () => {
  /** What a worker process does, by the contract. */
  async function worker(name: string, labels: string[] = []) {
    const workerId = await client.registerComputeWorker({ name, labels });
    const { sessionId } = await client.call(domains.workers.createWorkerSession, { path: { workerId }, body: {} });
    const query = { sessionId };
    return {
      workerId,
      async take(scheduledId: string): Promise<string> {
        const path = { datasetId: await client.datasetId, workerId, scheduledId };
        await client.call(domains.workers.updateScheduledDockerRunStateById, { path, query, body: { state: "LOCKED" } });
        return (await client.call(domains.workers.createDockerRun, { query, body: { dockerVersion: "1.0", scheduledId } })).id;
      },
      say: (runId: string, state: "EMBEDDING" | "COMPLETED" | "FAILED", message: string) => client.call(domains.workers.updateDockerRunById, { path: { runId }, query, body: { state, message } }),
      progress: (runId: string, done: number) => client.call(domains.workers.updateRunProgressById, { path: { runId }, query, body: { stage: "embedding", done, total: 10 } }),
    };
  }

  it("are registered, listed and removed", async () => {
    const id = await client.registerComputeWorker();
    expect(await client.registerComputeWorker({ name: "Default" })).toBe(id);
    const other = await client.registerComputeWorker({ name: "another one", labels: ["gpu"] });
    expect(await client.getComputeWorkerIds()).toEqual(expect.arrayContaining([id, other]));
    await client.deleteComputeWorker(other);
    expect(await client.getComputeWorkerIds()).not.toContain(other);
    expect(await failure(client.deleteComputeWorker(other))).toMatchObject({ status: 404, code: "DOCKER_WORKER_UNKNOWN" });
  });

  it("get configurations that are checked, runs with priorities and labels, and runs are cancelled", async () => {
    await client.createDataset("runs to schedule");
    const strategies = [{ input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } }];
    const configId = await client.createComputeWorkerConfig({ workerConfig: { pretagging: false }, lightlyConfig: { loader: { batch_size: 4 } }, selectionConfig: { n_samples: 4, strategies } });
    expect((await client.call(domains.workers.getDockerWorkerConfigById, { path: { configId } })).config).toEqual({ workerType: "FULL", docker: { pretagging: false }, lightly: { loader: { batch_size: 4 } }, selection: { n_samples: 4, strategies } });
    expect(await failure(client.createComputeWorkerConfig({ workerConfig: { methd: "random" }, selectionConfig: { strategies } }))).toMatchObject({ status: 400, message: expect.stringMatching(/docker\.methd: .*did you mean method\?.*selection: needs exactly one/) });
    const low = await client.scheduleComputeWorkerRun({ priority: "LOW" });
    const critical = await client.scheduleComputeWorkerRun({ priority: "CRITICAL", runsOn: ["gpu"], selectionConfig: { proportion_samples: 0.5, strategies } });
    expect(await client.getScheduledComputeWorkerRuns()).toMatchObject([{ id: critical, priority: "CRITICAL", runsOn: ["gpu"], state: "OPEN" }, { id: low, priority: "LOW", runsOn: [] }]);
    await client.cancelScheduledRun(low);
    expect((await client.getScheduledComputeWorkerRuns()).map(({ id }) => id)).toEqual([critical]);
    const events = [];
    for await (const event of client.followComputeWorkerRun(low)) events.push(event);
    expect(events).toEqual([{ type: "ended", state: "CANCELED", message: undefined, run: undefined }]);
    expect(await failure(client.followComputeWorkerRun("f".repeat(24)).next())).toMatchObject({ name: "RuntimeError" });
    await client.cancelScheduledRun(critical);
  });

  it("are followed from waiting to the end, each thing once, and the report is fetched", async () => {
    await client.createDataset("a run to follow");
    const { take, say, progress } = await worker("a worker to follow");
    const scheduledId = await client.scheduleComputeWorkerRun();
    const events: unknown[] = [];
    let runId = "";
    for await (const event of client.followComputeWorkerRun(scheduledId, { pollSeconds: 0.05 })) {
      events.push(event.type === "state" ? [event.state, event.message] : event.type === "progress" ? event.progress.done : event.type === "scheduled" ? event.state : [event.type, event.state, event.message, event.run?.id]);
      if (event.type === "scheduled" && event.state === "OPEN") runId = await take(scheduledId);
      else if (event.type === "state" && event.state === "STARTED") {
        await say(runId, "EMBEDDING", "Embedding 10 images");
        await progress(runId, 4);
      } else if (event.type === "progress" && event.progress.done === 4) {
        expect(await failure(client.getRunReport(runId))).toMatchObject({ status: 404, code: "DOCKER_RUN_REPORT_UNAVAILABLE" });
        await client.uploadFileWithSignedUrl(new TextEncoder().encode("%PDF-1.7 report"), await client.call(domains.workers.getDockerRunReportWriteUrlById, { path: { runId } }));
        await progress(runId, 10);
      } else if (event.type === "progress") await say(runId, "COMPLETED", "Selected 3 of 10");
    }
    expect(events).toEqual(["OPEN", "LOCKED", ["STARTED", undefined], ["EMBEDDING", "Embedding 10 images"], 4, 10, ["COMPLETED", "Selected 3 of 10"], ["ended", "COMPLETED", "Selected 3 of 10", runId]]);
    expect(new TextDecoder().decode(await client.getRunReport(runId))).toBe("%PDF-1.7 report");
    expect(await (await fetch(await client.getRunReportReadUrl(runId))).text()).toBe("%PDF-1.7 report");
    expect((await client.getComputeWorkerRuns()).find(({ id }) => id === runId)).toMatchObject({ state: "COMPLETED", reportAvailable: true });
    expect(await client.getScheduledComputeWorkerRuns()).toEqual([]);
  });

  it("lose a run that is aborted, and following ends with it", async () => {
    await client.createDataset("a run to abort");
    const { take, say } = await worker("a worker to abort");
    const scheduledId = await client.scheduleComputeWorkerRun();
    const runId = await take(scheduledId);
    expect(await failure(client.cancelScheduledRun(scheduledId))).toMatchObject({ status: 409, code: "DOCKER_WORKER_SCHEDULE_UPDATE_FAILED" });
    await client.abortRun(runId, { message: "not today" });
    expect(await failure(client.abortRun(runId))).toMatchObject({ status: 409, code: "DOCKER_RUN_ENDED" });
    expect(await failure(say(runId, "EMBEDDING", "still here"))).toMatchObject({ status: 409, code: "DOCKER_RUN_ENDED" });
    const events = [];
    for await (const event of client.followComputeWorkerRun(scheduledId)) events.push(event);
    expect(events.at(-1)).toMatchObject({ type: "ended", state: "ABORTED", message: "not today" });
  });

  it("may be left before the end", async () => {
    await client.createDataset("a run to leave");
    const scheduledId = await client.scheduleComputeWorkerRun();
    const controller = new AbortController();
    const events = client.followComputeWorkerRun(scheduledId, { signal: controller.signal });
    expect((await events.next()).value).toEqual({ type: "scheduled", state: "OPEN" });
    setTimeout(() => controller.abort(new Error("enough")), 20);
    expect(await failure(events.next())).toMatchObject({ message: "enough" });
    expect(await client.getScheduledComputeWorkerRuns()).toHaveLength(1);
  });
});
