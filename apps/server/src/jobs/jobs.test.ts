import type { JobStatusData, JobsData } from "@winnow/contract";
import { expect, test } from "vitest";
import { addEmbedding, addTag, freshName, scene, waitForJob, type Scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

describeServer("Jobs", (server) => {
  const random = (count: number, width: number) => {
    let state = 1;
    return Array.from({ length: count }, () => Array.from({ length: width }, () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647));
  };
  const body = (more: object = {}) => ({ newTagName: freshName("tag"), method: "CORESET", config: { stoppingCondition: { nSamples: 2 } }, ...more });
  const trigger = async ({ path }: Scene, embedding: string, more?: object) => (await server.call<{ jobId: string }>("POST", `${path}/embeddings/${embedding}/sampling`, { body: body(more) })).jobId;
  const status = (jobId: string) => server.call<JobStatusData>("GET", `/v1/jobs/${jobId}`);

  /** Keeps the only thread busy for a while. */
  async function slowJob(count = 1500): Promise<{ made: Scene; embedding: string; projection: JobsData }> {
    const made = await scene(server, count);
    const embedding = await addEmbedding(server, made, random(count, 16));
    await server.call("POST", `${made.path}/embeddings/${embedding}/trigger2dEmbeddingsJob`, { body: { dimensionalityReductionMethod: "TSNE" } });
    const [projection] = await server.call<JobsData[]>("GET", "/v1/jobs");
    return { made, embedding, projection: projection! };
  }

  test("a job is only its user's, and unknown ones are 404", async () => {
    const made = await scene(server, 3);
    const jobId = await trigger(made, await addEmbedding(server, made, random(3, 2)));
    const { token } = await server.addUser();
    for (const id of [jobId, "0".repeat(24), "x", "%00", "a".repeat(900)]) {
      expect(await server.refusal("GET", `/v1/jobs/${id}`, { token })).toMatchObject({ status: 404, code: "JOB_UNKNOWN" });
      expect(await server.refusal("POST", `/v1/jobs/${id}/cancel`, { token })).toMatchObject({ status: 404, code: "JOB_UNKNOWN" });
    }
    expect(await server.call("GET", "/v1/jobs", { token })).toEqual([]);
    await waitForJob(server, jobId);
    expect(await server.refusal("POST", `/v1/jobs/${jobId}/cancel`, { body: {} })).toMatchObject({ status: 409 });
  });

  test("jobs wait in line, are listed newest first, and can be cancelled while they wait", async () => {
    const { made, embedding, projection } = await slowJob();
    const first = await trigger(made, embedding);
    const second = await trigger(made, embedding);
    expect(await status(first)).toMatchObject({ status: "WAITING", meta: { processed: 0 } });
    await server.call("POST", `/v1/jobs/${first}/cancel`, { body: {} });
    expect(await status(first)).toMatchObject({ status: "FAILED", error: "cancelled" });
    const listed = (await server.call<JobsData[]>("GET", "/v1/jobs")).filter((job) => job.datasetId === made.id);
    expect(listed.map((job) => job.jobId)).toEqual([second, first, projection.jobId]);
    // The one that runs stops soon as well.
    await server.call("POST", `/v1/jobs/${projection.jobId}/cancel`);
    expect((await waitForJob(server, second)).status).toBe("FINISHED");
    expect((await status(projection.jobId)).status).toBe("FAILED");
    expect(await server.call("GET", `${made.path}/embeddings/${embedding}/2d`)).toEqual([]);
    expect((await server.call<unknown[]>("GET", `${made.path}/tags`)).length).toBe(2);
  });

  test("a selection whose tag was deleted while it waited fails instead of selecting from something else", async () => {
    const { made, embedding, projection } = await slowJob();
    const query = await addTag(server, made, "query", [1, 2, 3]);
    const preselected = await addTag(server, made, "preselected", [4]);
    const jobs = [await trigger(made, embedding, { queryTagId: query }), await trigger(made, embedding, { preselectedTagId: preselected })];
    expect((await status(jobs[0]!)).status).toBe("WAITING");
    for (const tag of [query, preselected]) await server.call("DELETE", `${made.path}/tags/${tag}`);
    await server.call("POST", `/v1/jobs/${projection.jobId}/cancel`);
    for (const jobId of jobs) {
      const job = await waitForJob(server, jobId);
      expect([job.status, job.error?.includes("deleted")]).toEqual(["FAILED", true]);
    }
  });

  test("jobs of a deleted dataset or embedding end", async () => {
    const { made, embedding, projection } = await slowJob();
    const waiting = await trigger(made, embedding);
    await server.call("DELETE", `${made.path}/embeddings/${embedding}`);
    // Unless it was still reading what is gone now, and has failed.
    expect([200, 204, 409]).toContain((await server.request("POST", `/v1/jobs/${projection.jobId}/cancel`)).status);
    expect(await waitForJob(server, waiting)).toMatchObject({ status: "FAILED", error: expect.stringContaining("deleted") });
    const second = await slowJob();
    const doomed = await trigger(second.made, second.embedding);
    await server.call("DELETE", second.made.path);
    for (const id of [doomed, second.projection.jobId]) expect(await waitForJob(server, id)).toMatchObject({ status: "FAILED", error: "the dataset was deleted" });
  });

  test("a server that stops hands its jobs to the next start", async () => {
    const { made, embedding, projection } = await slowJob(300);
    const waiting = await trigger(made, embedding);
    await server.stop();
    await server.start();
    expect(["WAITING", "RUNNING"]).toContain((await status(waiting)).status);
    expect((await waitForJob(server, projection.jobId)).status).toBe("FINISHED");
    expect((await waitForJob(server, waiting)).status).toBe("FINISHED");
    expect(await server.call("GET", `${made.path}/embeddings/${embedding}/2d`)).toHaveLength(1);
    expect((await server.call<unknown[]>("GET", `${made.path}/tags`)).length).toBe(2);
  });
}, { threads: 1 });
