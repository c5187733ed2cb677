import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { operations } from "@winnow/contract";
import fc from "fast-check";
import { Type } from "typebox";
import { beforeAll, expect, test } from "vitest";
import { nearRequest, rawRequest, type HostileRequest, type RawRequest } from "../testing/hostile-requests.ts";
import { addEmbedding, onLine, scene, type Scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";
import { addWorker, begin, schedule } from "../testing/worker-scenes.ts";

/** How many requests are sent; `npm run fuzz -- --requests 100000` sends more than a test of every day. */
const requests = Number(process.env["WINNOW_HOSTILE_REQUESTS"] ?? 2_000);
const seed = Number(process.env["WINNOW_HOSTILE_SEED"] ?? 20_260_101);
const atOnce = 4;
const batch = 200;
/** A machine that does much else answers late; one that never answers is told from it by this. */
const silenceMs = 60_000;
/** What a server that has answered very many requests may hold more than one that has answered some. */
const growthBytesMax = 64 * 1024 * 1024;

/** Nothing answers there: whoever is sent to a cloud hears of it at once. */
const nowhere = "http://127.0.0.1:1";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

describeServer("A hostile client", (server) => {
  let made: Scene;
  let known: Record<string, string>;
  let addresses: string[];

  beforeAll(async () => {
    made = await scene(server, 8);
    const embedding = await addEmbedding(server, made, onLine(8));
    const score = await server.call<{ id: string }>("POST", `${made.path}/tags/${made.tagId}/scores`, { body: { scoreType: "a", scores: [1, 2, 3, 4, 5, 6, 7, 8] } });
    const worker = await addWorker(server);
    const scheduledId = await schedule(server, made);
    const runId = await begin(server, made, worker, scheduledId);
    const { artifactId, signedWriteUrl: artifact } = await server.call<{ artifactId: string; signedWriteUrl: string }>("POST", `/v1/docker/runs/${runId}/artifacts`, { body: { fileName: "a.txt", type: "LOG" } });
    const token = await server.call<{ id: string }>("POST", "/v1/users/me/tokens", { body: { name: "doomed" } });
    const webhook = await server.call<{ id: string }>("POST", "/v1/webhooks", { body: { url: `${nowhere}/hook`, events: ["tag.created"] } });
    const urls = await server.call<{ full: string; thumb: string }>("GET", `${made.path}/samples/${made.sampleIds[0]}/writeurls`);
    const other = await server.call<{ signedWriteUrl: string }>("GET", `${made.path}/embeddings/writeCSVUrl`, { query: { name: "another" } });
    known = { datasetId: made.id, tagId: made.tagId, embeddingId: embedding, scoreId: score.id, sampleId: made.sampleIds[0]!, workerId: worker.id, scheduledId, runId, artifactId, tokenId: token.id, webhookId: webhook.id, datasetName: "dataset", taskName: "task", ordinal: "1", columnName: "fileName" };
    addresses = [artifact, urls.full, urls.thumb, other.signedWriteUrl].map((url) => url.slice(server.url.length)).concat(made.path, `${made.path}/samples`, "/v1/datasets", "/v1/users/me", "/v1/session", "/v1/audit", "/", "/openapi.json", "/healthz", "/readyz");
  });

  /** Sends one that is near to an operation. @returns its status; throws when the answer isn't the contract's */
  async function sendNear({ operation, path, query, body }: HostileRequest): Promise<number> {
    // Only what this test made may be deleted, and it is needed.
    if (operation.id === "delete_dataset_by_id" && path.includes(made.id)) return 0;
    if (operation.id === "delete_embedding_by_id") return 0;
    if (path.includes("//") || path.endsWith("/")) return 0;
    const headers: Record<string, string> = operation.path.includes("/export/") ? { accept: "application/json" } : {};
    // With format=JSON it is a list instead of a text.
    const schema = operation.id === "export_tag_to_basic_filenames" ? Type.Unknown() : undefined;
    // Sama's list has a form of its own for other clients.
    if (operation.id === "export_tag_to_sama_tasks") headers["user-agent"] = "Swagger-Codegen/1.0.0/python";
    const { status, body: answer } = await server.request(operation.method, path, { schema, query, raw: operation.method === "GET" ? undefined : body, headers, timeoutMs: silenceMs });
    // What a dataset's cloud doesn't answer, the server can't either; and workers of other makers aren't authorised here.
    const isElsewhere = status === 503 && /DATASOURCE/.test((answer as { code: string }).code);
    if (status >= 500 && status !== 501 && !isElsewhere) throw new Error(`${operation.id} was answered with ${status}`);
    return status;
  }

  async function sendRaw({ method, path, headers, raw }: RawRequest): Promise<number> {
    if (method === "DELETE" && path.includes(made.id)) return 0;
    const token = headers["authorization"] === undefined && headers["cookie"] === undefined ? undefined : null;
    const { status } = await server.send(method, path, { raw: method === "GET" || method === "HEAD" ? undefined : raw, headers, token, timeoutMs: silenceMs });
    if (status >= 500 && status !== 501) throw new Error(`answered with ${status}`);
    return status;
  }

  test("a NUL in an address, which some databases refuse, is just something that isn't there", async () => {
    for (const { id, method, path } of operations) {
      for (const [place] of path.matchAll(/\{\w+\}/g)) {
        const address = path.replace(place, "%00").replace("{datasetId}", made.id).replace("{tagId}", made.tagId).replaceAll(/\{\w+\}/g, known["embeddingId"]!);
        const { status } = await server.send(method, address, { body: method === "GET" ? undefined : {} });
        expect(status, `${id} ${address}`).toBeLessThan(500);
      }
    }
    const { status } = await server.send("POST", "/v1/session", { token: null, body: { email: "a\0@example.org", password: "whatever" } });
    expect(status).toBeLessThan(500);
  });

  test(`${requests} requests that are not quite right (seed ${seed}): never a 5xx, never silence, no growth`, { timeout: 120_000 + requests * 60 }, async () => {
    const near = fc.constantFrom(...operations).chain((operation) => nearRequest(operation, known));
    const raw = rawRequest(addresses);
    const seen = new Map<number, number>();
    const reached = new Set<string>();
    let heapAtFirst = 0;
    for (let sent = 0; sent < requests; sent += batch) {
      const count = Math.min(batch, requests - sent);
      const some = { numRuns: Math.ceil(count * 0.8), seed: seed + sent };
      const work: { request: HostileRequest | RawRequest; send: () => Promise<number> }[] = [
        ...fc.sample(near, some).map((request) => ({ request, send: () => sendNear(request) })),
        ...fc.sample(raw, { ...some, numRuns: count - some.numRuns }).map((request) => ({ request, send: () => sendRaw(request) })),
      ];
      const lane = async () => {
        for (let next = work.pop(); next; next = work.pop()) {
          const { request, send } = next;
          const status = await send().catch((error: unknown) => {
            const shown = "operation" in request ? { ...request, operation: request.operation.id } : { ...request, raw: request.raw && Buffer.from(request.raw).toString("base64").slice(0, 600) };
            throw new Error(`seed ${seed + sent}: ${JSON.stringify(shown).slice(0, 2_000)}`, { cause: error });
          });
          seen.set(status, (seen.get(status) ?? 0) + 1);
          if ("operation" in request && status >= 200 && status < 400) reached.add(request.operation.id);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, lane));
      if (heapAtFirst === 0 && sent + count >= Math.min(requests / 4, 5_000)) {
        collectGarbage();
        heapAtFirst = process.memoryUsage().heapUsed;
      }
    }
    collectGarbage();
    const growth = process.memoryUsage().heapUsed - heapAtFirst;
    const statuses = [...seen].sort(([a], [b]) => a - b).map(([status, count]) => `${status === 0 ? "left out" : status}: ${count}`);
    console.log(`${requests} requests, seed ${seed}; ${statuses.join(", ")}; ${reached.size} of ${operations.length} operations succeeded at least once; heap ${growth < 0 ? "-" : "+"}${(Math.abs(growth) / 1024 / 1024).toFixed(1)} MiB`);
    expect(growth).toBeLessThan(growthBytesMax);
    // The requests are near enough for many to succeed.
    expect(reached.size).toBeGreaterThan(requests >= 2_000 ? operations.length / 3 : 0);
    expect((await server.request("GET", made.path)).status).toBe(200);
  });
}, { logLevel: "error", s3Endpoint: nowhere, stsEndpoint: nowhere, gcsEndpoint: nowhere, azureEndpoint: nowhere });
