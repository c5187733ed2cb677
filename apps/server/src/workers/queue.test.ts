import type { DockerRunData, DockerRunScheduledData } from "@winnow/contract";
import { mkdtemp, writeFile, rm, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { scene, until, type Scene } from "../testing/scenes.ts";
import { ServerUnderTest, describeServer, type Account } from "../testing/server-under-test.ts";
import { addConfiguration, addWorker, begin, move, moveRefused, offered, report, runOf, schedule } from "../testing/worker-scenes.ts";

describeServer("The queue of runs", (server) => {
  afterEach(() => void vi.useRealTimers());
  const later = (ms: number) => vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
  const listed = ({ path }: Scene, query = {}) => server.call<DockerRunScheduledData[]>("GET", `${path}/docker/worker/schedule`, { query });
  const stateOf = async (made: Scene, id: string) => (await Promise.all(["OPEN", "LOCKED", "DONE", "CANCELED"].map((state) => listed(made, { state })))).flat().find((one) => one.id === id)?.state;
  const cancel = (made: Scene, id: string, token?: string) => ["PUT", `${made.path}/docker/worker/schedule/${id}`, { body: {}, ...(token && { token }) }] as const;

  test("what is scheduled is listed until it is done or cancelled, most urgent first", async () => {
    const made = await scene(server);
    const ids: Record<string, string> = {};
    for (const priority of ["LOW", "MID", "CRITICAL", "HIGH"]) ids[priority] = await schedule(server, made, { priority, runsOn: ["b", "a", "b"] });
    const rows = await listed(made);
    expect(rows.map(({ priority }) => priority)).toEqual(["CRITICAL", "HIGH", "MID", "LOW"]);
    expect(rows[0]).toMatchObject({ datasetId: made.id, state: "OPEN", runsOn: ["a", "b"], owner: server.ownerId, configId: expect.any(String) });
    await server.call(...cancel(made, ids["CRITICAL"]!));
    expect((await listed(made)).map(({ priority }) => priority)).toEqual(["HIGH", "MID", "LOW"]);
    expect((await listed(made, { state: "CANCELED" })).map(({ id }) => id)).toEqual([ids["CRITICAL"]]);
    expect((await listed(made, { pageSize: 1, pageOffset: 1 })).map(({ priority }) => priority)).toEqual(["MID"]);
    expect((await server.call<DockerRunScheduledData[]>("GET", "/v1/docker/worker/schedule")).filter(({ datasetId }) => datasetId === made.id)).toHaveLength(3);
    expect((await server.call<DockerRunScheduledData[]>("GET", "/v1/docker/worker/schedule", { query: { state: "CANCELED" } })).map(({ id }) => id)).toContain(ids["CRITICAL"]);
  });

  test("what can't be scheduled is refused", async () => {
    const made = await scene(server);
    const configId = await addConfiguration(server);
    const url = `${made.path}/docker/worker/schedule`;
    expect(await server.refusal("POST", url, { body: { configId: "f".repeat(24), priority: "MID" } })).toMatchObject({ status: 404, code: "DOCKER_WORKER_CONFIG_UNKNOWN" });
    expect((await server.refusal("POST", url, { body: { configId, priority: "URGENT" } })).message).toContain(`"priority" must be one of LOW, MID, HIGH, CRITICAL`);
    expect((await server.refusal("POST", url, { body: { configId, priority: "MID", runsOn: [""] } })).message).toContain("runsOn[0]");
    const crops = await server.call<{ id: string }>("POST", "/v1/datasets", { body: { name: "some crops", type: "Crops" } });
    const objects = await addConfiguration(server, { object_level: { task_name: "boxes" } });
    expect((await server.refusal("POST", `/v1/datasets/${crops.id}/docker/worker/schedule`, { body: { configId: objects, priority: "MID" } })).message).toContain("holds crops already");
    await server.call("POST", url, { body: { configId: objects, priority: "MID" } });
  });

  test("of many workers that lock one run at once exactly one gets it", async () => {
    const made = await scene(server);
    const workers = await Promise.all(Array.from({ length: 12 }, () => addWorker(server)));
    for (let round = 0; round < 5; round++) {
      const scheduled = await schedule(server, made);
      const got = await Promise.all(workers.map((worker) => move(server, made, worker, scheduled, "LOCKED").then(() => worker, () => undefined)));
      const winners = got.filter((one) => one !== undefined);
      expect(winners).toHaveLength(1);
      const loser = workers.find((worker) => worker !== winners[0])!;
      expect(await moveRefused(server, made, loser, scheduled, "LOCKED")).toMatchObject({ status: 409, code: "DOCKER_WORKER_SCHEDULE_UPDATE_FAILED" });
      for (const state of ["DONE", "OPEN", "CANCELED"]) expect((await moveRefused(server, made, loser, scheduled, state)).code).toBe("DOCKER_WORKER_SCHEDULE_UPDATE_FAILED");
      await move(server, made, winners[0]!, scheduled, "DONE");
      await move(server, made, winners[0]!, scheduled, "DONE");
      expect(await stateOf(made, scheduled)).toBe("DONE");
    }
  });

  test("many workers empty a queue without doing anything twice", async () => {
    const made = await scene(server);
    const workers = await Promise.all(Array.from({ length: 6 }, () => addWorker(server)));
    const wanted = await Promise.all(Array.from({ length: 25 }, () => schedule(server, made)));
    const taken: string[] = [];
    await Promise.all(
      workers.map(async (worker) => {
        for (;;) {
          const open = await offered(server, worker, "OPEN");
          const mine = open.filter((id) => wanted.includes(id));
          if (mine.length === 0) return;
          for (const id of mine) {
            if (!(await move(server, made, worker, id, "LOCKED").then(() => true, () => false))) continue;
            taken.push(id);
            await move(server, made, worker, id, "DONE");
            break;
          }
        }
      }),
    );
    expect(taken.toSorted()).toEqual(wanted.toSorted());
  });

  test("a lease is renewed, and runs out a minute after the last time", async () => {
    const made = await scene(server);
    const [first, second] = [await addWorker(server), await addWorker(server)];
    const scheduled = await schedule(server, made);
    const run = await begin(server, made, first, scheduled);
    later(50_000);
    await move(server, made, first, scheduled, "LOCKED");
    later(50_000);
    expect(await offered(server, second)).not.toContain(scheduled);
    expect((await moveRefused(server, made, second, scheduled, "LOCKED")).message).toContain("Another worker has locked");
    later(11_000);
    expect(await offered(server, second)).toContain(scheduled);
    // Nobody else wanted it: the first may still go on.
    await move(server, made, first, scheduled, "LOCKED");
    later(61_000);
    expect(await begin(server, made, second, scheduled)).toBe(run);
    expect((await moveRefused(server, made, first, scheduled, "LOCKED")).code).toBe("DOCKER_WORKER_SCHEDULE_UPDATE_FAILED");
    for (const [method, path, body] of [["PUT", `/v1/docker/runs/${run}`, { state: "FAILED" }], ["PUT", `/v1/docker/runs/${run}/progress`, { stage: "s", done: 1, total: 2 }], ["GET", `/v1/docker/runs/${run}/planWriteUrl`, undefined], ["POST", "/v1/docker/runs", { dockerVersion: "1", scheduledId: scheduled }]] as const) {
      expect((await server.refusal(method, path, { query: { sessionId: first.sessionId }, body })).code, path).toBe("DOCKER_WORKER_SCHEDULE_UPDATE_FAILED");
    }
    expect((await runOf(server, run)).state).toBe("STARTED");
  });

  test("a run whose worker is gone is OPEN again for everybody, and can be cancelled", async () => {
    const made = await scene(server);
    const worker = await addWorker(server);
    const scheduled = await schedule(server, made);
    await move(server, made, worker, scheduled, "LOCKED");
    expect(await stateOf(made, scheduled)).toBe("LOCKED");
    later(61_000);
    expect(await stateOf(made, scheduled)).toBe("OPEN");
    expect((await listed(made))[0]).toMatchObject({ id: scheduled, state: "OPEN" });
    await server.call(...cancel(made, scheduled));
    expect(await stateOf(made, scheduled)).toBe("CANCELED");
    expect((await moveRefused(server, made, worker, scheduled, "LOCKED")).message).toContain("CANCELED");
  });

  test("a server that was away gives those that it couldn't hear the time to be heard", async () => {
    const made = await scene(server);
    const [worker, other] = [await addWorker(server), await addWorker(server)];
    const scheduled = await schedule(server, made);
    const run = await begin(server, made, worker, scheduled);
    await server.stop();
    later(600_000);
    await server.start();
    expect((await moveRefused(server, made, other, scheduled, "LOCKED")).message).toContain("Another worker has locked");
    await move(server, made, worker, scheduled, "LOCKED");
    await report(server, run, "EMBEDDING", "still at it", worker);
    later(61_000);
    expect(await begin(server, made, other, scheduled)).toBe(run);
  });

  test("a run that is given back is taken again, as the same run", async () => {
    const made = await scene(server);
    const [first, second] = [await addWorker(server), await addWorker(server)];
    const scheduled = await schedule(server, made);
    const run = await begin(server, made, first, scheduled);
    await move(server, made, first, scheduled, "OPEN");
    await move(server, made, first, scheduled, "OPEN");
    expect(await offered(server, second)).toContain(scheduled);
    expect(await begin(server, made, second, scheduled)).toBe(run);
    expect((await runOf(server, run)).messages).toHaveLength(1);
  });

  test("labels: a run goes only to workers that have all of them", async () => {
    const made = await scene(server);
    const [plain, gpu] = [await addWorker(server, { labels: ["berlin"] }), await addWorker(server, { labels: ["gpu", "berlin"] })];
    const [any, needsGpu, needsBoth] = [await schedule(server, made), await schedule(server, made, { runsOn: ["gpu"] }), await schedule(server, made, { runsOn: ["gpu", "berlin"] })];
    const ofScene = (ids: string[]) => ids.filter((id) => [any, needsGpu, needsBoth].includes(id));
    expect(ofScene(await offered(server, plain))).toEqual([any]);
    expect(ofScene(await offered(server, gpu))).toEqual([any, needsGpu, needsBoth]);
    expect(await moveRefused(server, made, plain, needsGpu, "LOCKED")).toMatchObject({ status: 409, message: expect.stringContaining("label gpu") });
    await move(server, made, gpu, needsBoth, "LOCKED");
    expect(ofScene(await offered(server, gpu, "LOCKED"))).toEqual([needsBoth]);
  });

  test("is cancelled only while nobody has it; begun and given back, its run ends too", async () => {
    const made = await scene(server);
    const worker = await addWorker(server);
    const scheduled = await schedule(server, made);
    const run = await begin(server, made, worker, scheduled);
    expect(await server.refusal(...cancel(made, scheduled))).toMatchObject({ status: 409, code: "DOCKER_WORKER_SCHEDULE_UPDATE_FAILED", message: expect.stringContaining("Abort the run instead") });
    await move(server, made, worker, scheduled, "OPEN");
    await server.call(...cancel(made, scheduled));
    await server.call(...cancel(made, scheduled));
    expect(await runOf(server, run)).toMatchObject({ state: "ABORTED", message: "The scheduled run was cancelled." });
    expect((await moveRefused(server, made, worker, scheduled, "LOCKED")).code).toBe("DOCKER_RUN_ENDED");
    const done = await schedule(server, made);
    await move(server, made, worker, done, "LOCKED");
    await move(server, made, worker, done, "DONE");
    expect((await server.refusal(...cancel(made, done))).message).toContain("done");
    expect((await moveRefused(server, made, worker, done, "LOCKED")).message).toContain("it is DONE");
    expect((await server.refusal(...cancel(made, "f".repeat(24)))).code).toBe("DOCKER_WORKER_SCHEDULE_UNKNOWN");
    expect((await server.refusal(...cancel(await scene(server), done))).code).toBe("DOCKER_WORKER_SCHEDULE_UNKNOWN");
  });

  test("a run that ends takes its schedule out of the queue, also when its worker is gone", async () => {
    const made = await scene(server);
    const worker = await addWorker(server);
    const scheduled = await schedule(server, made);
    const run = await begin(server, made, worker, scheduled);
    await report(server, run, "ABORTED", "enough");
    expect(await listed(made)).toEqual([]);
    expect(await moveRefused(server, made, worker, scheduled, "LOCKED")).toMatchObject({ status: 409, code: "DOCKER_RUN_ENDED", message: expect.stringContaining("ABORTED") });
    await move(server, made, worker, scheduled, "DONE");
    expect(await offered(server, worker)).not.toContain(scheduled);
  });

  test("a deleted dataset takes its queue and runs along", async () => {
    const made = await scene(server);
    const worker = await addWorker(server);
    const [scheduled, waiting] = [await schedule(server, made), await schedule(server, made)];
    const run = await begin(server, made, worker, scheduled);
    const write = await server.call<string>("GET", `/v1/docker/runs/${run}/writeReportUrl`);
    await server.open(write, { method: "PUT", raw: "report" });
    await server.call("DELETE", made.path);
    expect((await server.refusal("GET", `/v1/docker/runs/${run}`)).code).toBe("DOCKER_RUN_UNKNOWN");
    expect((await moveRefused(server, made, worker, scheduled, "LOCKED")).code).toBe("DATASET_UNKNOWN");
    expect(await offered(server, worker)).not.toContain(waiting);
    expect((await server.call<DockerRunData[]>("GET", "/v1/docker/runs")).map(({ id }) => id)).not.toContain(run);
    expect((await server.call<DockerRunScheduledData[]>("GET", "/v1/docker/worker/schedule")).map(({ id }) => id)).not.toContain(waiting);
    expect((await server.open(write, { method: "PUT", raw: "late" })).status).toBe(404);
    const db = await server.openDatabase();
    await until("rows and files were removed", async () => (await db.selectFrom("runs").select("id").where("dataset_id", "=", made.id).execute()).length === 0 && (await server.files()).every((file) => !file.includes(made.id)));
    expect(await db.selectFrom("scheduled_runs").select("id").where("dataset_id", "=", made.id).execute()).toEqual([]);
    expect(await db.selectFrom("run_messages").select("run_id").where("run_id", "=", run).execute()).toEqual([]);
    await db.destroy();
  });

  describe("shared datasets", () => {
    let made: Scene;
    let friend: Account;
    let stranger: Account;
    beforeAll(async () => {
      [friend, stranger] = [await server.addUser(), await server.addUser()];
      made = await scene(server);
      await server.call("POST", `${made.path}/collaboration/access`, { body: { accessType: "WRITE", users: [friend.email] } });
    });

    test("whoever may change the dataset schedules, lists and cancels; others see nothing", async () => {
      const scheduled = await schedule(server, made, {}, { token: friend.token });
      expect((await listed(made)).map(({ id }) => id)).toContain(scheduled);
      expect((await server.call<DockerRunScheduledData[]>("GET", "/v1/docker/worker/schedule", { token: friend.token })).map(({ id }) => id)).toEqual([scheduled]);
      expect(await server.call("GET", "/v1/docker/worker/schedule", { token: stranger.token })).toEqual([]);
      expect((await server.refusal(...cancel(made, scheduled, stranger.token))).code).toBe("DATASET_UNKNOWN");
      await server.call(...cancel(made, scheduled));
    });

    test("a worker takes runs on its user's datasets and its user's own runs, not somebody else's on a shared one", async () => {
      const [ownersWorker, friendsWorker, strangersWorker] = [await addWorker(server), await addWorker(server, { user: friend }), await addWorker(server, { user: stranger })];
      const [byOwner, byFriend] = [await schedule(server, made), await schedule(server, made, {}, { token: friend.token })];
      expect(await offered(server, ownersWorker)).toEqual(expect.arrayContaining([byOwner, byFriend]));
      expect(await offered(server, friendsWorker)).toEqual([byFriend]);
      expect(await offered(server, strangersWorker)).toEqual([]);
      expect(await moveRefused(server, made, friendsWorker, byOwner, "LOCKED")).toMatchObject({ status: 409, message: expect.stringContaining("somebody else") });
      expect((await moveRefused(server, made, strangersWorker, byOwner, "LOCKED")).code).toBe("DATASET_UNKNOWN");
      // Nobody works in the name of another one's worker.
      expect((await server.refusal("PUT", `${made.path}/docker/worker/${ownersWorker.id}/schedule/${byFriend}`, { token: friend.token, body: { state: "LOCKED" } })).code).toBe("DOCKER_WORKER_UNKNOWN");
      const run = await begin(server, made, friendsWorker, byFriend);
      expect((await runOf(server, run)).scheduledId).toBe(byFriend);
      expect((await server.refusal("GET", `/v1/docker/runs/${run}`, { token: stranger.token })).code).toBe("DOCKER_RUN_UNKNOWN");
      // A share that ends, ends it.
      await server.call("POST", `${made.path}/collaboration/access`, { body: { accessType: "WRITE", users: [] } });
      expect(await offered(server, friendsWorker)).toEqual([]);
      await server.call("POST", `${made.path}/collaboration/access`, { body: { accessType: "WRITE", users: [friend.email] } });
    });
  });
});

describe("Relevant file names", () => {
  let folder: string;
  let server: ServerUnderTest;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "winnow-relevant-"));
    server = new ServerUnderTest("sqlite", { allowFolders: [folder] });
    await server.start();
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  test("are looked at when a run is scheduled", async () => {
    const made = await scene(server);
    const configId = await addConfiguration(server, { relevant_filenames_file: "lists/names.txt" });
    const refused = () => server.refusal("POST", `${made.path}/docker/worker/schedule`, { body: { configId, priority: "MID" } });
    expect(await refused()).toMatchObject({ status: 404, code: "DATASET_DATASOURCE_UNKNOWN" });
    await server.call("PUT", `${made.path}/datasource`, { body: { type: "LOCAL", fullPath: folder, purpose: "INPUT_OUTPUT" } });
    expect(await refused()).toMatchObject({ code: "DATASET_DATASOURCE_RELEVANT_FILENAMES_INVALID", message: expect.stringContaining("there is no such file") });
    await mkdir(join(folder, "lists"));
    await writeFile(join(folder, "lists/names.txt"), "../outside.jpg\n");
    expect((await refused()).code).toBe("DATASET_DATASOURCE_RELEVANT_FILENAMES_INVALID");
    await writeFile(join(folder, "lists/names.txt"), "a.jpg\nb.jpg\n");
    await server.call("POST", `${made.path}/docker/worker/schedule`, { body: { configId, priority: "MID" } });
  });
});
