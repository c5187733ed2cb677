import type { SelectionDraft, SelectionReport, TagData } from "@winnow/contract";
import { expect, test } from "vitest";
import { addEmbedding, addTag, freshName, onLine, scene, select, tagOrdinals, waitForJob } from "../testing/scenes.ts";
import { describeServer, type RequestOptions } from "../testing/server-under-test.ts";

describeServer("Drafts of selections", (server) => {
  async function line(count: number) {
    const made = await scene(server, count);
    return { ...made, embedding: await addEmbedding(server, made, onLine(count)) };
  }
  async function draft({ path, embedding }: { path: string; embedding: string }, request: object, options: RequestOptions = {}, kind = "sampling"): Promise<SelectionDraft & { ordinals: number[]; values: Record<string, number[]> }> {
    const { jobId } = await server.call<{ jobId: string }>("POST", `${path}/embeddings/${embedding}/${kind}/drafts`, { ...options, body: request });
    const job = await waitForJob(server, jobId, options);
    expect(job).toMatchObject({ status: "FINISHED", result: { type: "SAMPLING" } });
    const id = job.result!.data as string;
    const facts = await server.call<SelectionDraft>("GET", `${path}/sampling/drafts/${id}`, options);
    const bytes = new Uint8Array((await server.send("GET", `${path}/sampling/drafts/${id}/picks`, options)).bytes).buffer;
    expect(bytes.byteLength).toBe(4 * facts.picks * (1 + facts.columns.length));
    return {
      ...facts,
      ordinals: [...new Uint32Array(bytes, 0, facts.picks)],
      values: Object.fromEntries(facts.columns.map((column, i) => [column, [...new Float32Array(bytes, 4 * facts.picks * (i + 1), facts.picks)]])),
    };
  }
  const upTo = (nSamples: number, more: object = {}) => ({ method: "CORESET", config: { stoppingCondition: { nSamples } }, ...more });

  test("makes no tag until it is asked to, and then the tag that a selection of this size makes", async () => {
    const made = await line(20);
    const found = await draft(made, upTo(12));
    expect(found).toMatchObject({ method: "CORESET", nSamples: 12, picks: 12, stopped: "count", preselected: 0, columns: ["distance", "radius"] });
    expect(await server.call<TagData[]>("GET", `${made.path}/tags`)).toHaveLength(1);
    for (const size of [1, 5, 12]) {
      const plain = await select(server, made.path, made.embedding, { newTagName: freshName("plain"), ...upTo(size) });
      const { id } = await server.call<{ id: string }>("POST", `${made.path}/sampling/drafts/${found.id}/tag`, { body: { name: freshName("of draft"), picks: size } });
      expect(await tagOrdinals(server, made.path, id)).toEqual(plain.ordinals);
      const reports = await Promise.all([plain.tagId, id].map((tag) => server.call<SelectionReport>("GET", `${made.path}/tags/${tag}/selection`)));
      expect({ ...reports[1], tagId: "", inputHash: "" }).toEqual({ ...reports[0], tagId: "", inputHash: "" });
      expect(reports[1]!.picks.map(({ ordinal }) => ordinal)).toEqual(found.ordinals.slice(0, size));
      expect(reports[1]!.picks.map(({ radius }) => radius)).toEqual(found.values["radius"]!.slice(0, size));
      expect(await server.call("GET", `${made.path}/tags/${id}`)).toMatchObject({ prevTagId: made.tagId });
    }
  });

  test("by strategies: each pick with what each strategy contributed", async () => {
    const made = await line(12);
    const selection = (nSamples: number) => ({ selection: { nSamples, strategies: [{ input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } }, { input: { type: "RANDOM" }, strategy: { type: "WEIGHTS", strength: 0.5 } }] }, seed: 3 });
    const found = await draft(made, selection(6), {}, "strategySelection");
    expect(found).toMatchObject({ method: "STRATEGIES", picks: 6, columns: ["distance", "radius", "share.0", "share.1"], sources: [expect.any(String), expect.any(String)] });
    const { jobId } = await server.call<{ jobId: string }>("POST", `${made.path}/embeddings/${made.embedding}/strategySelection`, { body: { newTagName: "plain", ...selection(3) } });
    const plain = (await waitForJob(server, jobId)).result!.data as string;
    const { id } = await server.call<{ id: string }>("POST", `${made.path}/sampling/drafts/${found.id}/tag`, { body: { name: "of draft", picks: 3 } });
    const [expected, report] = await Promise.all([plain, id].map((tag) => server.call<SelectionReport>("GET", `${made.path}/tags/${tag}/selection`)));
    expect(report!.picks).toEqual(expected!.picks);
    expect(report!.picks[2]!.shares!.map(Math.fround)).toEqual([found.values["share.0"]![2], found.values["share.1"]![2]]);
  });

  test("what was chosen before comes on top of the picks", async () => {
    const made = await line(10);
    const preselectedTagId = await addTag(server, made, "chosen before", [0, 1]);
    const queryTagId = await addTag(server, made, "query", [3, 5, 9]);
    const found = await draft(made, upTo(4, { preselectedTagId, queryTagId }));
    expect(found).toMatchObject({ preselected: 2, picks: 2, ordinals: [9, 5], preselectedTagId, queryTagId });
    const { id } = await server.call<{ id: string }>("POST", `${made.path}/sampling/drafts/${found.id}/tag`, { body: { name: "both", picks: 1 } });
    expect(await tagOrdinals(server, made.path, id)).toEqual([0, 1, 9]);
    expect(await server.call("GET", `${made.path}/tags/${id}`)).toMatchObject({ prevTagId: preselectedTagId, preselectedTagId, queryTagId });
    await server.call("POST", `${made.path}/sampling/drafts/${found.id}/tag`, { body: { name: "none of them", picks: 0 } });
  });

  test("is its maker's, and is refused with reasons", async () => {
    const made = await line(4);
    const other = await server.addUser();
    await server.call("POST", `${made.path}/collaboration/access`, { body: { accessType: "WRITE", users: [other.email] } });
    const preselectedTagId = await addTag(server, made, "goes away", [0]);
    const found = await draft(made, upTo(3, { preselectedTagId }));
    const at = `${made.path}/sampling/drafts/${found.id}`;
    for (const [method, path] of [["GET", at], ["GET", `${at}/picks`], ["DELETE", at], ["GET", `${made.path}/sampling/drafts/x`]] as const) {
      expect(await server.refusal(method, path, { token: other.token })).toMatchObject({ status: 404, code: "NOT_FOUND" });
    }
    const refused = (body: object) => server.refusal("POST", `${at}/tag`, { body });
    expect((await refused({ name: "too many", picks: 3 })).message).toContain('"picks" must be at most 2');
    expect((await refused({ name: "initial-tag", picks: 1 })).code).toBe("TAG_NAME_EXISTS");
    expect((await refused({ name: "below", picks: -1 })).status).toBe(400);
    await server.call("DELETE", `${made.path}/tags/${preselectedTagId}`, { body: {} });
    expect((await refused({ name: "without it", picks: 1 })).code).toBe("TAG_PRESELECTEDTAG_NOT_IN_DATASET");
    expect((await server.refusal("POST", `${made.path}/embeddings/${made.embedding}/sampling/drafts`, { body: { method: "CORESET", config: {} } })).message).toContain("when to stop");
    await server.call("DELETE", at, { body: {} });
    expect((await server.refusal("GET", at)).status).toBe(404);
  });

  test("only the latest are kept", async () => {
    const made = await line(3);
    const all: string[] = [];
    for (let i = 0; i < 12; i++) all.push((await draft(made, upTo(2, { seed: i }))).id);
    const there = await Promise.all(all.map(async (id) => (await server.request("GET", `${made.path}/sampling/drafts/${id}`)).status));
    expect(there).toEqual([404, 404, ...Array.from({ length: 10 }, () => 200)]);
  });
});
