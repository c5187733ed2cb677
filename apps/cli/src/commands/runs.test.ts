import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiWorkflowClient, domains } from "@winnow/client";
import { startServer } from "@winnow/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT, runCommandLine } from "../program.ts";

const token = "token-of-the-owner";
let folder: string;
let server: Awaited<ReturnType<typeof startServer>>;
let client: ApiWorkflowClient;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "winnow-runs-"));
  server = await startServer({ dataFolder: join(folder, "data"), port: 0, ownerToken: token, logLevel: "silent" });
  client = new ApiWorkflowClient({ token, serverUrl: server.url });
  await client.createDataset("runs of a command");
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function winnow(words: readonly string[], { env = { WINNOW_TOKEN: token, WINNOW_SERVER_LOCATION: server.url }, onText }: { env?: Record<string, string>; onText?: (text: string) => void } = {}) {
  let [stdout, stderr] = ["", ""];
  const write = (text: string) => {
    stdout += text;
    onText?.(text);
  };
  const code = await runCommandLine([...words], { stdout: { write }, stderr: { write: (text) => (stderr += text) }, isTTY: false, env, cwd: folder, stop: new AbortController().signal });
  return { code, stdout, stderr };
}

/** Takes a scheduled run, as a worker does. */
async function take(workerId: string, scheduledId: string): Promise<string> {
  await client.call(domains.workers.updateScheduledDockerRunStateById, { path: { datasetId: await client.datasetId, workerId, scheduledId }, body: { state: "LOCKED" } });
  return (await client.call(domains.workers.createDockerRun, { body: { dockerVersion: "1", scheduledId } })).id;
}

test("without workers, runs or a token it says what to do", async () => {
  expect(await winnow(["workers"])).toMatchObject({ code: EXIT.ok, stdout: expect.stringContaining("Start one with `winnow worker`") });
  expect(await winnow(["runs", "ls"])).toMatchObject({ code: EXIT.ok, stdout: "There are no runs yet.\n" });
  expect(await winnow(["runs", "ls"], { env: {} })).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("WINNOW_TOKEN") });
  expect(await winnow(["workers"], { env: { WINNOW_TOKEN: "a-wrong-token", WINNOW_SERVER_LOCATION: server.url } })).toMatchObject({ code: EXIT.failure, stderr: expect.not.stringContaining("a-wrong-token") });
});

test("workers and runs are listed, for people and as JSON", async () => {
  const workerId = await client.registerComputeWorker({ name: "the worker", labels: ["gpu"] });
  await client.call(domains.workers.updateDockerWorkerRegistryEntryById, { path: { workerId }, body: { state: "BUSY" } });
  const [waiting, begun] = [await client.scheduleComputeWorkerRun({ priority: "HIGH", runsOn: ["gpu"] }), await client.scheduleComputeWorkerRun()];
  await take(await client.registerComputeWorker({ name: "the worker" }), begun);
  expect((await winnow(["workers"])).stdout).toMatch(new RegExp(`^NAME .*\\nthe worker +BUSY +gpu .* ${begun} +${workerId}\\n$`));
  expect(JSON.parse((await winnow(["workers", "--json"])).stdout)).toMatchObject([{ id: workerId, state: "BUSY", scheduledId: begun }]);
  const datasetId = await client.datasetId;
  for (const words of [["runs", "ls"], ["runs", "ls", "--dataset", datasetId]]) {
    const { stdout } = await winnow(words);
    expect(stdout).toMatch(new RegExp(`${begun} +STARTED`));
    expect(stdout).toMatch(new RegExp(`${waiting} +WAITING .*priority HIGH, on gpu`));
  }
  expect(JSON.parse((await winnow(["runs", "ls", "--json"])).stdout)).toMatchObject({ scheduled: [{ id: waiting }], runs: [{ scheduledId: begun }] });
  expect(await winnow(["runs", "stop", waiting])).toMatchObject({ code: EXIT.ok, stdout: "Cancelled.\n" });
  expect(await winnow(["runs", "stop", begun])).toMatchObject({ code: EXIT.ok, stdout: expect.stringContaining("Aborted") });
  // Once more is no error: it is as it was wanted.
  expect(await winnow(["runs", "stop", begun])).toMatchObject({ code: EXIT.ok });
  expect(await winnow(["runs", "follow", waiting])).toMatchObject({ code: EXIT.failure, stdout: "It was cancelled.\n" });
  expect(await winnow(["runs", "stop", "f".repeat(24)])).toMatchObject({ code: EXIT.failure, stderr: expect.stringContaining("no scheduled run") });
});

test("a run is followed to its end", async () => {
  const workerId = await client.registerComputeWorker({ name: "the worker" });
  const scheduledId = await client.scheduleComputeWorkerRun();
  let run = "";
  const { code, stdout } = await winnow(["runs", "follow", scheduledId], {
    onText: (text) => {
      if (text.startsWith("Waiting")) void take(workerId, scheduledId).then((id) => (run = id));
      if (text.startsWith("STARTED")) void client.call(domains.workers.updateDockerRunById, { path: { runId: run }, body: { state: "COMPLETED", message: "All done" } });
    },
  });
  expect(stdout).toBe("Waiting for a worker.\nA worker has taken it.\nSTARTED\nCOMPLETED: All done\n");
  expect(code).toBe(EXIT.ok);
});
