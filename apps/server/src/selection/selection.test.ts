import type { JobStatusData, JobsData, SelectionReport, TagData } from "@winnow/contract";
import { expect, test } from "vitest";
import { addEmbedding, addSamples, addTag, freshName, onLine, scene, select, tagOrdinals, touches, waitForJob, type Scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

describeServer("Selection", (server) => {
  /** Samples on a line, at 0, 1, 2 … */
  async function line(count: number): Promise<Scene & { embedding: string }> {
    const made = await scene(server, count);
    return { ...made, embedding: await addEmbedding(server, made, onLine(count)) };
  }
  const request = (method: string, nSamples: number, more: object = {}, minDistance = -1) => ({ newTagName: freshName("tag"), method, config: { stoppingCondition: { nSamples, minDistance } }, ...more });
  const report = (path: string, tagId: string) => server.call<SelectionReport>("GET", `${path}/tags/${tagId}/selection`);

  test("a job goes from the request to the new tag, as clients follow it", async () => {
    const made = await line(20);
    const body = request("CORESET", 5, { rowCount: 20 });
    let jobId = "";
    expect(await touches(server, made.path, async () => {
      ({ jobId } = await server.call<{ jobId: string }>("POST", `${made.path}/embeddings/${made.embedding}/sampling`, { body }));
      await waitForJob(server, jobId);
    })).toBe(true);
    const job = await server.call<JobStatusData>("GET", `/v1/jobs/${jobId}`);
    expect(job).toMatchObject({ id: jobId, datasetId: made.id, status: "FINISHED", result: { type: "SAMPLING", data: expect.stringMatching(/^[a-f0-9]{24}$/) } });
    expect(job.waitTimeTillNextPoll).toBeGreaterThanOrEqual(1);
    expect(job.finishedAt).toBeGreaterThanOrEqual(job.createdAt);
    expect(job).not.toHaveProperty("error");
    const tag = await server.call<TagData>("GET", `${made.path}/tags/${job.result!.data as string}`);
    expect(tag).toMatchObject({ name: body.newTagName, prevTagId: made.tagId, totSize: 20 });
    expect(tag).not.toHaveProperty("preselectedTagId");
    expect((await server.call<JobsData[]>("GET", "/v1/jobs"))[0]).toMatchObject({ jobId, jobType: "SAMPLING", status: "FINISHED", datasetId: made.id });
  });

  test.each(["RANDOM", "CORESET"])("%s: shares, counts and how they round", async (method) => {
    const made = await line(10);
    for (const [nSamples, expected] of [[1, 1], [3, 3], [10, 10], [0.1, 1], [0.04, 1], [0.25, 3], [0.34, 3], [0.99, 10], [0.0001, 1]] as const) {
      const { ordinals, job } = await select(server, made.path, made.embedding, request(method, nSamples));
      expect(ordinals.length, String(nSamples)).toBe(expected);
      expect(job.error).toBeUndefined();
    }
  });

  test("more than there is: everything, and the job says so", async () => {
    const made = await line(4);
    for (const method of ["RANDOM", "CORESET"]) {
      for (const nSamples of [5, 1e300]) {
        const { ordinals, job, tagId } = await select(server, made.path, made.embedding, request(method, nSamples));
        expect(ordinals).toEqual([0, 1, 2, 3]);
        expect(job.error).toContain("only 4");
        expect((await report(made.path, tagId)).stopped).toBe("exhausted");
      }
    }
  });

  test("the preselected count, are in the new tag, and are its parent", async () => {
    const made = await line(10);
    const preselectedTagId = await addTag(server, made, "chosen before", [0, 1]);
    for (const method of ["RANDOM", "CORESET"]) {
      const { ordinals, tagId } = await select(server, made.path, made.embedding, request(method, 5, { preselectedTagId }));
      expect(ordinals).toHaveLength(5);
      expect(ordinals.slice(0, 2)).toEqual([0, 1]);
      expect(await server.call("GET", `${made.path}/tags/${tagId}`)).toMatchObject({ prevTagId: preselectedTagId, preselectedTagId });
      expect(await report(made.path, tagId)).toMatchObject({ preselected: 2, preselectedTagId, picks: expect.objectContaining({ length: 3 }) });
      // As many as there are already: nothing new.
      for (const nSamples of [2, 1, 0.2]) expect((await select(server, made.path, made.embedding, request(method, nSamples, { preselectedTagId }))).ordinals).toEqual([0, 1]);
      // A share counts of the query set and the preselected together.
      const queryTagId = await addTag(server, made, freshName("query"), [1, 2, 3, 4, 5]);
      expect((await select(server, made.path, made.embedding, request(method, 0.5, { preselectedTagId, queryTagId }))).ordinals).toHaveLength(3);
    }
    // The farthest from 0 and 1 is 9, then the middle.
    const { tagId } = await select(server, made.path, made.embedding, request("CORESET", 4, { preselectedTagId }));
    const { picks } = await report(made.path, tagId);
    expect(picks.map(({ ordinal, distance }) => [ordinal, distance])).toEqual([[9, 8], [5, 4]]);
  });

  test("picks come only from the query tag", async () => {
    const made = await line(10);
    const queryTagId = await addTag(server, made, "query", [2, 4, 6]);
    for (const method of ["RANDOM", "CORESET"]) {
      const { ordinals, tagId } = await select(server, made.path, made.embedding, request(method, 2, { queryTagId }));
      expect(ordinals).toHaveLength(2);
      for (const ordinal of ordinals) expect([2, 4, 6]).toContain(ordinal);
      expect(await server.call("GET", `${made.path}/tags/${tagId}`)).toMatchObject({ queryTagId, prevTagId: made.tagId });
    }
    const empty = await addTag(server, made, "nothing", []);
    const { ordinals, job } = await select(server, made.path, made.embedding, request("CORESET", 2, { queryTagId: empty }));
    expect(ordinals).toEqual([]);
    expect(job.error).toContain("only 0");
  });

  test("minDistance stops before a pick would come nearer", async () => {
    const made = await line(9);
    const { ordinals, tagId } = await select(server, made.path, made.embedding, request("CORESET", -1, {}, 3));
    for (const [i, ordinal] of ordinals.entries()) if (i > 0) expect(ordinal - ordinals[i - 1]!).toBeGreaterThanOrEqual(3);
    expect(await report(made.path, tagId)).toMatchObject({ stopped: "distance", minDistance: 3 });
    expect((await select(server, made.path, made.embedding, request("CORESET", 2, {}, 1))).ordinals).toHaveLength(2);
    expect((await select(server, made.path, made.embedding, request("RANDOM", 9, {}, 4))).ordinals.length).toBeLessThan(4);
    expect((await select(server, made.path, made.embedding, request("CORESET", -1, {}, 0))).ordinals).toHaveLength(9);
  });

  test("the same request gives the same picks in the same order; another seed gives other ones", async () => {
    const made = await line(200);
    for (const method of ["RANDOM", "CORESET"]) {
      const reports = [];
      for (const more of [{}, { seed: 0 }, { seed: 1 }, { seed: 4_294_967_295 }, {}]) reports.push(await report(made.path, (await select(server, made.path, made.embedding, request(method, 20, more))).tagId));
      const picks = reports.map((one) => one.picks.map(({ ordinal }) => ordinal));
      expect(picks[1]).toEqual(picks[0]);
      expect(picks[4]).toEqual(picks[0]);
      expect(reports[4]!.inputHash).toBe(reports[0]!.inputHash);
      if (method === "RANDOM") expect(picks[2]).not.toEqual(picks[0]);
      expect(reports.map(({ seed }) => seed)).toEqual([0, 0, 1, 4_294_967_295, 0]);
    }
  });

  test("the report says in which order and why", async () => {
    const made = await line(9);
    const { tagId, ordinals } = await select(server, made.path, made.embedding, request("CORESET", 4));
    const { picks, ...facts } = await report(made.path, tagId);
    expect(facts).toMatchObject({ tagId, embeddingId: made.embedding, method: "CORESET", nSamples: 4, seed: 0, stopped: "count", preselected: 0 });
    expect(picks.map(({ ordinal }) => ordinal).toSorted((a, b) => a - b)).toEqual(ordinals);
    for (const [i, pick] of picks.entries()) {
      expect(pick).toMatchObject({ sampleId: made.sampleIds[pick.ordinal], fileName: `${pick.ordinal}.jpg` });
      const chosen = picks.slice(0, i).map(({ ordinal }) => ordinal);
      if (i > 0) expect(pick.distance).toBe(Math.min(...chosen.map((ordinal) => Math.abs(ordinal - pick.ordinal))));
      else expect(pick).not.toHaveProperty("distance");
      expect(pick.radius).toBe(Math.max(...onLine(9).map((_, at) => Math.min(...[...chosen, pick.ordinal].map((ordinal) => Math.abs(ordinal - at))))));
    }
    const random = await select(server, made.path, made.embedding, request("RANDOM", 3));
    expect((await report(made.path, random.tagId)).picks.every((pick) => pick.score === undefined)).toBe(true);
    expect(await server.refusal("GET", `${made.path}/tags/${made.tagId}/selection`)).toMatchObject({ status: 404, code: "NOT_FOUND" });
    // The tag goes, the report with it.
    await server.call("DELETE", `${made.path}/tags/${tagId}`);
    expect((await server.refusal("GET", `${made.path}/tags/${tagId}/selection`)).code).toBe("TAG_UNKNOWN");
  });

  test("by score: the highest are chosen; the type named, else uncertainty_margin, else the one sent last", async () => {
    const made = await line(6);
    const by = async (more: object = {}) => {
      const { tagId, ordinals } = await select(server, made.path, made.embedding, request("ACTIVE_LEARNING", 2, more));
      return { ordinals, type: (await report(made.path, tagId)).scoreType };
    };
    const send = (scoreType: string, scores: number[], tagId = made.tagId) => server.call("POST", `${made.path}/tags/${tagId}/scores`, { body: { scoreType, scores } });
    expect(await server.refusal("POST", `${made.path}/embeddings/${made.embedding}/sampling`, { body: request("CORAL", 2) })).toMatchObject({ status: 400, code: "TAG_NO_SCORES_AVAILABLE" });
    await send("first", [9, 8, 0, 0, 0, 0]);
    expect(await by()).toEqual({ ordinals: [0, 1], type: "first" });
    await send("second", [0, 0, 9, 8, 0, 0]);
    expect(await by()).toEqual({ ordinals: [2, 3], type: "second" });
    await send("first", [8, 9, 0, 0, 0, 0]);
    expect(await by()).toEqual({ ordinals: [0, 1], type: "first" });
    await send("uncertainty_margin", [-5, -4, -3, -2, 1000, 2000]);
    await send("third", [9, 0, 0, 0, 0, 8]);
    expect(await by()).toEqual({ ordinals: [4, 5], type: "uncertainty_margin" });
    expect(await by({ scoreType: "second" })).toEqual({ ordinals: [2, 3], type: "second" });
    expect((await server.refusal("POST", `${made.path}/embeddings/${made.embedding}/sampling`, { body: request("CORAL", 2, { scoreType: "none" }) })).message).toContain(`no scores of type "none"`);
    // Scores of the query tag count before those of the whole.
    const queryTagId = await addTag(server, made, "query", [1, 2, 3]);
    expect((await by({ queryTagId })).type).toBe("uncertainty_margin");
    await send("mine", [1, 3, 2], queryTagId);
    expect(await by({ queryTagId })).toEqual({ ordinals: [2, 3], type: "mine" });
    const coral = await select(server, made.path, made.embedding, request("CORAL", 3));
    expect(coral.ordinals).toHaveLength(3);
    expect((await report(made.path, coral.tagId)).picks.every((pick) => typeof pick.score === "number")).toBe(true);
  });

  test("what can't work is refused at once", async () => {
    const made = await line(4);
    const other = await line(2);
    const at = `${made.path}/embeddings/${made.embedding}/sampling`;
    const good = request("CORESET", 2);
    for (const [change, code, told] of [
      [{ config: {} }, "BAD_REQUEST", "nSamples"],
      [{ config: { stoppingCondition: null } }, "BAD_REQUEST", "nSamples"],
      [{ config: { stoppingCondition: { nSamples: -1, minDistance: -1 } } }, "BAD_REQUEST", "minDistance"],
      [{ config: { stoppingCondition: { nSamples: 0 } } }, "BAD_REQUEST", `"config.stoppingCondition.nSamples" must be above 0`],
      [{ config: { stoppingCondition: { nSamples: 2.5 } } }, "BAD_REQUEST", "must be a whole number from 1 on"],
      [{ config: { stoppingCondition: { nSamples: "2" } } }, "BAD_REQUEST", `"config.stoppingCondition.nSamples" must be a number, got "2"`],
      [{ config: undefined }, "BAD_REQUEST", `"config" is missing`],
      [{ method: "BEST" }, "BAD_REQUEST", `"method" must be one of ACTIVE_LEARNING, CORAL, CORESET, RANDOM`],
      [{ newTagName: "initial-tag" }, "TAG_NAME_EXISTS", "initial-tag"],
      [{ newTagName: "x" }, "BAD_REQUEST", `"newTagName"`],
      [{ seed: -1 }, "BAD_REQUEST", `"seed" must be at least 0`],
      [{ seed: 2 ** 32 }, "BAD_REQUEST", `"seed" must be at most`],
      [{ seed: 0.5 }, "BAD_REQUEST", `"seed" must be a whole number`],
      [{ preselectedTagId: other.tagId }, "TAG_PRESELECTEDTAG_NOT_IN_DATASET", "preselectedTagId"],
      [{ queryTagId: other.tagId }, "TAG_QUERYTAG_NOT_IN_DATASET", "queryTagId"],
      [{ queryTagId: "none" }, "BAD_REQUEST", `"queryTagId"`],
    ] as const) {
      const refusal = await server.refusal("POST", at, { body: { ...good, ...change } });
      expect(refusal.code, JSON.stringify(change)).toBe(code);
      expect(refusal.message).toContain(told);
      expect([400, 409]).toContain(refusal.status);
    }
    for (const number of ["NaN", "Infinity"]) expect((await server.refusal("POST", at, { raw: JSON.stringify(good).replace(`"nSamples":2`, `"nSamples":${number}`) })).message).toBe(`"config.stoppingCondition.nSamples" must be a finite number, got NaN or Infinity.`);
    const untagged = await scene(server, 2, { tagged: false });
    const embedding = await addEmbedding(server, untagged, onLine(2));
    expect((await server.refusal("POST", `${untagged.path}/embeddings/${embedding}/sampling`, { body: good })).code).toBe("TAG_NO_TAG_IN_DATASET");
  });

  test("samples without vectors: not by distance; at random, or from a query tag that has them", async () => {
    const made = await line(3);
    await addSamples(server, made.path, [{ fileName: "later.jpg" }]);
    await server.call("POST", `${made.path}/tags/upsize`, { body: { upsizeTagName: "the later one", upsizeTagCreator: "USER_PIP" } });
    expect(await server.refusal("POST", `${made.path}/embeddings/${made.embedding}/sampling`, { body: request("CORESET", 2) })).toMatchObject({ status: 400, code: "EMBEDDING_ROW_COUNT_INVALID" });
    // Without query tag all parentless tags take part.
    expect((await select(server, made.path, made.embedding, request("RANDOM", 4))).ordinals).toEqual([0, 1, 2, 3]);
    expect((await select(server, made.path, made.embedding, request("CORESET", 3, { queryTagId: made.tagId }))).ordinals).toEqual([0, 1, 2]);
  });

  test("two selections of one name: one is made, the other fails and says why", async () => {
    const made = await line(5);
    const body = request("CORESET", 2);
    const jobs = await Promise.all([1, 2].map(() => server.request("POST", `${made.path}/embeddings/${made.embedding}/sampling`, { body })));
    const ends = [];
    for (const { status, body: answer } of jobs) if (status === 200) ends.push(await waitForJob(server, (answer as { jobId: string }).jobId));
    expect(ends.filter((job) => job.status === "FINISHED")).toHaveLength(1);
    for (const job of ends) if (job.status === "FAILED") expect(job.error).toContain(body.newTagName);
    expect((await server.call<TagData[]>("GET", `${made.path}/tags`)).filter((tag) => tag.name === body.newTagName)).toHaveLength(1);
  });

  test("many at once", async () => {
    const made = await line(50);
    const tags = await Promise.all(Array.from({ length: 8 }, (_, i) => select(server, made.path, made.embedding, request(i % 2 ? "RANDOM" : "CORESET", i + 1))));
    expect(tags.map(({ ordinals }) => ordinals.length)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(new Set(await Promise.all(tags.map(({ tagId }) => tagOrdinals(server, made.path, tagId).then(() => tagId)))).size).toBe(8);
  });
});
