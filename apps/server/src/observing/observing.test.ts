import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import Fastify from "fastify";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createToken } from "../accounts/service.ts";
import { addEmbedding, freshName, onLine, scene, until, waitForJob } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";
import { openLogger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";
import { observeRequests, requestIdOf } from "./requests.ts";
import { startTracing, traced } from "./tracing.ts";

const root = new URL("../../../../", import.meta.url);

describeServer("What operators see", (server) => {
  const metrics = (token: string | null) => server.send("GET", "/metrics", { token: null, headers: token === null ? {} : { authorization: `Bearer ${token}` } });
  const text = async () => String((await metrics(server.ownerToken)).body);
  const valueOf = (all: string, series: string) => Number(all.split("\n").find((line) => line.startsWith(`${series} `))?.slice(series.length + 1));

  test("every answer names its request, by the caller's name for it where that is one", async () => {
    const own = await fetch(`${server.url}/healthz`);
    expect(own.headers.get("x-request-id")).toMatch(/^[0-9a-f]{24}$/);
    const given = await fetch(`${server.url}/v1/nothing`, { headers: { "x-request-id": "proxy-1/abc:7" } });
    expect([given.status, given.headers.get("x-request-id")]).toEqual([404, "proxy-1/abc:7"]);
    const odd = await fetch(`${server.url}/healthz`, { headers: { "x-request-id": "a b\"<script>" } });
    expect(odd.headers.get("x-request-id")).toMatch(/^[0-9a-f]{24}$/);
  });

  test("metrics count requests, tasks, jobs and what the store of files does", async () => {
    const before = await text();
    const made = await scene(server, 3);
    const embedding = await addEmbedding(server, made, onLine(3));
    const { jobId } = await server.call<{ jobId: string }>("POST", `${made.path}/embeddings/${embedding}/sampling`, { body: { newTagName: freshName("tag"), method: "CORESET", config: { stoppingCondition: { nSamples: 2 } } } });
    await waitForJob(server, jobId);
    const count = 'winnow_task_duration_seconds_count{task="SAMPLING",outcome="ok"}';
    await until("the job is counted", async () => valueOf(await text(), count) === (valueOf(before, count) || 0) + 1);
    const after = await text();
    const requests = 'winnow_http_request_duration_seconds_count{operation="trigger_sampling_by_id",method="POST",status="200"}';
    expect(after).toContain('winnow_http_request_duration_seconds_count{operation="trigger_sampling_by_id",method="POST"');
    expect(valueOf(after, requests) || 1).toBeGreaterThan(0);
    expect(valueOf(after, 'winnow_storage_duration_seconds_count{operation="write",outcome="ok"}')).toBeGreaterThan(0);
    for (const name of ["winnow_queue_age_seconds", "winnow_datasets", "winnow_disk_free_bytes", "winnow_errors_total", "nodejs_heap_size_used_bytes"]) expect(valueOf(after, name), name).toBeGreaterThanOrEqual(0);
    expect(after).not.toContain(made.id);
  });

  test("metrics are the owner's", async () => {
    expect((await metrics(null)).status).toBe(401);
    expect((await metrics("wrong-token")).status).toBe(401);
    const other = await server.addUser();
    expect((await metrics(other.token)).status).toBe(403);
    const db = await server.openDatabase();
    const { email } = (await server.call<{ email: string }>("GET", "/v1/users/me"));
    const bound = await createToken(db, email, "bound", { readOnly: true, datasetIds: ["0".repeat(24)] });
    const reading = await createToken(db, email, "reading", { readOnly: true });
    await db.destroy();
    expect((await metrics(bound.token)).status).toBe(403);
    expect((await metrics(reading.token)).status).toBe(200);
  });

  test("the documentation lists every metric, and the dashboard shows none that there isn't", async () => {
    const own = [...(await text()).matchAll(/^# TYPE (winnow_\w+)/gm)].map((match) => match[1]!);
    expect(own.length).toBeGreaterThan(8);
    const listed = await readFile(new URL("docs/metrics.md", root), "utf8");
    expect(own.filter((name) => !listed.includes(`\`${name}\``))).toEqual([]);
    const dashboard = await readFile(new URL("docs/grafana-dashboard.json", root), "utf8");
    const shown = [...JSON.stringify(JSON.parse(dashboard)).matchAll(/winnow_\w+/g)].map(([name]) => name.replace(/_(bucket|count|sum)$/, ""));
    expect(shown.filter((name) => !own.includes(name))).toEqual([]);
    expect(shown.length).toBeGreaterThan(8);
  });

  test("a server that can do its work says so", async () => {
    expect(await server.send("GET", "/readyz", { token: null })).toMatchObject({ status: 200, body: { status: "ready" } });
  });
});

describeServer("Open metrics", (server) => {
  test("are anybody's", async () => expect((await server.send("GET", "/metrics", { token: null })).status).toBe(200));
}, { openMetrics: true }, ["sqlite"]);

describe("The log", () => {
  const lines: string[] = [];
  const target = { write: (line: string) => lines.push(line) };
  afterEach(() => void (lines.length = 0));

  test("is one JSON object a line, without what opens something", () => {
    const logger = openLogger({ logLevel: "info", logFormat: "json" }, target);
    const error = Object.assign(new Error("postgres://u:hunter2@db refused"), { code: "ECONNREFUSED", password: "hunter2" });
    logger.error({ err: error, requestId: "r1" }, "GET http://x/?token=hunter2 failed");
    logger.debug("not at this level");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: "error", msg: "GET http://x/?token=… failed", requestId: "r1", err: { type: "Error", code: "ECONNREFUSED", message: "postgres://…@db refused" }, time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) });
    expect(lines[0]).not.toContain("hunter2");
  });

  test("for people is a line, and the stack below it", () => {
    openLogger({ logLevel: "warn", logFormat: "text" }, target).warn({ err: new TypeError("no such thing"), jobId: "j1" }, "a job failed");
    expect(lines.join("")).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d WARN  a job failed jobId=j1\nTypeError: no such thing\n {4}at /);
  });

  test("has a line for each request, without its query and its headers", async () => {
    const seen: unknown[][] = [];
    const app = Fastify({ genReqId: ({ headers }) => requestIdOf(headers["x-request-id"], () => "made") });
    observeRequests(app, openLogger({ logLevel: "info", logFormat: "json" }, target), { request: (...facts: unknown[]) => void seen.push(facts) } as unknown as Metrics);
    app.get("/v1/things/:id", { config: { operation: "get_thing" } as object }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return "x";
    });
    await app.listen({ port: 0, host: "127.0.0.1" });
    const { port } = app.server.address() as AddressInfo;
    await fetch(`http://127.0.0.1:${port}/v1/things/7?token=hunter2`, { headers: { authorization: "Bearer hunter2", "x-request-id": "r-9" } });
    await until("the line", async () => lines.length === 1);
    await app.close();
    expect(JSON.parse(lines[0]!)).toMatchObject({ msg: "request", requestId: "r-9", method: "GET", path: "/v1/things/7", operation: "get_thing", status: 200, ms: expect.toSatisfy((ms: number) => ms > 20) });
    expect(lines[0]).not.toContain("hunter2");
    expect(seen).toEqual([["get_thing", "GET", 200, expect.toSatisfy((seconds: number) => seconds > 0.02 && seconds < 20)]]);
  });
});

