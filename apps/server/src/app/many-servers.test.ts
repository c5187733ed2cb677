import type { JobStatusData, SampleData, TagData } from "@winnow/contract";
import { startS3Server, type S3Server } from "@winnow/storage/testing";
import { mkdtemp, rm } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addUser } from "../accounts/service.ts";
import type { Configuration } from "../configuration.ts";
import { openDatabase } from "../db/database.ts";
import { createTestDatabase, postgresIsMissing, type TestDatabase } from "../testing/postgres.ts";
import { embeddingsCsv, freshName, ordinalsOf, until } from "../testing/scenes.ts";
import { ServerProcess, sharedSettings } from "../testing/server-process.ts";

const token = "the-token-of-the-owner";

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Sends a request to one server, once. @throws Error when there is no answer */
async function send({ url }: ServerProcess, method: string, path: string, body?: unknown): Promise<Answer> {
  const reply = await fetch(`${path.startsWith("http") ? path : url + path}${path.includes("?") ? "&" : "?"}token=${token}`, { method, ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body), headers: { "content-type": "application/json" } }), signal: AbortSignal.timeout(30_000) });
  const text = await reply.text();
  return { status: reply.status, body: text === "" ? undefined : JSON.parse(text) };
}

describe.skipIf(postgresIsMissing)(`Several servers on one PostgreSQL and one S3 service${postgresIsMissing === undefined ? "" : `: ${postgresIsMissing}`}`, () => {
  let database: TestDatabase;
  let s3: S3Server;
  let folder: string;
  let apis: ServerProcess[];
  let workers: ServerProcess[];
  const settings = (name: string, more: Partial<Configuration>): Partial<Configuration> => ({
    ...sharedSettings(database, s3, token),
    dataFolder: join(folder, name),
    ...more,
  });

  beforeAll(async () => {
    [database, s3, folder] = await Promise.all([createTestDatabase(), startS3Server("winnow-blobs"), mkdtemp(join(tmpdir(), "winnow-servers-"))]);
    apis = ["api 1", "api 2"].map((name) => new ServerProcess(settings(name, { role: "api" })));
    workers = ["jobs 1", "jobs 2"].map((name) => new ServerProcess(settings(name, { role: "jobs" })));
    // At the same moment: one of them makes the tables and the owner.
    await Promise.all([...apis, ...workers].map((server) => server.start()));
  }, 120_000);
  afterAll(async () => {
    await Promise.all([...(apis ?? []), ...(workers ?? [])].map((server) => server.kill()));
    await s3?.close();
    await database?.drop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** Sends a request to one server after the other until one answers, as a client behind a balancer would. */
  async function ask<Body>(method: string, path: string, body?: unknown, first = 0): Promise<Body> {
    for (let tries = 0; ; tries++) {
      const answer = await send(apis[(first + tries) % apis.length]!, method, path, body).catch((error: unknown) => {
        if (tries > 200) throw error;
        return undefined;
      });
      if (answer && answer.status < 400) return answer.body as Body;
      if (answer && answer.status < 500) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  test("of many who want one name at once, one gets it; all others hear why not", async () => {
    const name = freshName();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => send(apis[i % 2]!, "POST", "/v1/datasets", { name })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array.from({ length: 19 }, () => 409)]);
  });

  test("samples that come through both, while each is killed: dense ordinals, no name twice, nothing acknowledged is lost", async () => {
    const { id } = await ask<{ id: string }>("POST", "/v1/datasets", { name: freshName() });
    const names = Array.from({ length: 120 }, (_, i) => `${i}.jpg`);
    const acknowledged = Array.from({ length: 2 }, () => new Map<string, string>());
    let done = 0;
    const upload = async (copy: number, from: number) => {
      for (let i = from; i < names.length; i += 4) {
        acknowledged[copy]!.set(names[i]!, (await ask<{ id: string }>("POST", `/v1/datasets/${id}/samples`, { fileName: names[i], metaData: { sizeInBytes: 10 } }, copy)).id);
        done++;
      }
    };
    // Every sample is sent twice, by different clients to different servers.
    const uploads = Promise.all([0, 1].flatMap((copy) => [0, 1, 2, 3].map((from) => upload(copy, from))));
    for (const [killed, after] of [[0, 60], [1, 140]] as const) {
      await until("some uploads", async () => done >= after, 60_000);
      await apis[killed]!.kill();
      await apis[killed]!.start();
    }
    await uploads;
    const samples = await ask<SampleData[]>("GET", `/v1/datasets/${id}/samples`);
    expect(samples.map(({ fileName }) => fileName).toSorted()).toEqual(names.toSorted());
    for (const copy of acknowledged) expect(new Map(samples.map((sample) => [sample.fileName, sample.id]))).toEqual(copy);
    expect(await ask<{ nSamples: number; sizeInBytes: number }>("GET", `/v1/datasets/${id}`)).toMatchObject({ nSamples: 120, sizeInBytes: 1200 });
    expect(await ask<string[]>("GET", `/v1/datasets/${id}/mappings?field=_id`)).toEqual(samples.map((sample) => sample.id));
  }, 120_000);

  test("selections asked for through both, while each that works on them is killed, are done exactly once", async () => {
    const { id } = await ask<{ id: string }>("POST", "/v1/datasets", { name: freshName() });
    const path = `/v1/datasets/${id}`;
    const names = Array.from({ length: 3_000 }, (_, i) => `${i}.jpg`);
    await ask("POST", `${path}/samples/bulk`, { samples: names.map((fileName) => ({ fileName })) });
    await ask("POST", `${path}/tags/initial`, { imgType: "full", creator: "USER_PIP" }, 1);
    const { signedWriteUrl, embeddingId } = await ask<{ signedWriteUrl: string; embeddingId: string }>("GET", `${path}/embeddings/writeCSVUrl?name=default`);
    // The address leads to the server that made it; the other one takes the file as well.
    const { pathname, search } = new URL(signedWriteUrl);
    const vectors = names.map((_, i) => Array.from({ length: 16 }, (_, j) => Math.sin(i * (j + 1))));
    await ask("PUT", pathname + search, embeddingsCsv(names, vectors), 1);
    const jobs = await Promise.all(Array.from({ length: 8 }, (_, i) => ask<{ jobId: string }>("POST", `${path}/embeddings/${embeddingId}/sampling`, { newTagName: `picks ${i}`, method: "CORESET", config: { stoppingCondition: { nSamples: 100 + i } } }, i)));
    const status = async () => Promise.all(jobs.map(({ jobId }) => ask<JobStatusData>("GET", `/v1/jobs/${jobId}`)));
    for (const worker of workers) {
      await until("work", async () => (await status()).some((job) => job.status === "RUNNING" || job.status === "FINISHED"), 60_000);
      await worker.kill();
      await worker.start();
    }
    await until("the end of all selections", async () => (await status()).every((job) => job.status === "FINISHED" || job.status === "FAILED"), 90_000);
    expect((await status()).map((job) => job.error ?? job.status)).toEqual(jobs.map(() => "FINISHED"));
    const tags = await ask<TagData[]>("GET", `${path}/tags`);
    expect(tags.map(({ name }) => name).toSorted()).toEqual(["initial-tag", ...jobs.map((_, i) => `picks ${i}`)].toSorted());
    for (const [i, job] of (await status()).entries()) {
      const tag = tags.find(({ name }) => name === `picks ${i}`)!;
      expect(job.result?.data).toBe(tag.id);
      expect(ordinalsOf(tag.bitMaskData)).toHaveLength(100 + i);
    }
  }, 180_000);

  test("a page at one server hears what is changed through the other", async () => {
    const db = await openDatabase(database.url);
    const stranger = await addUser(db, "stranger@example.org").finally(() => db.destroy());
    const listen = (as: string) => {
      const heard: string[] = [];
      const line = get(`${apis[0]!.url}/v1/events?token=${as}`, { headers: { accept: "text/event-stream" } }, (response) => response.on("data", (chunk: Buffer) => heard.push(chunk.toString())));
      line.on("error", () => {});
      return { heard, line };
    };
    const { heard, line } = listen(token);
    const foreign = listen(stranger.token);
    try {
      await until("the lines", async () => heard.length > 0 && foreign.heard.length > 0);
      const { body } = await send(apis[1]!, "POST", "/v1/datasets", { name: freshName() });
      const { id } = body as { id: string };
      await send(apis[1]!, "POST", `/v1/datasets/${id}/samples`, { fileName: "a.jpg" });
      await until("the news", async () => heard.join("").split("\n").some((told) => told.includes(id) && told.includes('"samples"')));
      await send(apis[1]!, "DELETE", `/v1/datasets/${id}`);
      await until("the news of it for everybody", async () => foreign.heard.join("").includes('{"topic":"datasets"}'));
      // Of what is others' nothing comes over from another server either.
      expect(foreign.heard.join("")).not.toContain(id);
    } finally {
      line.destroy();
      foreign.line.destroy();
    }
  });

  test("a server that works on jobs says whether it is well, and nothing else", async () => {
    expect(await send(workers[0]!, "GET", "/readyz")).toEqual({ status: 200, body: { status: "ready" } });
    expect((await send(workers[0]!, "GET", "/v1/datasets")).status).toBe(404);
  });

  test("a server with another key for credentials doesn't start", async () => {
    await expect(new ServerProcess(settings("stranger", { sealingKey: "77".repeat(32) })).start()).rejects.toThrow("WINNOW_SEALING_KEY");
  });
});
