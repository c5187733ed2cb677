/** `winnow worker`, and the worker beside a server, as programs: what people and scripts type. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ApiWorkflowClient, domains } from "@winnow/client";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Program, bin, endAll, run } from "./program.ts";
import { RunScene, TOKEN, numbered, writePictures } from "./worker-scene.ts";

/** Programs take their time where many tests run side by side. */
vi.setConfig({ testTimeout: 240_000 });

let scene: RunScene;
beforeAll(async () => {
  scene = await RunScene.begin();
});
afterAll(async () => {
  await endAll();
  await scene.end();
});

test("what is wrong is said before anything is done", async () => {
  const winnow = (words: string[], env: Record<string, string> = {}) => run(bin, ["worker", "--server", scene.server.url, "--work", join(scene.folder, "wrong"), ...words], env);
  expect(await winnow([])).toMatchObject({ code: 2, stderr: expect.stringContaining("There is no token") as string });
  expect(await winnow(["--name", "x"], { WINNOW_TOKEN: TOKEN })).toMatchObject({ code: 2, stderr: expect.stringContaining("--name must have at least 3 characters") as string });
  expect(await winnow(["--shared", "/nowhere/at/all"], { WINNOW_TOKEN: TOKEN })).toMatchObject({ code: 1, stderr: expect.stringContaining("There is no folder") as string });
  const unknown = await winnow(["--once"], { WINNOW_TOKEN: "no-such-token-anywhere" });
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining("doesn't know the token") as string });
  expect(unknown.stderr).not.toContain("no-such-token-anywhere");
  expect(await winnow(["--id", "0123456789abcdef01234567"], { WINNOW_TOKEN: TOKEN })).toMatchObject({ code: 1 });
});

test("a worker that is ready says so, shows its state, and goes OFFLINE when it ends", async () => {
  const worker = new Program(bin, ["worker", "--server", scene.server.url, "--name", "shown", "--label", "gpu", "--work", join(scene.folder, "shown")], { LIGHTLY_TOKEN: TOKEN });
  expect(await worker.until(/The worker shown waits for runs/)).toBeDefined();
  const stateOf = async () => (await scene.client.call(domains.workers.getDockerWorkerRegistryEntries, {})).find(({ name }) => name === "shown");
  expect(await stateOf()).toMatchObject({ state: "IDLE", labels: ["gpu"] });
  expect(execFileSync("ps", ["-o", "args=", "-p", String(worker.process.pid)], { encoding: "utf8" })).not.toContain(TOKEN);
  const second = await run(bin, ["worker", "--server", scene.server.url, "--name", "shown", "--waits-for-others", "--work", join(scene.folder, "shown")], { WINNOW_TOKEN: TOKEN });
  expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining("is online already") as string });
  expect(await worker.stop("SIGTERM")).toMatchObject({ code: 0 });
  expect(await stateOf()).toMatchObject({ state: "OFFLINE" });
});

test("a server with a worker does what is scheduled, and both end together", async () => {
  const data = join(scene.folder, "server with worker");
  const images = join(scene.folder, "its images");
  await writePictures(images, numbered(5));
  const server = new Program(bin, ["server", "--data", data, "--port", "0", "--worker", "--allow-folder", images], { WINNOW_TOKEN: TOKEN });
  const client = new ApiWorkflowClient({ token: TOKEN, serverUrl: await server.url(), onWarning: () => undefined });
  await client.createDataset("beside");
  await client.setLocalConfig(images);
  const scheduledId = await client.scheduleComputeWorkerRun({ workerConfig: { stopping_condition: { n_samples: 2 }, shutdown_when_job_finished: true } });
  let last: unknown;
  for await (const event of client.followComputeWorkerRun(scheduledId, { pollSeconds: 0.2 })) last = event;
  expect(last).toMatchObject({ type: "ended", state: "COMPLETED" });
  expect(await client.getFilenames()).toHaveLength(2);
  const log = readFileSync(join(data, "worker", "worker.log"), "utf8");
  expect(log).toContain("COMPLETED");
  expect(log).not.toContain(TOKEN);
  // It has ended, as the run said, and is started again.
  await scene.until("the worker's return", async () => (readFileSync(join(data, "worker", "worker.log"), "utf8").split("waits for runs").length > 2 ? true : undefined));
  expect(await server.stop("SIGTERM")).toMatchObject({ code: 0, stderr: "" });
  expect(existsSync(join(data, "worker", "runs"))).toBe(true);
});

test.each(["failed", "was aborted"])("a worker ends with a run that says so (shutdown_when_job_finished), also when the run %s", async (how) => {
  const { id, folder, client } = await scene.dataset(`ends when it ${how}`);
  await writePictures(folder, numbered(3));
  await client.scheduleComputeWorkerRun({ workerConfig: { shutdown_when_job_finished: true, ...(how === "failed" ? { checkpoint: "nowhere.onnx" } : {}) } });
  // Were it for the queue alone, the worker would wait for ever.
  const worker = scene.worker({
    name: `ends when it ${how}`,
    ...(how === "failed" ? {} : { execute: async ({ runId, signal }) => {
      await client.abortRun(runId);
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    } }),
  });
  expect(await worker.ended).toBe("shutdown");
  expect(await scene.lastRun(id)).toMatchObject({ state: how === "failed" ? "FAILED" : "ABORTED" });
});
