/** What must not lose or double anything: workers that are killed, a server that restarts, aborts, two workers, sources that stop, full disks. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { type ClientRequest, type IncomingMessage, type RequestOptions, type Server, type ServerResponse, createServer, request } from "node:http";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type ApiWorkflowClient, domains } from "@winnow/client";
import { openDatabase } from "@winnow/server";
import { type FileServer, startFileServer } from "@winnow/storage";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { Program, bin, endAll } from "./program.ts";
import { RunScene, TOKEN, numbered, writePictures } from "./worker-scene.ts";

let scene: RunScene;
beforeAll(async () => {
  scene = await RunScene.begin();
});
afterAll(async () => {
  await endAll();
  await scene.end();
});

// A program that a failed test leaves behind would take the runs of the others.
afterEach(async () => {
  await endAll();
  await scene.stopWorkers();
});

/** A worker as a program of its own, which can be killed. */
function program(name: string, serverUrl = scene.server.url): Program {
  return new Program(bin, ["worker", "--server", serverUrl, "--name", name, "--work", join(scene.folder, "work", name)], { WINNOW_TOKEN: TOKEN });
}

/** The same request to another server. */
function passed({ method, url, headers }: IncomingMessage, behind: URL): RequestOptions {
  return { host: behind.hostname, port: behind.port, method, path: url, headers };
}

/** Asks another server the same and gives back what it answers. The body is the caller's to send. */
function passOn(incoming: IncomingMessage, outgoing: ServerResponse, behind: URL): ClientRequest {
  return request(passed(incoming, behind), (answer) => {
    outgoing.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(outgoing);
  });
}

/** One request of a worker. */
interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** Starts a worker and kills it at the very moment when the server has done what it asked for, before the worker hears of it. */
async function killedAfter(name: string, isMoment: (asked: Asked) => boolean): Promise<void> {
  const behind = new URL(scene.server.url);
  let reach!: () => void;
  let fail!: (error: Error) => void;
  const reached = new Promise<void>((resolve, reject) => ([reach, fail] = [resolve, reject]));
  const proxy = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
      const body = Buffer.concat(chunks);
      const isNow = isMoment({ method: incoming.method!, path: new URL(incoming.url!, "http://x").pathname, body: body.toString() });
      const through = isNow ? request(passed(incoming, behind), (answer) => answer.resume().once("end", reach)) : passOn(incoming, outgoing, behind);
      through.on("error", () => outgoing.destroy());
      through.end(body);
    });
  });
  await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
  const worker = program(name, `http://127.0.0.1:${(proxy.address() as { port: number }).port}`);
  const early = worker.ended.then(({ stdout, stderr }) => fail(new Error(`it ended before it could be killed: ${stdout}${stderr}`)));
  await reached;
  await worker.stop("SIGKILL");
  await early;
  proxy.closeAllConnections();
  await new Promise((done) => proxy.close(done));
}

async function stateOf(datasetId: string): Promise<string | undefined> {
  const [run] = await scene.client.call(domains.workers.getDockerRunsQueryByDatasetId, { path: { datasetId }, query: {} });
  return run?.state;
}

/** Everything that a run adds, in a form that can be compared. */
async function contentOf(client: ApiWorkflowClient) {
  const datasetId = await client.datasetId;
  const samples = await client.call(domains.samples.getSamplesByDatasetId, { path: { datasetId }, query: { mode: "full" } });
  const tags = await client.getAllTags();
  const embeddings = await client.call(domains.embeddings.getEmbeddingsByDatasetId, { path: { datasetId } });
  return {
    samples: samples.map(({ fileName, thumbName, metaData }) => ({ fileName, thumbName, metaData })),
    tags: tags.map(({ name, bitMaskData }) => [name, bitMaskData]),
    embeddings: embeddings.map(({ name }) => name),
  };
}

/** A file server in front of another that is slow, or says nothing at all. */
class SlowSource {
  delayMs = 0;
  silent = false;
  asked = 0;
  readonly #files: FileServer;
  readonly #proxy: Server;

  private constructor(files: FileServer, proxy: Server) {
    this.#files = files;
    this.#proxy = proxy;
  }

  static async begin(folder: string): Promise<SlowSource> {
    const files = await startFileServer({ folder, port: 0 });
    const behind = new URL(files.url);
    const proxy = createServer((incoming, outgoing) => {
      const isFile = new URL(incoming.url!, "http://x").pathname.endsWith(".jpg");
      if (isFile) slow.asked++;
      if (slow.silent && isFile) return;
      setTimeout(
        () => {
          const through = passOn(incoming, outgoing, behind);
          through.on("error", () => outgoing.destroy());
          incoming.pipe(through);
        },
        isFile ? slow.delayMs : 0,
      );
    });
    const slow = new SlowSource(files, proxy);
    await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
    return slow;
  }

  get url(): string {
    const address = this.#proxy.address() as { port: number };
    return `http://127.0.0.1:${address.port}`;
  }

