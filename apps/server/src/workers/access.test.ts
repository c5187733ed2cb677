/** Who may do what with workers, configurations, scheduled runs and runs, with things that are there and requests that are good. */
import { expect, test } from "vitest";
import { scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";
import { addConfiguration, addWorker, begin, moveRefused, report, schedule } from "../testing/worker-scenes.ts";

describeServer("Access to runs", (server) => {
  test("a dataset's runs are its owner's and its editors', a worker is its user's alone", async () => {
    const [friend, stranger] = [await server.addUser(), await server.addUser()];
    const made = await scene(server, 2);
    await server.call("POST", `${made.path}/collaboration/access`, { body: { accessType: "WRITE", users: [friend.email] } });
    const worker = await addWorker(server);
    const scheduled = await schedule(server, made);
    const run = await begin(server, made, worker, scheduled);
    const [{ configId }] = await server.call<[{ configId: string }]>("GET", `${made.path}/docker/worker/schedule`);
    const { artifactId, signedWriteUrl } = await server.call<{ artifactId: string; signedWriteUrl: string }>("POST", `/v1/docker/runs/${run}/artifacts`, { body: { fileName: "log.txt", type: "LOG" } });
    for (const address of [signedWriteUrl, await server.call<string>("GET", `/v1/docker/runs/${run}/writeReportUrl`), await server.call<string>("GET", `/v1/docker/runs/${run}/planWriteUrl`)]) await server.open(address, { method: "PUT", raw: "x" });
    await server.call("PUT", `/v1/docker/runs/${run}/artifacts/${artifactId}/confirmUpload`, { body: {} });

    const ofRun: [method: string, path: string, body?: unknown][] = [
      ["GET", ""],
      ["GET", "/tags"],
      ["GET", "/logs"],
      ["GET", "/progress"],
      ["GET", "/readReportUrl"],
      ["GET", "/writeReportUrl"],
      ["GET", "/planReadUrl"],
      ["GET", "/planWriteUrl"],
      ["GET", `/artifacts/${artifactId}/readurl`],
      ["PUT", `/artifacts/${artifactId}/confirmUpload`, {}],
      ["POST", "/artifacts", { fileName: "more.txt", type: "LOG" }],
      ["PUT", "/logs", [{ ts: 1, level: "INFO", group: "g", msg: "m" }]],
      ["PUT", "/progress", { stage: "s", done: 0, total: null }],
      ["PUT", "", { state: "EMBEDDING" }],
    ];
    for (const [method, path, body] of ofRun) {
      const at = `/v1/docker/runs/${run}${path}`;
      expect(await server.refusal(method, at, { body, token: stranger.token }), at).toMatchObject({ status: 404, code: "DOCKER_RUN_UNKNOWN" });
      await server.call(method, at, { body, token: friend.token });
    }
    for (const [token, status] of [[friend.token, 200], [stranger.token, 404]] as const) {
      for (const at of [`/v1/docker/runs/schedule/${scheduled}`, `/v1/docker/runs/query/datasetId/${made.id}`, `/v1/docker/worker/config/${configId}`, `${made.path}/docker/worker/schedule`]) expect((await server.request("GET", at, { token })).status, at).toBe(status);
    }

    for (const token of [friend.token, stranger.token]) {
      expect(await server.call("GET", "/v1/docker/worker", { token })).toEqual([]);
      expect(await server.call("GET", "/v1/docker/workers/status", { token })).toEqual([]);
      for (const [method, path, body] of [["GET", "", undefined], ["PUT", "", { state: "IDLE" }], ["DELETE", "", undefined], ["GET", "/schedule", undefined], ["POST", "/sessions", {}]] as const) {
        expect((await server.refusal(method, `/v1/docker/worker/${worker.id}${path}`, { body, token })).code, path).toBe("DOCKER_WORKER_UNKNOWN");
      }
      // A session is of no use to others.
      const code = (await server.refusal("PUT", `/v1/docker/runs/${run}`, { token, query: { sessionId: worker.sessionId }, body: { state: "EMBEDDING" } })).code;
      expect(code).toBe(token === friend.token ? "WORKER_SESSION_REPLACED" : "DOCKER_RUN_UNKNOWN");
    }
    // What was scheduled on the dataset can be scheduled again by whoever may; other configurations of somebody else are unknown.
    await server.call("POST", `${made.path}/docker/worker/schedule`, { token: friend.token, body: { configId, priority: "MID" } });
    const own = await addConfiguration(server);
    expect((await server.refusal("POST", `${made.path}/docker/worker/schedule`, { token: friend.token, body: { configId: own, priority: "MID" } })).code).toBe("DOCKER_WORKER_CONFIG_UNKNOWN");

    // An editor stops a run that somebody else's worker does.
    await server.call("PUT", `/v1/docker/runs/${run}`, { token: friend.token, body: { state: "ABORTED", message: "stopped by a friend" } });
    expect((await moveRefused(server, made, worker, scheduled, "LOCKED")).code).toBe("DOCKER_RUN_ENDED");
    await expect(report(server, run, "EMBEDDING", "on and on", worker)).rejects.toThrow("DOCKER_RUN_ENDED");
  });
});
