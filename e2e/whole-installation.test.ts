/**
 * An installation on several machines: two servers for requests, two for jobs and two compute workers on one PostgreSQL and
 * one S3 service. Files, selections and runs come through both servers while each of the six is killed in turn; in the end
 * everything is done, once.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiWorkflowClient, domains } from "@winnow/client";
import { startS3Server } from "@winnow/storage/testing";
import { afterAll, expect, test } from "vitest";
import { createTestDatabase, postgresIsMissing } from "../apps/server/src/testing/postgres.ts";
import { ServerProcess, sharedSettings } from "../apps/server/src/testing/server-process.ts";
import { Program, bin, endAll, temporaryFolder, writePicture } from "./program.ts";
import { age } from "./worker-scene.ts";

const token = "the-token-of-the-owner";
const pictures = 8;
const runs = 4;
const selections = 6;

afterAll(endAll);

/** A compute worker that can be killed and started again. */
class WorkerProcess {
  #program?: Program;

  constructor(
    readonly name: string,
    readonly server: ServerProcess,
    readonly folder: string,
  ) {}

  async start(): Promise<void> {
    this.#program = new Program(bin, ["worker", "--server", this.server.url, "--name", this.name, "--work", join(this.folder, this.name)], { WINNOW_TOKEN: token });
    if (!(await this.#program.until(/waits for runs/))) throw new Error(`${this.name} ended: ${this.#program.stdout}${this.#program.stderr}`);
  }

  async kill(): Promise<void> {
    await this.#program?.stop("SIGKILL");
  }
}

test.skipIf(postgresIsMissing)(`two servers for requests, two for jobs and two workers, each killed in turn: everything is done exactly once${postgresIsMissing === undefined ? "" : ` (${postgresIsMissing})`}`, { timeout: 900_000 }, async () => {
  const home = temporaryFolder();
  const [database, s3] = await Promise.all([createTestDatabase(), startS3Server("winnow-blobs")]);
  const settings = { ...sharedSettings(database, s3, token), allowFolders: [home.path] };
  const apis = [1, 2].map((number) => new ServerProcess({ ...settings, dataFolder: join(home.path, `api ${number}`), role: "api" }));
  const jobs = [1, 2].map((number) => new ServerProcess({ ...settings, dataFolder: join(home.path, `jobs ${number}`), role: "jobs" }));
  await Promise.all([...apis, ...jobs].map((server) => server.start()));
  const workers = apis.map((api, i) => new WorkerProcess(`worker ${i + 1}`, api, join(home.path, "work")));
  try {
    await Promise.all(workers.map((worker) => worker.start()));
    // A client of each server is patient: servers come back.
    const clients = apis.map(({ url }) => new ApiWorkflowClient({ token, serverUrl: url, retry: { attempts: 60, pauseMs: 200, pauseMsMax: 2_000 }, onWarning: () => undefined }));
    const either = (turn: number) => clients[turn % clients.length]!;

    const { id: uploads } = await either(0).call(domains.datasets.createDataset, { body: { name: "uploads" } });
    const { id: chosen } = await either(1).call(domains.datasets.createDataset, { body: { name: "chosen from" } });
    const names = Array.from({ length: 2_000 }, (_, i) => `${i}.jpg`);
    await either(0).call(domains.samples.createSamplesByDatasetId, { path: { datasetId: chosen }, body: { samples: names.map((fileName) => ({ fileName })) } });
    await either(1).call(domains.tags.createInitialTagByDatasetId, { path: { datasetId: chosen }, body: { imgType: "full" } });
    const { signedWriteUrl, embeddingId } = await either(0).call(domains.embeddings.getEmbeddingsCsvWriteUrlById, { path: { datasetId: chosen }, query: { name: "default" } });
    await either(0).uploadFileWithSignedUrl(Buffer.from(["filenames,embedding_0,embedding_1,embedding_2,labels", ...names.map((name, i) => `${name},${Math.sin(i)},${Math.cos(i * 3)},${Math.sin(i * 7)},0`)].join("\n")), signedWriteUrl);

    const scheduled: { scheduledId: string; datasetId: string }[] = [];
    for (let run = 0; run < runs; run++) {
      const folder = join(home.path, `images ${run}`);
      for (let i = 0; i < pictures; i++) {
        await writePicture(join(folder, `${i}.jpg`), run * pictures + i);
        await age(join(folder, `${i}.jpg`));
      }
      const client = new ApiWorkflowClient({ token, serverUrl: apis[run % 2]!.url, onWarning: () => undefined });
      await client.createDataset(`run ${run}`);
      await client.setLocalConfig(folder);
      scheduled.push({ scheduledId: await client.scheduleComputeWorkerRun({ workerConfig: { stopping_condition: { n_samples: 5 } } }), datasetId: await client.datasetId });
    }

    /** A request whose answer was lost is sent again, to the other server. */
    let failed: unknown;
    let over = false;
    async function persistently<Value>(turn: number, work: (client: ApiWorkflowClient) => Promise<Value>): Promise<Value> {
      for (const ends = Date.now() + 120_000; ; turn++) {
        try {
          return await work(either(turn));
        } catch (error) {
          const { status } = error as { status?: number };
          if (Date.now() > ends || (status !== undefined && status < 500 && status !== 429)) throw error;
          await sleep(100);
        }
      }
    }
    const acknowledged = new Map<string, string>();
    const uploader = async (who: number) => {
      for (let turn = 0; !over; turn++) {
        const fileName = `${who}/${turn}.jpg`;
        const { id } = await persistently(turn, (client) => client.call(domains.samples.createSampleByDatasetId, { path: { datasetId: uploads }, body: { fileName } }));
        await persistently(turn + 1, async (client) => {
          const { full } = await client.call(domains.samples.getSampleImageWriteUrlsById, { path: { datasetId: uploads, sampleId: id } });
          await client.uploadFileWithSignedUrl(Buffer.from(`the content of ${fileName}`), full);
        });
        acknowledged.set(fileName, id);
        await sleep(10);
      }
    };
    const uploading = Promise.all([1, 2, 3].map(uploader));
    uploading.catch((error: unknown) => (failed = error));
    const jobIds: string[] = [];
    for (let i = 0; i < selections; i++) jobIds.push((await either(i).call(domains.selection.triggerSamplingById, { path: { datasetId: chosen, embeddingId }, body: { newTagName: `picks ${i}`, method: "CORESET", config: { stoppingCondition: { nSamples: 300 + i } } } })).jobId);

    for (const one of [apis[0]!, jobs[0]!, workers[0]!, apis[1]!, jobs[1]!, workers[1]!]) {
      const before = acknowledged.size;
      for (const ends = Date.now() + 120_000; acknowledged.size < before + 15; await sleep(20)) {
        if (failed !== undefined) throw failed;
        if (Date.now() > ends) throw new Error("nothing is acknowledged any more");
      }
      await one.kill();
      await one.start();
    }

    for (const { scheduledId, datasetId } of scheduled) {
      let state = "";
      for (const ends = Date.now() + 300_000; state !== "COMPLETED"; await sleep(200)) {
        const found = await persistently(0, (client) => client.call(domains.workers.getDockerRunsQueryByDatasetId, { path: { datasetId }, query: {} }));
        expect(found.length).toBeLessThanOrEqual(1);
        state = found[0]?.state ?? "";
        if (["FAILED", "ABORTED", "CRASHED", "CANCELED"].includes(state) || Date.now() > ends) throw new Error(`the run of ${scheduledId} is ${state}: ${found[0]?.message}`);
      }
    }
    over = true;
    await uploading;

    const samples = await either(0).call(domains.samples.getSamplesByDatasetId, { path: { datasetId: uploads } });
    expect(new Map(samples.map(({ fileName, id }) => [fileName, id]))).toEqual(acknowledged);
    expect(samples.map(({ index }) => index)).toEqual(samples.map((_, i) => i));
    for (const { fileName, id } of samples) {
      const address = await either(1).call(domains.samples.getSampleImageReadUrlById, { path: { datasetId: uploads, sampleId: id }, query: { type: "full" } });
      expect(await (await fetch(address)).text()).toBe(`the content of ${fileName}`);
    }
    for (const [i, jobId] of jobIds.entries()) {
      for (const ends = Date.now() + 120_000; ; await sleep(100)) {
        const job = await either(i).call(domains.jobs.getJobStatusById, { path: { jobId } });
        if (job.status === "FINISHED") break;
        if (job.status === "FAILED" || Date.now() > ends) throw new Error(`selection ${i} is ${job.status}: ${job.error}`);
      }
    }
    const tags = await either(1).call(domains.tags.getTagsByDatasetId, { path: { datasetId: chosen } });
    expect(tags.map(({ name }) => name).toSorted()).toEqual(["initial-tag", ...jobIds.map((_, i) => `picks ${i}`)].toSorted());
    for (const { datasetId } of scheduled) {
      const inRun = await either(0).call(domains.samples.getSamplesByDatasetId, { path: { datasetId } });
      expect(new Set(inRun.map(({ fileName }) => fileName)).size).toBe(5);
      expect(inRun).toHaveLength(5);
      expect((await either(1).call(domains.tags.getTagsByDatasetId, { path: { datasetId } })).map(({ name }) => name)).toEqual(["initial-tag"]);
    }
  } finally {
    await endAll();
    await Promise.all([...apis, ...jobs].map((server) => server.kill()));
    await s3.close();
    await database.drop();
    home.remove();
  }
});
