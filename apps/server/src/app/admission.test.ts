import { EventEmitter } from "node:events";
import { Agent, request as httpRequest, type ClientRequest } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { expect, test } from "vitest";
import type { Metrics } from "../observing/metrics.ts";
import { scene, until, type Scene } from "../testing/scenes.ts";
import { describeServer, type ServerUnderTest } from "../testing/server-under-test.ts";
import { Admission } from "./admission.ts";

/** A value of `/metrics`. */
async function metric(server: ServerUnderTest, name: string, lane: string): Promise<number> {
  const text = String((await server.send("GET", "/metrics", { token: null, headers: { authorization: `Bearer ${server.ownerToken}` } })).body);
  return Number(text.split("\n").find((line) => line.startsWith(`${name}{lane="${lane}"} `))?.split(" ").at(-1));
}

interface Slow {
  readonly request: ClientRequest;
  /** Status, and the header that says when to come again. */
  readonly answer: Promise<{ status: number; retryAfter: string | undefined }>;
  /** Sends the rest of the body. */
  finish(): void;
}

/** A request that has sent all but the last byte of its body. */
function slowly(server: ServerUnderTest, path: string, value: unknown, token: string | null = server.ownerToken): Slow {
  const body = Buffer.from(JSON.stringify(value));
  const { hostname, port } = new URL(server.url);
  const request = httpRequest({ hostname, port, method: "POST", path: `${path}${token === null ? "" : `?token=${token}`}`, agent: false, headers: { "content-type": "application/json", "content-length": body.length } });
  const answer = new Promise<{ status: number; retryAfter: string | undefined }>((resolve, reject) => {
    request.once("response", (reply) => {
      reply.resume();
      reply.once("end", () => resolve({ status: reply.statusCode!, retryAfter: reply.headers["retry-after"] }));
    });
    request.once("error", reject);
  });
  answer.catch(() => undefined);
  request.write(body.subarray(0, -1));
  return { request, answer, finish: () => void request.end(body.subarray(-1)) };
}

describeServer("A server with more to do than it can", (server) => {
  const places = 4;
  const waitingMax = places * 8;
  const admitted = () => metric(server, "winnow_requests_admitted", "operation");
  const waiting = () => metric(server, "winnow_requests_waiting", "operation");
  const sample = (made: Scene, fileName: string) => server.request("POST", `${made.path}/samples`, { body: { fileName }, agent: new Agent(), timeoutMs: 120_000 });

  test("lets the next ones wait, turns away what is too much before anything of it is done, and goes on in order", async () => {
    const made = await scene(server);
    const busy = Array.from({ length: places }, (_, i) => slowly(server, `${made.path}/samples`, { fileName: `busy ${i}.jpg` }));
    await until("all places are taken", async () => (await admitted()) === places);
    const patient = Array.from({ length: waitingMax }, (_, i) => sample(made, `patient ${i}.jpg`));
    await until("as many wait as may", async () => (await waiting()) === waitingMax);
    const before = await metric(server, "winnow_requests_turned_away_total", "operation");
    const refused = await sample(made, "too much.jpg");
    expect(refused).toMatchObject({ status: 429, body: { code: "TOO_MANY_REQUESTS", message: expect.stringMatching(/did nothing of this request.*again in [1-5] second/) } });
    expect(Number(refused.headers["retry-after"])).toBeGreaterThanOrEqual(1);
    expect(await metric(server, "winnow_requests_turned_away_total", "operation")).toBe(before + 1);
    // Whoever looks after the server, signs in, or has an address of a file isn't concerned.
    expect((await server.send("GET", "/healthz", { token: null })).status).toBe(200);
    expect((await server.send("GET", "/readyz", { token: null })).status).toBe(200);
    expect((await server.send("POST", "/v1/session", { token: null, body: { token: server.ownerToken } })).status).toBeLessThan(300);
    expect((await server.send("GET", "/v1/files/nothing", { token: null })).status).toBe(403);
    for (const one of busy) one.finish();
    expect((await Promise.all(busy.map(({ answer }) => answer))).map(({ status }) => status)).toEqual(busy.map(() => 201));
    expect((await Promise.all(patient)).map(({ status }) => status)).toEqual(patient.map(() => 201));
    const names = await server.call<string[]>("GET", `${made.path}/mappings`, { query: { field: "fileName" } });
    expect(names.toSorted()).toEqual([...busy.map((_, i) => `busy ${i}.jpg`), ...patient.map((_, i) => `patient ${i}.jpg`)].toSorted());
    await until("all is given back", async () => (await admitted()) === 0 && (await waiting()) === 0);
  });

  test("who goes away makes way, whether it waited or was being served", async () => {
    const made = await scene(server);
    const busy = Array.from({ length: places }, (_, i) => slowly(server, `${made.path}/samples`, { fileName: `${i}.jpg` }));
    await until("all places are taken", async () => (await admitted()) === places);
    const waiter = slowly(server, `${made.path}/samples`, { fileName: "waits.jpg" });
    await until("one waits", async () => (await waiting()) === 1);
    waiter.request.destroy();
    await until("none waits", async () => (await waiting()) === 0);
    for (const { request } of busy) request.destroy();
    await until("all is given back", async () => (await admitted()) === 0);
    expect((await sample(made, "after.jpg")).status).toBe(201);
    expect(await server.call("GET", `${made.path}/mappings`, { query: { field: "fileName" } })).toEqual(["after.jpg"]);
  });

  test("a large body takes more places than a small one, and none more than there are", async () => {
    const made = await scene(server);
    const samples = (megabytes: number) => ({ samples: [{ fileName: `${megabytes}.jpg`, customMetaData: { text: "x".repeat(megabytes * 1024 * 1024) } }] });
    for (const [megabytes, units] of [[2, 3], [20, places]] as const) {
      const large = slowly(server, `${made.path}/samples/bulk`, samples(megabytes));
      await until("it has its places", async () => (await admitted()) === units);
      large.request.destroy();
      await until("they are given back", async () => (await admitted()) === 0);
    }
  });

  test("a stream of events takes none, and files don't take those of other requests", async () => {
    const made = await scene(server, 1);
    const events = await Promise.all(Array.from({ length: places + 1 }, () => fetch(`${server.url}/v1/events?token=${server.ownerToken}`, { headers: { accept: "text/event-stream" } })));
    expect(events.map(({ status }) => status)).toEqual(events.map(() => 200));
    expect(await admitted()).toBe(0);
    const { full } = await server.call<{ full: string }>("GET", `${made.path}/samples/${made.sampleIds[0]}/writeurls`);
    const { hostname, port, pathname, search } = new URL(full);
    const uploads = Array.from({ length: places }, () => {
      const upload = httpRequest({ hostname, port, method: "PUT", path: pathname + search, agent: false, headers: { "content-length": 10 } });
      upload.on("error", () => undefined).write("12345");
      return upload;
    });
    await until("all places for files are taken", async () => (await metric(server, "winnow_requests_admitted", "file")) === places);
    expect((await server.request("GET", made.path)).status).toBe(200);
    for (const upload of uploads) upload.destroy();
    await until("all is given back", async () => (await metric(server, "winnow_requests_admitted", "file")) === 0);
    for (const { body } of events) await body!.cancel();
  });
}, { requestsMax: 4, requestWaitSeconds: 300 });