test("an upload whose place fell away in the middle is logged as any other request, and the server goes on", async () => {
  const lines: string[] = [];
  const app = Fastify({ forceCloseConnections: true });
  observeRequests(app, openLogger({ logLevel: "warn", logFormat: "json" }, { write: (line) => lines.push(line) }), { request: () => {} } as unknown as Metrics);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
  app.put("/file", { bodyLimit: 1e9 }, async (request, reply) => {
    const full = new Writable({ write: (_chunk, _encoding, done) => done(new Error("no space left on device")) });
    await expect(pipeline(request.raw, full)).rejects.toThrow("no space");
    return reply.code(507).send({ message: "full" });
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  await fetch(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/file`, { method: "PUT", body: "x".repeat(5_000_000) }).catch(() => undefined);
  await until("the line", async () => lines.length === 1);
  await app.close();
  expect(JSON.parse(lines[0]!)).toMatchObject({ method: "PUT", path: "/file", remoteAddress: "127.0.0.1" });
});

test("traces go to the collector that the environment names, and go on where the caller's began", async () => {
  interface Posted { resourceSpans: { resource: { attributes: { key: string; value: { stringValue: string } }[] }; scopeSpans: { spans: { name: string; traceId: string; spanId: string; parentSpanId?: string }[] }[] }[] }
  const posted: Posted[] = [];
  const collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
      if (request.url === "/v1/traces") posted.push(JSON.parse(Buffer.concat(chunks).toString()) as Posted);
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", `http://127.0.0.1:${(collector.address() as AddressInfo).port}`);
  vi.stubEnv("OTEL_SERVICE_NAME", "winnow-of-the-test");
  try {
    const end = await startTracing();
    expect(end).toBeTypeOf("function");
    const app = Fastify();
    observeRequests(app, openLogger({ logLevel: "silent", logFormat: "json" }, { write: () => {} }), { request: () => {} } as unknown as Metrics);
    app.get("/work", async () => traced("task inside", {}, async () => "done"));
    await app.listen({ port: 0, host: "127.0.0.1" });
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    await (await fetch(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/work`, { headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } })).text();
    await app.close();
    await end!();
    const spans = posted.flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((one) => one.spans)));
    const request = spans.find(({ name }) => name === "GET /work")!;
    expect(request).toMatchObject({ traceId, parentSpanId: "b7ad6b7169203331" });
    expect(spans.find(({ name }) => name === "task inside")).toMatchObject({ traceId, parentSpanId: request.spanId });
    expect(posted[0]!.resourceSpans[0]!.resource.attributes).toContainEqual({ key: "service.name", value: { stringValue: "winnow-of-the-test" } });
  } finally {
    vi.unstubAllEnvs();
    collector.close();
  }
});

test("without a collector nothing is sent and nothing loaded", async () => expect(await startTracing({})).toBeUndefined());
