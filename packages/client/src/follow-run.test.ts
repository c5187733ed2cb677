import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DATASET, RecordingServer, TOKEN, id } from "../test/recording-server.ts";
import { ApiWorkflowClient, type RunEvent } from "./index.ts";

const SCHEDULED = id(0x501);
const RUN = id(0x601);

let server: RecordingServer;
let client: ApiWorkflowClient;
beforeAll(async () => {
  server = await new RecordingServer().start();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.intercept = undefined;
  client = new ApiWorkflowClient({ token: TOKEN, serverUrl: server.url, datasetId: DATASET, retry: { attempts: 1 } });
});

type Answer = number | object;

/** What is answered about a run, one after another; the last stays. */
function answers(script: { run: Answer[]; scheduled?: Answer[]; canceled?: Answer[]; progress?: Answer[] }): void {
  const turns = new Map<string, number>();
  server.intercept = (request, response) => {
    const url = request.url!;
    const what = url.includes("/docker/runs/schedule/") ? "run" : url.includes("/progress") ? "progress" : url.includes("state=CANCELED") ? "canceled" : url.includes("/docker/worker/schedule") ? "scheduled" : undefined;
    if (what === undefined) return false;
    const list = script[what] ?? (what === "progress" ? [404] : [[]]);
    const turn = turns.get(what) ?? 0;
    turns.set(what, turn + 1);
    const answer = list[Math.min(turn, list.length - 1)]!;
    if (typeof answer === "number") response.writeHead(answer, { "content-type": "application/json" }).end(JSON.stringify({ code: "X", message: "no" }));
    else response.end(JSON.stringify(answer));
    return true;
  };
}

async function followed(): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of client.followComputeWorkerRun(SCHEDULED, { pollSeconds: 0.001 })) events.push(event);
  return events;
}

const run = (state: string, ...messages: [state: string, log: string][]) => ({ id: RUN, dockerVersion: "1", state, createdAt: 1, lastModifiedAt: 9, message: messages.at(-1)?.[1], messages: messages.map(([one, log], at) => ({ ts: at, state: one, log })) });
const waiting = (state: string) => [{ id: SCHEDULED, datasetId: DATASET, configId: id(1), priority: "MID", state, createdAt: 1, lastModifiedAt: 1, runsOn: [] }];
const said = (events: RunEvent[]) => events.map((event) => (event.type === "state" ? event.message : event.type === "progress" ? event.progress.done : event.type === "ended" ? `ended ${event.state}` : event.state));

describe("following a run", () => {
  it("tells each thing once, however often it is seen", async () => {
    const [a, b]: [string, string][] = [["STARTED", "one"], ["EMBEDDING", "two"]];
    const progress = (done: number) => ({ progress: { stage: "embedding", done, total: 5 }, updatedAt: 1 });
    answers({ run: [404, 404, 404, run("STARTED", a!), run("STARTED", a!), run("EMBEDDING", a!, b!), run("EMBEDDING", a!, b!), run("COMPLETED", a!, b!, ["COMPLETED", "three"])], scheduled: [waiting("OPEN"), waiting("OPEN"), waiting("LOCKED")], progress: [progress(1), progress(1), progress(3), progress(3)] });
    expect(said(await followed())).toEqual(["OPEN", "LOCKED", "one", 1, "two", 3, "three", "ended COMPLETED"]);
  });

  it("goes on while the server is away, busy or broken", async () => {
    answers({ run: [503, 500, run("STARTED", ["STARTED", "one"]), 502, 502, 429, run("FAILED", ["STARTED", "one"], ["FAILED", "broken"])] });
    expect(said(await followed())).toEqual(["LOCKED", "one", "broken", "ended FAILED"]);
  });

  it("gives up on a server that stays away, and at once on one that says no", async () => {
    answers({ run: [503] });
    await expect(followed()).rejects.toMatchObject({ status: 503 });
    answers({ run: [403] });
    await expect(followed()).rejects.toMatchObject({ status: 403 });
    answers({ run: [404], scheduled: [401] });
    await expect(followed()).rejects.toMatchObject({ status: 401 });
  });

  it("works with servers that tell no progress", async () => {
    answers({ run: [run("STARTED", ["STARTED", "one"]), run("ABORTED", ["STARTED", "one"], ["ABORTED", "enough"])], progress: [501] });
    expect(said(await followed())).toEqual(["LOCKED", "one", "enough", "ended ABORTED"]);
  });

  it("isn't misled by a run that begins between two looks", async () => {
    answers({ run: [404, run("STARTED", ["STARTED", "one"]), run("COMPLETED", ["STARTED", "one"], ["COMPLETED", "two"])], scheduled: [[]] });
    expect(said(await followed())).toEqual(["LOCKED", "one", "two", "ended COMPLETED"]);
  });

  it("ends with one that was cancelled, and refuses one that never was", async () => {
    answers({ run: [404], scheduled: [[]], canceled: [waiting("CANCELED")] });
    expect(said(await followed())).toEqual(["ended CANCELED"]);
    answers({ run: [404] });
    await expect(followed()).rejects.toThrow(`no scheduled run ${SCHEDULED}`);
  });
});
