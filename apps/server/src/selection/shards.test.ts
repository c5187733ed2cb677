import type { JobStatusData, SelectionReport } from "@winnow/contract";
import { expect, test } from "vitest";
import { addEmbedding, addTag, freshName, scene, select, until, waitForJob, type Scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";
import { shardCount } from "./shards.ts";

test("as many shards as hold the vectors", () => {
  expect([0, 1, 999, 1000, 1001, 5000].map((rows) => shardCount({ rows, columns: 4 }, 16_000))).toEqual([1, 1, 1, 1, 2, 5]);
});

const columns = 3;
/** So that 240 samples are four shards. */
const shardSizeMax = 60 * columns * 4;

describeServer("Selection by shards", (server) => {
  /** Points in five lumps of very different sizes. */
  const points = (count: number) => {
    let state = 7;
    const next = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    return Array.from({ length: count }, (_, i) => Array.from({ length: columns }, (_, j) => Math.fround(((i * i) % 5) * (j + 1) + next())));
  };
  async function lumps(count = 240): Promise<Scene & { embedding: string; points: number[][] }> {
    const made = await scene(server, count);
    const vectors = points(count);
    return { ...made, points: vectors, embedding: await addEmbedding(server, made, vectors) };
  }
  const body = (nSamples: number, more: object = {}) => ({ newTagName: freshName("tag"), method: "CORESET", config: { stoppingCondition: { nSamples } }, ...more });
  const report = (path: string, tagId: string) => server.call<SelectionReport>("GET", `${path}/tags/${tagId}/selection`);
  const radiusOf = (all: readonly number[][], chosen: readonly number[]) => Math.max(...all.map((point) => Math.min(...chosen.map((one) => Math.hypot(...point.map((value, j) => value - all[one]![j]!))))));

  test("covers everything nearly as well as without shards, says how well at most, and is the same again", async () => {
    const made = await lumps();
    const first = await select(server, made.path, made.embedding, body(12));
    expect(first.ordinals).toHaveLength(12);
    const told = await report(made.path, first.tagId);
    expect(told).toMatchObject({ method: "CORESET", nSamples: 12, shards: 4, stopped: "count" });
    expect(new Set(told.picks.map(({ ordinal }) => ordinal)).size).toBe(12);
    const radius = radiusOf(made.points, first.ordinals);
    expect(radius).toBeLessThanOrEqual(told.picks.at(-1)!.radius! + 1e-6);
    // Greedily from all samples, by the definition.
    const chosen = [told.picks[0]!.ordinal];
    while (chosen.length < 12) {
      const distances = made.points.map((point) => Math.min(...chosen.map((one) => Math.hypot(...point.map((value, j) => value - made.points[one]![j]!)))));
      chosen.push(distances.indexOf(Math.max(...distances)));
    }
    // The greedy radius is at least the best possible one, and this one at most four times that.
    expect(radius).toBeLessThanOrEqual(4 * radiusOf(made.points, chosen));
    const again = await report(made.path, (await select(server, made.path, made.embedding, body(12))).tagId);
    expect(again.picks).toEqual(told.picks);
    // Nothing of the first round is kept.
    await until("the parts are gone", async () => (await server.files()).every((file) => !file.includes("/selections/")));
  });

  test("with preselected samples, from a query tag, down to a distance", async () => {
    const made = await lumps();
    const before = [3, 100, 239];
    const preselectedTagId = await addTag(server, made, freshName("before"), before);
    const query = Array.from({ length: 120 }, (_, i) => 2 * i);
    const queryTagId = await addTag(server, made, freshName("query"), query);
    const { ordinals, tagId } = await select(server, made.path, made.embedding, body(10, { preselectedTagId, queryTagId }));
    expect(ordinals).toHaveLength(10);
    expect(ordinals.filter((ordinal) => !query.includes(ordinal))).toEqual([3, 239]);
    expect(ordinals).toEqual(expect.arrayContaining(before));
    expect((await report(made.path, tagId)).picks).toHaveLength(7);
    const apart = await select(server, made.path, made.embedding, { newTagName: freshName("tag"), method: "CORESET", config: { stoppingCondition: { minDistance: 1.5 } } });
    for (const a of apart.ordinals) for (const b of apart.ordinals) if (a < b) expect(Math.hypot(...made.points[a]!.map((value, j) => value - made.points[b]![j]!))).toBeGreaterThanOrEqual(1.5 - 1e-5);
    expect((await report(made.path, apart.tagId)).stopped).toBe("distance");
  });

  test("all that there is, and what fits into one shard isn't cut", async () => {
    const made = await lumps();
    const { ordinals, job } = await select(server, made.path, made.embedding, body(1000));
    expect(ordinals).toHaveLength(240);
    expect(job.error).toContain("only 240");
    const small = await lumps(50);
    expect(await report(small.path, (await select(server, small.path, small.embedding, body(5))).tagId)).not.toHaveProperty("shards");
  });

  test("a part that fails ends the selection and the other parts; parts are nobody's jobs", async () => {
    const made = await lumps();
    const { jobId } = await server.call<{ jobId: string }>("POST", `${made.path}/embeddings/${made.embedding}/sampling`, { body: body(12) });
    await server.call("DELETE", `${made.path}/embeddings/${made.embedding}`);
    const job = await waitForJob(server, jobId);
    // Unless it was done by then.
    if (job.status === "FAILED") expect(job.error).toContain("deleted");
    const listed = await server.call<{ jobType: string; datasetId?: string }[]>("GET", "/v1/jobs");
    expect(listed.filter(({ datasetId }) => datasetId === made.id).map(({ jobType }) => jobType)).toEqual(["SAMPLING"]);
    const db = await server.openDatabase();
    await until("no part is left", async () => (await db.selectFrom("jobs").select("id").where("parent_id", "=", jobId).where("status", "in", ["WAITING", "RUNNING"]).execute()).length === 0);
    await db.destroy();
  });

  test("cancelled while its parts are done: nothing of it goes on", async () => {
    const made = await lumps();
    const { jobId } = await server.call<{ jobId: string }>("POST", `${made.path}/embeddings/${made.embedding}/sampling`, { body: body(12) });
    const reply = await server.request("POST", `/v1/jobs/${jobId}/cancel`);
    const status = () => server.call<JobStatusData>("GET", `/v1/jobs/${jobId}`);
    // Unless it was done by then.
    expect(await status()).toMatchObject(reply.status < 400 ? { status: "FAILED", error: "cancelled" } : { status: "FINISHED" });
    const db = await server.openDatabase();
    await until("no part is left", async () => (await db.selectFrom("jobs").select("id").where("parent_id", "=", jobId).where("status", "in", ["WAITING", "RUNNING"]).execute()).length === 0);
    await db.destroy();
  });
}, { shardSizeMax });