describeServer("A server whose requests wait for a second", (server) => {
  test("says after that when to come again, and waits for no body of anybody for ever", async () => {
    const made = await scene(server);
    const busy = slowly(server, `${made.path}/samples`, { fileName: "busy.jpg" });
    await until("the place is taken", async () => (await metric(server, "winnow_requests_admitted", "operation")) === 1);
    const reply = await server.request("GET", made.path);
    expect(reply).toMatchObject({ status: 429, headers: { "retry-after": expect.stringMatching(/^[1-5]$/) } });
    busy.finish();
    expect(await busy.answer).toMatchObject({ status: 201 });
    expect((await server.request("GET", made.path)).status).toBe(200);
    // Nobody can keep others from signing in by a body that doesn't end.
    const endless = slowly(server, "/v1/session", { token: server.ownerToken }, null);
    await expect(endless.answer).rejects.toThrow();
    await until("the place is given back", async () => (await metric(server, "winnow_requests_admitted", "public")) === 0);
  });
}, { requestsMax: 1, requestWaitSeconds: 1 }, ["sqlite"]);

describeServer("A server as it is set up by default", (server) => {
  const crowd = 1_000;

  test(`${crowd} requests at the same moment are all done`, { timeout: 300_000 }, async () => {
    const made = await scene(server, 0, { tagged: false });
    const agent = new Agent({ maxSockets: crowd });
    let turnedAway = 0;
    const persistently = async (i: number): Promise<number> => {
      for (;;) {
        const reply = await server.send("POST", `${made.path}/samples`, { body: { fileName: `${i}.jpg` }, agent, timeoutMs: 200_000 });
        if (reply.status !== 429) return reply.status;
        turnedAway++;
        await new Promise((resolve) => setTimeout(resolve, Number(reply.headers["retry-after"]) * 1000));
      }
    };
    const statuses = await Promise.all(Array.from({ length: crowd }, (_, i) => persistently(i)));
    agent.destroy();
    expect(statuses.filter((status) => status !== 201)).toEqual([]);
    const names = await server.call<string[]>("GET", `${made.path}/mappings`, { query: { field: "fileName" } });
    expect(new Set(names).size).toBe(crowd);
    expect(names).toHaveLength(crowd);
    expect(turnedAway).toBeLessThan(crowd * 5);
  });
});

test("work that nobody waits for any more keeps its place until it ends", async () => {
  const admission = new Admission({ requestsMax: 1, requestWaitSeconds: 60 }, { lanes: () => undefined } as unknown as Metrics);
  const call = () => ({ request: { headers: {} } as FastifyRequest, reply: { raw: new EventEmitter() } as unknown as FastifyReply });
  const [first, second] = [call(), call()];
  const hook = admission.hook("operation");
  let entered = 0;
  hook(first.request, first.reply, () => void entered++);
  let end: () => void = () => undefined;
  const work = admission.holding(async (_request, reply) => {
    await new Promise<void>((resolve) => (end = resolve));
    return reply;
  })(first.request, first.reply);
  hook(second.request, second.reply, () => void entered++);
  first.reply.raw.emit("close");
  expect(entered).toBe(1);
  end();
  await work;
  expect(entered).toBe(2);
});