  async end(): Promise<void> {
    this.#proxy.closeAllConnections();
    await new Promise((done) => this.#proxy.close(done));
    await this.#files.close();
  }
}

async function slowDataset(name: string, count: number) {
  const { id, folder, client } = await scene.dataset(name);
  await writePictures(folder, numbered(count));
  const source = await SlowSource.begin(folder);
  await client.setLocalConfig(source.url, { thumbnailSuffix: null });
  return { id, folder, client, source };
}

/** Runs take their time where many tests run side by side. */
vi.setConfig({ testTimeout: 600_000 });

describe("a worker that is killed", () => {
  test.each(["EMBEDDING", "SAMPLING", "UPLOADING_DATASET", "GENERATING_REPORT"])("in the state %s: the same worker, started again, finishes the run, and nothing is there twice", async (state) => {
    const calm = await scene.dataset(`calm ${state}`.replace("_", " "));
    const { id, folder, client } = await scene.dataset(`killed ${state}`.replace("_", " "));
    await writePictures(calm.folder, numbered(20));
    await writePictures(folder, numbered(20));
    const workerConfig = { stopping_condition: { n_samples: 12 } };
    await calm.client.scheduleComputeWorkerRun({ workerConfig });
    await scene.work({ name: "calm one" });

    await client.scheduleComputeWorkerRun({ workerConfig });
    const name = `killed in ${state}`;
    await killedAfter(name, ({ method, path, body }) => method === "PUT" && /^\/v1\/docker\/runs\/\w+$/.test(path) && (JSON.parse(body) as { state?: string }).state === state);
    expect(await stateOf(id)).toBe(state);
    await scene.work({ name, workFolder: join(scene.folder, "work", name) });
    const run = await scene.lastRun(id);
    expect(run.state, run.message).toBe("COMPLETED");
    expect(await scene.client.call(domains.workers.getDockerRunsQueryByDatasetId, { path: { datasetId: id }, query: {} })).toHaveLength(1);
    expect(await contentOf(client)).toEqual(await contentOf(calm.client));
  });

  test("in the middle of the upload, on a machine that never comes back: another worker finishes when the lease has run out", async () => {
    const { id, folder, client } = await scene.dataset("never back");
    await writePictures(folder, numbered(16));
    await client.scheduleComputeWorkerRun({ workerConfig: { stopping_condition: { n_samples: 8 } } });
    await killedAfter("never back", ({ method, path }) => method === "POST" && /\/samples(\/bulk)?$/.test(path));
    expect((await client.getFilenames()).length).toBeGreaterThan(0);
    await scene.work({ name: "the other" });
    expect(await stateOf(id)).toBe("UPLOADING_DATASET");
    // A minute later, as far as the server can tell.
    const db = await openDatabase(join(scene.folder, "data"));
    await db.updateTable("scheduled_runs").set({ lease_until: Date.now() - 1 }).where("dataset_id", "=", id).execute();
    await db.destroy();
    const lines = await scene.work({ name: "the other" });
    const run = await scene.lastRun(id);
    expect(run.state, run.message).toBe("COMPLETED");
    expect(lines.join("\n")).toContain("goes on from there");
    const names = await client.getFilenames();
    expect(new Set(names).size).toBe(8);
    expect(names).toHaveLength(8);
    expect((await client.getAllTags()).map((tag) => tag.name)).toEqual(["initial-tag"]);
  });
});

test("a worker that is asked to stop gives its run back, and another does it", async () => {
  const { id, client, source } = await slowDataset("given back", 12);
  source.delayMs = 300;
  await client.scheduleComputeWorkerRun();
  const first = program("asked to stop");
  await scene.until("some reading", async () => (source.asked > 3 ? true : undefined));
  expect(await first.stop("SIGTERM")).toMatchObject({ code: 0 });
  source.delayMs = 0;
  expect((await client.getScheduledComputeWorkerRuns()).map(({ state }) => state)).toEqual(["OPEN"]);
  await scene.work({ name: "the next" });
  expect((await scene.lastRun(id)).state).toBe("COMPLETED");
  expect(await client.getFilenames()).toHaveLength(12);
  await source.end();
});

test("an abort is heard of within seconds, and leaves the dataset as it was", async () => {
  const { id, client, source } = await slowDataset("aborted", 40);
  source.delayMs = 500;
  await client.scheduleComputeWorkerRun();
  const worker = scene.worker({ name: "aborted" });
  await scene.until("some reading", async () => (source.asked > 3 ? true : undefined));
  const run = await scene.lastRun(id);
  await client.call(domains.workers.updateDockerRunById, { path: { runId: run.id }, query: {}, body: { state: "ABORTED", message: "enough" } });
  const began = Date.now();
  await scene.until("the end of the run", async () => (worker.lines.some((line) => line.includes("The run was aborted.")) ? true : undefined));
  expect(Date.now() - began).toBeLessThan(20_000);
  expect((await scene.lastRun(id)).state).toBe("ABORTED");
  expect(await client.getFilenames()).toEqual([]);
  expect(await client.getProcessedUntilTimestamp()).toBe(0);
  expect(await client.getScheduledComputeWorkerRuns()).toEqual([]);
  await worker.stop();
  await source.end();
});

test("a server that is restarted in the middle is waited for", async () => {
  const { id, client, source } = await slowDataset("restarted", 30);
  source.delayMs = 200;
  await client.scheduleComputeWorkerRun({ workerConfig: { stopping_condition: { n_samples: 5 } } });
  const worker = scene.worker({ name: "patient" });
  await scene.until("some reading", async () => (source.asked > 5 ? true : undefined));
  const { port } = new URL(scene.server.url);
  await scene.server.close();
  await wait(1_500);
  await scene.startServer(Number(port));
  await scene.until("the end of the run", async () => ((await stateOf(id)) === "COMPLETED" ? true : undefined));
  expect(worker.lines.join("\n")).toContain("does not answer");
  expect(await client.getFilenames()).toHaveLength(5);
  await worker.stop();
  await source.end();
});

test("two workers share a queue, and a newer process of the same name takes over from the older", async () => {
  const sets = await Promise.all(["shared 1", "shared 2", "shared 3", "shared 4"].map((name) => slowDataset(name, 6)));
  // A run takes long enough for the other worker to take the next.
  for (const { source } of sets) source.delayMs = 500;
  for (const { client } of sets) await client.scheduleComputeWorkerRun({ workerConfig: { stopping_condition: { n_samples: 2 } } });
  const [first, second] = [scene.worker({ name: "share one" }), scene.worker({ name: "share two" })];
  for (const { id, client } of sets) {
    await scene.until("the end of a run", async () => ((await stateOf(id)) === "COMPLETED" ? true : undefined));
    expect(await client.getFilenames()).toHaveLength(2);
  }
  const done = () => [first, second].map(({ lines }) => lines.filter((line) => line.includes(" is done: ")).length);
  await scene.until("what both say of it", async () => (done()[0]! + done()[1]! === 4 ? true : undefined));
  expect(Math.min(...done())).toBeGreaterThan(0);
  await second.stop();
  for (const { source } of sets) await source.end();
  const newer = scene.worker({ name: "share one" });
  expect(await first.ended).toBe("replaced");
  expect(await newer.stop()).toBe("stopped");
});

test("a datasource that stops answering ends the run with what to do, changes nothing, and is gone on with later", async () => {
  const { id, client, source } = await slowDataset("silent", 30);
  await client.scheduleComputeWorkerRun({ workerConfig: { stopping_condition: { n_samples: 4 } } });
  const worker = scene.worker({ name: "silent", limits: { stallMs: 3_000, sourcePatienceMs: 8_000 } });
  source.delayMs = 100;
  await scene.until("some reading", async () => (source.asked > 5 ? true : undefined));
  source.silent = true;
  await scene.until("the end of the run", async () => ((await stateOf(id)) === "FAILED" ? true : undefined));
  expect((await scene.lastRun(id)).message).toMatch(/^The datasource stopped answering \(\d+\.jpg: .*\)\. Check that it can be reached and schedule the run again\.$/);
  expect(await client.getFilenames()).toEqual([]);
  expect(await client.getProcessedUntilTimestamp()).toBe(0);
  await worker.stop();
  source.silent = false;
  source.delayMs = 0;
  await client.scheduleComputeWorkerRun({ workerConfig: { stopping_condition: { n_samples: 4 } } });
  await scene.work({ name: "not so hasty" });
  expect((await scene.lastRun(id)).state).toBe("COMPLETED");
  expect(await client.getFilenames()).toHaveLength(4);
  await source.end();
});

/** Whether a small disk can be made here; that takes rights that tests rarely have. */
function smallDisk(path: string): (() => void) | undefined {
  mkdirSync(path, { recursive: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k", "tmpfs", path], { stdio: "ignore" });
    return () => execFileSync("umount", [path], { stdio: "ignore" });
  } catch {
    return undefined;
  }
}

test("a disk that fills up ends the run with what to do, and nothing is lost", async (context) => {
  const { id, folder, client } = await scene.dataset("full disk");
  await writePictures(folder, numbered(60));
  const small = join(scene.folder, "small");
  const undo = smallDisk(small);
  if (undo === undefined) {
    context.skip("no small disk can be mounted here");
    return;
  }
  try {
    await client.scheduleComputeWorkerRun({ workerConfig: { stopping_condition: { n_samples: 4 } } });
    const lines = await scene.work({ name: "small disk", workFolder: small });
    const run = await scene.lastRun(id);
    expect(run.state, lines.join("\n")).toBe("FAILED");
    expect(run.message).toMatch(/^The worker's disk is full.* --work folder, and schedule the run again\.$/);
    expect(await client.getFilenames()).toEqual([]);
    expect(await client.getProcessedUntilTimestamp()).toBe(0);
  } finally {
    undo();
  }
  await client.scheduleComputeWorkerRun({ workerConfig: { stopping_condition: { n_samples: 4 } } });
  await scene.work({ name: "large disk" });
  expect((await scene.lastRun(id)).state).toBe("COMPLETED");
  expect(await client.getFilenames()).toHaveLength(4);
});
