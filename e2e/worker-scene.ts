/** What tests of runs begin with: a server, a folder of images and videos as datasource, and workers. */
import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ApiWorkflowClient, domains } from "@winnow/client";
import type { DockerRunData } from "@winnow/contract";
import { type Configuration, type RunningServer, startServer } from "@winnow/server";
import { type WorkerEnd, type WorkerOptions, runWorker } from "@winnow/worker";
import { writePicture } from "./program.ts";

export const TOKEN = "a-token-for-runs-of-workers";

/** Files are older than the run, as those of people are. */
const LONG_AGO = Date.now() / 1000 - 3600;

export interface WorkerUnderTest {
  readonly ended: Promise<WorkerEnd>;
  readonly lines: string[];
  stop(): Promise<WorkerEnd>;
}

export class RunScene {
  server!: RunningServer;
  client!: ApiWorkflowClient;
  readonly folder: string;
  readonly source: string;
  readonly #workers: WorkerUnderTest[] = [];

  private constructor(
    folder: string,
    readonly settings: Partial<Configuration>,
  ) {
    this.folder = folder;
    this.source = join(folder, "source");
  }

  static async begin(settings: Partial<Configuration> = {}): Promise<RunScene> {
    const scene = new RunScene(await mkdtemp(join(tmpdir(), "winnow-runs-")), settings);
    await mkdir(scene.source);
    await scene.startServer();
    return scene;
  }

  async startServer(port = 0): Promise<void> {
    this.server = await startServer({ dataFolder: join(this.folder, "data"), port, ownerToken: TOKEN, logLevel: "error", allowFolders: [this.folder], ...this.settings });
    this.client = this.newClient();
  }

  newClient(): ApiWorkflowClient {
    return new ApiWorkflowClient({ token: TOKEN, serverUrl: this.server.url, onWarning: () => undefined });
  }

  /** Ends what a failed test leaves behind: its workers would take the runs of the others. */
  async stopWorkers(): Promise<void> {
    await Promise.all(this.#workers.splice(0).map((worker) => worker.stop().catch(() => undefined)));
  }

  async end(): Promise<void> {
    await this.stopWorkers();
    await this.server.close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** A dataset whose datasource is a folder, made if it isn't there. */
  async dataset(name: string, folder = name): Promise<{ id: string; folder: string; client: ApiWorkflowClient }> {
    const path = join(this.source, folder);
    await mkdir(path, { recursive: true });
    const client = this.newClient();
    await client.createDataset(name);
    await client.setLocalConfig(path);
    return { id: await client.datasetId, folder: path, client };
  }

  /** Runs a worker in this process. */
  worker(options: Partial<WorkerOptions> = {}): WorkerUnderTest {
    const stop = new AbortController();
    const lines: string[] = [];
    const ended = runWorker({
      serverUrl: this.server.url,
      token: TOKEN,
      name: "worker under test",
      workFolder: join(this.folder, "work", options.name ?? "worker under test"),
      stop: stop.signal,
      onLine: (level, message) => lines.push(`${level}: ${message}`),
      ...options,
      // Nothing fails because a machine is busy: tests in which a source falls silent set limits of their own.
      limits: { pollMs: 50, heartbeatMs: 1_000, renewMs: 200, stallMs: 60_000, sourcePatienceMs: 200_000, ...options.limits },
    });
    ended.catch(() => undefined);
    const worker = {
      ended,
      lines,
      stop: async () => {
        stop.abort("SIGTERM");
        return ended;
      },
    };
    this.#workers.push(worker);
    return worker;
  }

  /** Does everything that is scheduled. */
  async work(options: Partial<WorkerOptions> = {}): Promise<string[]> {
    const worker = this.worker({ once: true, ...options });
    await worker.ended;
    return worker.lines;
  }

  /** The newest run of a dataset. */
  async lastRun(datasetId: string): Promise<DockerRunData> {
    const runs = await this.client.call(domains.workers.getDockerRunsQueryByDatasetId, { path: { datasetId }, query: {} });
    const newest = runs.toSorted((a, b) => b.createdAt - a.createdAt)[0];
    if (newest === undefined) throw new Error("the dataset has no run");
    return this.client.call(domains.workers.getDockerRunById, { path: { runId: newest.id } });
  }

  async until<Value>(what: string, look: () => Promise<Value | undefined>, timeoutMs = 200_000): Promise<Value> {
    const ends = Date.now() + timeoutMs;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() > ends) throw new Error(`${what} did not happen within ${timeoutMs} ms`);
      await wait(30);
    }
  }
}

/** Images that all differ, dated long ago. */
export async function writePictures(folder: string, names: readonly string[], first = 0): Promise<void> {
  for (const [i, name] of names.entries()) {
    await writePicture(join(folder, name), first + i);
    await age(join(folder, name));
  }
}

export async function writeOld(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  await age(path);
}

export async function age(path: string, seconds = LONG_AGO): Promise<void> {
  await utimes(path, seconds, seconds);
}

export function numbered(count: number, from = 0, prefix = "", extension = "jpg"): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${String(from + i).padStart(3, "0")}.${extension}`);
}
