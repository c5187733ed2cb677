import type { DockerRunData, DockerRunLogData, RunProgressData, TagData } from "@winnow/contract";
import { expect, test } from "vitest";
import { addTag, scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";
import { addWorker, begin, report, runOf, schedule } from "../testing/worker-scenes.ts";

describeServer("Runs", (server) => {
  async function running() {
    const [made, worker] = [await scene(server, 4), await addWorker(server)];
    const scheduled = await schedule(server, made);
    return { made, worker, scheduled, run: await begin(server, made, worker, scheduled) };
  }

  test("states follow one another as messages, until one ends it", async () => {
    const { made, worker, scheduled, run } = await running();
    await report(server, run, "INITIALIZING", "Listing the input", worker);
    await report(server, run, "EMBEDDING", undefined, worker);
    await server.call("PUT", `/v1/docker/runs/${run}`, { body: { state: "SAMPLING", message: "Choosing", ts: 12345 } });
    expect(await runOf(server, run)).toMatchObject({
      state: "SAMPLING",
      message: "Choosing",
      datasetId: made.id,
      scheduledId: scheduled,
      dockerVersion: "1.0",
      reportAvailable: false,
      artifacts: [],
      messages: [{ state: "STARTED" }, { state: "INITIALIZING", log: "Listing the input" }, { state: "EMBEDDING" }, { state: "SAMPLING", log: "Choosing", ts: 12345 }],
    });
    await report(server, run, "COMPLETED", "4 of 4 selected", worker);
    // An answer may have been lost: saying the same again is no error, and adds nothing.
    await report(server, run, "COMPLETED", "4 of 4 selected", worker);
    for (const state of ["EMBEDDING", "FAILED", "ABORTED", "COMPLETED"] as const) expect(await server.refusal("PUT", `/v1/docker/runs/${run}`, { body: { state, message: "more" } })).toMatchObject({ status: 409, code: "DOCKER_RUN_ENDED", message: expect.stringContaining("COMPLETED") });
    expect((await server.refusal("PUT", `/v1/docker/runs/${run}/progress`, { body: { stage: "s", done: 0, total: 1 } })).code).toBe("DOCKER_RUN_ENDED");
    expect((await server.refusal("GET", `/v1/docker/runs/${run}/planWriteUrl`)).code).toBe("DOCKER_RUN_ENDED");
    expect((await runOf(server, run)).messages).toHaveLength(5);
  });

  test("a report that comes twice with its time is kept once", async () => {
    const { run } = await running();
    for (let i = 0; i < 3; i++) await server.call("PUT", `/v1/docker/runs/${run}`, { body: { state: "EMBEDDING", message: "half", ts: 777 } });
    await server.call("PUT", `/v1/docker/runs/${run}`, { body: { state: "EMBEDDING", message: "half", ts: 778 } });
    expect((await runOf(server, run)).messages).toHaveLength(3);
  });

  test("of many ends at once one counts", async () => {
    const { run } = await running();
    const states = Array.from({ length: 10 }, (_, i) => server.request("PUT", `/v1/docker/runs/${run}`, { body: { state: i % 2 ? "ABORTED" : "FAILED", message: `end ${i}` } }));
    expect((await Promise.all(states)).filter(({ status }) => status < 400)).toHaveLength(1);
    expect((await runOf(server, run)).messages).toHaveLength(2);
  });

  test("a schedule has one run, however often it is begun", async () => {
    const [made, worker] = [await scene(server), await addWorker(server)];
    const scheduled = await schedule(server, made);
    expect(await server.refusal("GET", `/v1/docker/runs/schedule/${scheduled}`)).toMatchObject({ status: 404, code: "DOCKER_RUN_UNKNOWN" });
    const first = await begin(server, made, worker, scheduled);
    const ids = await Promise.all(Array.from({ length: 10 }, () => begin(server, made, worker, scheduled)));
    expect(new Set([first, ...ids]).size).toBe(1);
    expect((await server.call<DockerRunData>("GET", `/v1/docker/runs/schedule/${scheduled}`)).id).toBe(first);
    await report(server, first, "FAILED", "broken");
    expect((await server.refusal("POST", "/v1/docker/runs", { body: { dockerVersion: "1", scheduledId: scheduled } })).code).toBe("DOCKER_RUN_ENDED");
  });

  test("what can't be begun is refused", async () => {
    const [made, other, worker] = [await scene(server), await scene(server), await addWorker(server)];
    const scheduled = await schedule(server, made);
    const refused = (body: object, query = {}) => server.refusal("POST", "/v1/docker/runs", { body: { dockerVersion: "1", ...body }, query });
    expect((await refused({ scheduledId: "f".repeat(24) })).code).toBe("DOCKER_WORKER_SCHEDULE_UNKNOWN");
    expect((await refused({ scheduledId: scheduled, datasetId: other.id })).message).toContain("datasetId");
    expect((await refused({ scheduledId: scheduled }, { sessionId: worker.sessionId })).message).toContain("Lock the scheduled run first");
    expect((await refused({ datasetId: "f".repeat(24) })).code).toBe("DATASET_UNKNOWN");
    expect((await refused({ scheduledId: "nonsense" })).status).toBe(400);
  });

  test("one without schedule and dataset is its user's alone", async () => {
    const { id } = await server.call<{ id: string }>("POST", "/v1/docker/runs", { body: { dockerVersion: "2.0", message: "on its own" } });
    expect(await runOf(server, id)).toMatchObject({ state: "STARTED", message: "on its own", dockerVersion: "2.0" });
    const stranger = await server.addUser();
    expect((await server.refusal("GET", `/v1/docker/runs/${id}`, { token: stranger.token })).code).toBe("DOCKER_RUN_UNKNOWN");
    const write = await server.call<string>("GET", `/v1/docker/runs/${id}/writeReportUrl`);
    expect((await server.open(write, { method: "PUT", raw: "%PDF" })).status).toBe(200);
    expect((await server.open(await server.call<string>("GET", `/v1/docker/runs/${id}/readReportUrl`))).bytes.toString()).toBe("%PDF");
  });

  test("are listed by user and dataset, in pages, oldest first", async () => {
    const user = await server.addUser();
    const options = { token: user.token };
    const made = await scene(server, 0, options);
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) ids.push((await server.call<{ id: string }>("POST", "/v1/docker/runs", { ...options, body: { dockerVersion: "1", datasetId: made.id } })).id);
    const list = async (path: string, query = {}) => (await server.call<DockerRunData[]>("GET", path, { ...options, query })).map(({ id }) => id);
    for (const path of ["/v1/docker/runs", `/v1/docker/runs/query/datasetId/${made.id}`]) {
      expect(await list(path)).toEqual(ids);
      expect(await list(path, { pageSize: 3 })).toEqual(ids.slice(0, 3));
      expect(await list(path, { pageSize: 3, pageOffset: 6 })).toEqual(ids.slice(6));
      expect(await list(path, { pageSize: 3, pageOffset: 9 })).toEqual([]);
    }
    expect(await server.call("GET", `/v1/docker/runs/query/datasetId/${made.id}`, options)).toHaveLength(7);
  });

  test("progress is one, the last that was told", async () => {
    const { run, worker } = await running();
    const read = () => server.call<RunProgressData>("GET", `/v1/docker/runs/${run}/progress`);
    const tell = (body: object) => ["PUT", `/v1/docker/runs/${run}/progress`, { query: { sessionId: worker.sessionId }, body }] as const;
    expect(await read()).toEqual({ progress: null, updatedAt: null });
    await server.call(...tell({ stage: "listing", done: 12, total: null }));
    await server.call(...tell({ stage: "embedding", done: 3, total: 10, rates: { images: 120.5 } }));
    expect(await read()).toEqual({ progress: { stage: "embedding", done: 3, total: 10, rates: { images: 120.5 } }, updatedAt: expect.any(Number) });
    for (const body of [{ stage: "", done: 1, total: 1 }, { stage: "s", done: -1, total: 1 }, { stage: "s", done: 1 }, { stage: "s", done: 1, total: 1, rates: { a: "b" } }]) expect((await server.refusal(...tell(body))).status).toBe(400);
    expect((await runOf(server, run)).messages).toHaveLength(1);
  });

  test("the log is read from where one has got to", async () => {
    const { run, worker } = await running();
    const read = (cursor?: number) => server.call<DockerRunLogData>("GET", `/v1/docker/runs/${run}/logs`, { query: { cursor } });
    expect(await read()).toEqual({ cursor: 0, logs: [] });
    const entry = (i: number) => ({ ts: i, level: "INFO", group: "run", msg: `line ${i}` });
    const append = (entries: object[]) => server.call("PUT", `/v1/docker/runs/${run}/logs`, { query: { sessionId: worker.sessionId }, body: entries });
    await append([{ ...entry(0), origin: null, load: { cpu: 12.5, mem: null } }, { ...entry(1), state: "EMBEDDING", origin: "here" }]);
    expect(await read()).toEqual({ cursor: 2, logs: [{ ts: 0, level: "INFO", group: "run", msg: "line 0", state: "STARTED", load: { cpu: 12.5 } }, { ts: 1, level: "INFO", group: "run", msg: "line 1", state: "EMBEDDING", origin: "here" }] });
    await append(Array.from({ length: 1500 }, (_, i) => entry(i + 2)));
    const seen: number[] = [];
    for (let cursor = 0; ; ) {
      const page = await read(cursor);
      if (page.logs.length === 0) break;
      seen.push(...page.logs.map(({ ts }) => ts));
      cursor = page.cursor!;
    }
    expect(seen).toEqual(Array.from({ length: 1502 }, (_, i) => i));
    await report(server, run, "COMPLETED");
    await append([{ ...entry(1502), msg: "a\u0000b\ud800" }]);
    expect((await read(1502)).logs).toMatchObject([{ msg: "ab\ufffd", state: "COMPLETED" }]);
    expect((await server.refusal("PUT", `/v1/docker/runs/${run}/logs`, { body: [{ ts: 1, level: "LOUD", group: "g", msg: "m" }] })).message).toContain("[0].level");
  });

  test("tags that a run has made are its own", async () => {
    const { made, run } = await running();
    const tag = await addTag(server, made, "picked by a run", [1, 2], { runId: run });
    await addTag(server, made, "picked by hand", [0]);
    expect((await server.call<TagData[]>("GET", `/v1/docker/runs/${run}/tags`)).map(({ id }) => id)).toEqual([tag]);
  });
});
