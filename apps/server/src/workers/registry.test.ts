import type { DockerWorkerRegistryEntryData, WorkerStatus } from "@winnow/contract";
import { afterEach, expect, test, vi } from "vitest";
import { scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";
import { addWorker, begin, move, offered, schedule } from "../testing/worker-scenes.ts";

describeServer("The registry of workers", (server) => {
  afterEach(() => void vi.useRealTimers());
  const later = (ms: number) => vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
  const entry = (id: string) => server.call<DockerWorkerRegistryEntryData>("GET", `/v1/docker/worker/${id}`);
  const register = async (body: object, token?: string) => (await server.call<{ id: string }>("POST", "/v1/docker/worker", { body: { workerType: "FULL", ...body }, ...(token && { token }) })).id;

  test("a name of a user is one worker, and of another user another", async () => {
    const id = await register({ name: "Default" });
    expect(await register({ name: "Default" })).toBe(id);
    expect(await register({ name: "Other" })).not.toBe(id);
    const stranger = await server.addUser();
    expect(await register({ name: "Default" }, stranger.token)).not.toBe(id);
    expect((await server.refusal("GET", `/v1/docker/worker/${id}`, { token: stranger.token })).code).toBe("DOCKER_WORKER_UNKNOWN");
    expect(await server.call("GET", "/v1/docker/worker", { token: stranger.token })).toHaveLength(1);
  });

  test("registered twenty times at once it is one", async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => register({ name: "at once" })));
    expect(new Set(ids).size).toBe(1);
  });

  test("labels that are given replace the old ones, others stay", async () => {
    const id = await register({ name: "labelled", labels: ["gpu", "berlin", "gpu"] });
    expect((await entry(id)).labels).toEqual(["gpu", "berlin"]);
    await register({ name: "labelled" });
    expect((await entry(id)).labels).toEqual(["gpu", "berlin"]);
    await register({ name: "labelled", labels: [] });
    expect((await entry(id)).labels).toEqual([]);
  });

  test("a name or label that can't be one is refused", async () => {
    for (const name of ["ab", "", "-abc", "ümlaut", "x".repeat(256), 5]) expect((await server.refusal("POST", "/v1/docker/worker", { body: { name, workerType: "FULL" } })).status, String(name)).toBe(400);
    for (const labels of [[""], [" "], ["x".repeat(101)], ["\u0000"], [5], Array.from({ length: 101 }, (_, i) => `l${i}`)]) expect(await server.refusal("POST", "/v1/docker/worker", { body: { name: "worker", workerType: "FULL", labels } })).toMatchObject({ status: 400, message: expect.stringContaining("labels") });
  });

  test("a worker is OFFLINE until it is heard, and again after a minute of silence", async () => {
    const id = await register({ name: "silent" });
    expect((await entry(id)).state).toBe("OFFLINE");
    await server.call("PUT", `/v1/docker/worker/${id}`, { body: { state: "BUSY" } });
    expect((await entry(id)).state).toBe("BUSY");
    later(59_000);
    expect((await entry(id)).state).toBe("BUSY");
    later(2_000);
    expect((await entry(id)).state).toBe("OFFLINE");
    await server.call("PUT", `/v1/docker/worker/${id}`, { body: { state: "IDLE" } });
    expect((await entry(id)).state).toBe("IDLE");
  });

  test("asking for work and renewing a lease is being heard", async () => {
    const [made, worker] = [await scene(server), await addWorker(server)];
    const scheduled = await schedule(server, made);
    await begin(server, made, worker, scheduled);
    later(40_000);
    await move(server, made, worker, scheduled, "LOCKED");
    later(40_000);
    expect((await entry(worker.id)).state).toBe("IDLE");
    await offered(server, worker);
    later(40_000);
    expect((await entry(worker.id)).state).toBe("IDLE");
  });

  test("a newer session replaces the older one for everything that carries it", async () => {
    const [made, worker] = [await scene(server), await addWorker(server)];
    const scheduled = await schedule(server, made);
    const run = await begin(server, made, worker, scheduled);
    const { sessionId } = await server.call<{ sessionId: string }>("POST", `/v1/docker/worker/${worker.id}/sessions`, { body: {} });
    const old = { sessionId: worker.sessionId };
    for (const [method, path, body] of [
      ["PUT", `/v1/docker/worker/${worker.id}`, { state: "IDLE" }],
      ["GET", `/v1/docker/worker/${worker.id}/schedule`, undefined],
      ["PUT", `${made.path}/docker/worker/${worker.id}/schedule/${scheduled}`, { state: "LOCKED" }],
      ["POST", "/v1/docker/runs", { dockerVersion: "1", scheduledId: scheduled }],
      ["PUT", `/v1/docker/runs/${run}`, { state: "EMBEDDING" }],
      ["PUT", `/v1/docker/runs/${run}/progress`, { stage: "embedding", done: 1, total: null }],
      ["PUT", `/v1/docker/runs/${run}/logs`, []],
      ["GET", `/v1/docker/runs/${run}/planWriteUrl`, undefined],
    ] as const) expect(await server.refusal(method, path, { query: old, body }), path).toMatchObject({ status: 409, code: "WORKER_SESSION_REPLACED" });
    // The new one goes on with what the old one had locked.
    expect(await offered(server, { ...worker, sessionId })).toEqual([scheduled]);
    await move(server, made, { ...worker, sessionId }, scheduled, "LOCKED");
    await server.call("PUT", `/v1/docker/runs/${run}`, { query: { sessionId }, body: { state: "EMBEDDING" } });
  });

  test("what people ask about workers is one request", async () => {
    const [made, worker] = [await scene(server), await addWorker(server, { labels: ["gpu"] })];
    const scheduled = await schedule(server, made);
    await begin(server, made, worker, scheduled);
    const status = (await server.call<WorkerStatus[]>("GET", "/v1/docker/workers/status")).find(({ id }) => id === worker.id);
    expect(status).toMatchObject({ state: "IDLE", labels: ["gpu"], version: "1.0", host: "here", scheduledId: scheduled, lastSeenAt: expect.any(Number) });
  });

  test("a removed worker is gone, and what it had is free at once", async () => {
    const [made, worker, other] = [await scene(server), await addWorker(server), await addWorker(server)];
    const scheduled = await schedule(server, made);
    await begin(server, made, worker, scheduled);
    expect(await offered(server, other)).not.toContain(scheduled);
    await server.call("DELETE", `/v1/docker/worker/${worker.id}`);
    expect((await server.refusal("DELETE", `/v1/docker/worker/${worker.id}`)).code).toBe("DOCKER_WORKER_UNKNOWN");
    expect((await server.refusal("GET", `/v1/docker/worker/${worker.id}`)).status).toBe(404);
    expect(await offered(server, other)).toContain(scheduled);
  });

  test("licence, statistics and authorisations are answered honestly", async () => {
    expect(await server.call("GET", "/v1/docker/licenseInformation")).toMatchObject({ licenseIsValid: true, licenseType: "Apache-2.0" });
    await server.call("POST", "/v1/docker", { body: { runId: "r", action: "a", data: {}, timestamp: 1, pipVersion: "1", dockerVersion: "1" } });
    expect(await server.refusal("POST", "/v1/docker/workerAuthorization", { body: { hashedTaskDescription: "x" } })).toMatchObject({ status: 501, code: "NOT_IMPLEMENTED", message: expect.stringContaining("need no authorisation") });
  });
});
