import type { ApiWorkflowClient } from "@winnow/client";
import { type Command, command } from "../command.ts";
import * as flags from "../flags.ts";
import { connection, platform } from "../platform/platform.ts";
import { Problem } from "../problems.ts";
import { moment, table } from "../terminal/table.ts";

const shared = { ...connection, json: flags.json } as const;
const dataset = { value: "ID", summary: "runs of this dataset only" } as const;
const messageWidth = 80;

const list = command({
  name: "ls",
  summary: "list runs: what waits for a worker, and what has begun",
  flags: { ...shared, dataset },
  examples: ["winnow runs ls", "winnow runs ls --dataset 64e1f0c2a9b3d4e5f6a7b8c9 --json"],
  async run({ flags: { json, dataset: datasetId, ...given } }, io) {
    const client = await platform(given, io, datasetId);
    const { domains } = await import("@winnow/client");
    const { signal } = { signal: io.stop };
    const path = { datasetId: datasetId! };
    const [scheduled, runs] = await Promise.all(
      datasetId === undefined
        ? [client.call(domains.workers.getDockerRunsScheduledByState, { signal }), client.getComputeWorkerRuns({ signal })]
        : [client.call(domains.workers.getDockerRunsScheduledByDatasetId, { path, signal }), client.call(domains.workers.getDockerRunsQueryByDatasetId, { path, signal })],
    );
    const begun = new Set(runs.map((run) => run.scheduledId));
    const waiting = scheduled.filter(({ id }) => !begun.has(id));
    if (json) io.stdout.write(`${JSON.stringify({ scheduled: waiting, runs })}\n`);
    else if (waiting.length + runs.length === 0) io.stdout.write("There are no runs yet.\n");
    else {
      const rows = [
        ...runs.map((run) => [run.scheduledId ?? run.id, run.state, moment(run.createdAt), run.datasetId ?? "-", shortened(run.message ?? "")]),
        ...waiting.map((one) => [one.id, one.state === "OPEN" ? "WAITING" : one.state, moment(one.createdAt), one.datasetId, `priority ${one.priority}${one.runsOn.length > 0 ? `, on ${one.runsOn.join(", ")}` : ""}`]),
      ];
      io.stdout.write(table(io, [["SCHEDULED RUN", "STATE", "SINCE (UTC)", "DATASET", "MESSAGE"], ...rows]));
    }
  },
});

const scheduledRun = { name: "ID", summary: "id of the scheduled run, as `winnow runs ls` prints it" } as const;

const follow = command({
  name: "follow",
  summary: "print what a run does until it ends; the exit code is 0 only when it ends well",
  arguments: [scheduledRun],
  flags: shared,
  examples: ["winnow runs follow 64e1f0c2a9b3d4e5f6a7b8c9"],
  async run({ flags: { json, ...given }, arguments: [scheduledId] }, io) {
    const client = await platform(given, io, "");
    const at = await datasetOf(client, scheduledId!, io.stop);
    for await (const event of (await platform(given, io, at)).followComputeWorkerRun(scheduledId!, { signal: io.stop })) {
      if (json) io.stdout.write(`${JSON.stringify(event)}\n`);
      else if (event.type === "scheduled") io.stdout.write(event.state === "OPEN" ? "Waiting for a worker.\n" : "A worker has taken it.\n");
      else if (event.type === "state") io.stdout.write(`${event.state}${event.message ? `: ${event.message}` : ""}\n`);
      else if (event.type === "progress") io.stderr.write(`${event.progress.stage} ${event.progress.done}${event.progress.total === null ? "" : ` of ${event.progress.total}`}\n`);
      else if (event.type === "ended") {
        if (event.state === "CANCELED") io.stdout.write("It was cancelled.\n");
        return event.state === "COMPLETED" ? 0 : 1;
      }
    }
    return 1;
  },
});

const stop = command({
  name: "stop",
  summary: "cancel a run that waits, or abort one that has begun",
  arguments: [scheduledRun],
  flags: shared,
  examples: ["winnow runs stop 64e1f0c2a9b3d4e5f6a7b8c9"],
  async run({ flags: { json, ...given }, arguments: [scheduledId] }, io) {
    const finder = await platform(given, io, "");
    const client = await platform(given, io, await datasetOf(finder, scheduledId!, io.stop));
    const run = await begunRun(client, scheduledId!, io.stop);
    if (run === undefined) await client.cancelScheduledRun(scheduledId!, { signal: io.stop });
    else await client.abortRun(run.id, { signal: io.stop });
    io.stdout.write(json ? `${JSON.stringify({ stopped: scheduledId })}\n` : run === undefined ? "Cancelled.\n" : "Aborted; its worker stops within seconds.\n");
  },
});

async function begunRun(client: ApiWorkflowClient, scheduledId: string, signal: AbortSignal) {
  const { domains } = await import("@winnow/client");
  try {
    return await client.call(domains.workers.getDockerRunByScheduledId, { path: { scheduledId }, signal });
  } catch (error) {
    if ((error as { status?: number }).status === 404) return undefined;
    throw error;
  }
}

/** The dataset of a scheduled run, waiting or begun. */
async function datasetOf(client: ApiWorkflowClient, scheduledId: string, signal: AbortSignal): Promise<string> {
  const run = await begunRun(client, scheduledId, signal);
  if (run?.datasetId !== undefined) return run.datasetId;
  const { domains } = await import("@winnow/client");
  for (const state of [undefined, "CANCELED", "DONE"] as const) {
    const found = (await client.call(domains.workers.getDockerRunsScheduledByState, { query: state === undefined ? {} : { state }, signal })).find(({ id }) => id === scheduledId);
    if (found) return found.datasetId;
  }
  throw new Problem(`There is no scheduled run ${scheduledId} of yours. winnow runs ls lists them.`);
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > messageWidth ? `${line.slice(0, messageWidth - 1)}…` : line;
}

export const runs: Command = {
  name: "runs",
  group: "Work with a platform",
  summary: "list, follow and stop runs of compute workers",
  commands: [list, follow, stop],
};
