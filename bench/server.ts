/**
 * The server against a bare route of the same framework that inserts one row, and what it does with a million samples.
 *
 *     npm run bench -- server [--samples 1000000] [--seconds 5] [--clients 16]
 */
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { DatabaseSync } from "@photostructure/sqlite";
import { BitMask } from "@winnow/curation";
import { startServer } from "@winnow/server";
import { fastify } from "fastify";

const { values: flags } = parseArgs({ options: { samples: { type: "string", default: "1000000" }, seconds: { type: "string", default: "5" }, clients: { type: "string", default: "16" }, serve: { type: "string" } } });
const token = "token-of-the-benchmark";

interface Address {
  readonly port: number;
}

/** The peer: one route, one table, one row a request, on the disk before it answers; nothing else. */
async function serveBareRoute(folder: string): Promise<number> {
  const database = new DatabaseSync(join(folder, "bare.db"));
  database.exec("pragma journal_mode = wal; pragma synchronous = full; create table samples (id integer primary key, file_name text not null)");
  const insert = database.prepare("insert into samples (file_name) values (?)");
  const app = fastify();
  app.post("/samples", { schema: { body: { type: "object", required: ["fileName"], properties: { fileName: { type: "string" } } } } }, async (request, reply) => {
    insert.run((request.body as { fileName: string }).fileName);
    return reply.code(201).send({ id: "0123456789abcdef01234567" });
  });
  app.addHook("onClose", async () => database.close());
  await app.listen({ port: 0, host: "127.0.0.1" });
  return (app.server.address() as Address).port;
}

async function start(kind: string): Promise<{ port: number; memory: () => Promise<{ rss: number; peak: number }>; stop: () => void }> {
  const child = fork(fileURLToPath(import.meta.url), ["--serve", kind], { execArgv: ["--expose-gc"], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const next = () => new Promise<never>((resolve) => child.once("message", resolve as (value: unknown) => void));
  const { port } = await (next() as Promise<{ port: number }>);
  return {
    port,
    memory: async () => {
      const answer = next() as Promise<{ rss: number; peak: number }>;
      child.send("memory");
      return answer;
    },
    stop: () => child.disconnect(),
  };
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

/** One request; the answer's bytes, or only their number. */
function request(port: number, method: string, path: string, body?: unknown, onData?: (chunk: Buffer) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const outgoing = http.request({ port, host: "127.0.0.1", method, path: `${path}${path.includes("?") ? "&" : "?"}token=${token}`, agent, headers: text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", onData ?? ((chunk: Buffer) => chunks.push(chunk)));
      answer.on("end", () => {
        if ((answer.statusCode ?? 500) >= 400) reject(new Error(`${method} ${path}: ${answer.statusCode} ${Buffer.concat(chunks).toString()}`));
        else resolve(Buffer.concat(chunks).toString());
      });
    });
    outgoing.on("error", reject);
    outgoing.end(text);
  });
}

/** Requests per second of several clients that each send one after the other. */
async function rate(port: number, path: string, seconds: number, clients: number): Promise<number> {
  let count = 0;
  const began = performance.now();
  const ends = began + seconds * 1000;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let i = 0; performance.now() < ends; i++) {
        await request(port, "POST", path, { fileName: `folder/${began}-${client}-${i}.jpg` });
        count++;
      }
    }),
  );
  return (count * 1000) / (performance.now() - began);
}

async function timed<T>(work: () => Promise<T>): Promise<[ms: number, result: T]> {
  const began = performance.now();
  const result = await work();
  return [performance.now() - began, result];
}

function row(name: string, figure: string): void {
  console.log(`| ${name.padEnd(58)} | ${figure.padStart(24)} |`);
}

async function median(repeats: number, work: (i: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < repeats; i++) times.push((await timed(() => work(i)))[0]);
  return times.sort((a, b) => a - b)[Math.floor(repeats / 2)]!;
}

async function main(): Promise<void> {
  const samples = Number(flags.samples);
  const seconds = Number(flags.seconds);
  const clients = Number(flags.clients);
  const bare = await start("bare");
  const winnow = await start("winnow");
  const { id } = JSON.parse(await request(winnow.port, "POST", "/v1/datasets", { name: "rates" })) as { id: string };
  const ours = `/v1/datasets/${id}/samples`;
  await rate(bare.port, "/samples", 1, clients);
  await rate(winnow.port, ours, 1, clients);
  const rates: [number, number][] = [];
  for (let round = 0; round < 3; round++) rates.push([await rate(bare.port, "/samples", seconds, clients), await rate(winnow.port, ours, seconds, clients)]);
  const middle = (i: 0 | 1) => rates.map((pair) => pair[i]).sort((a, b) => a - b)[1]!;
  bare.stop();

  console.log(`\n| ${"what".padEnd(58)} | ${"figure".padStart(24)} |\n|${"-".repeat(60)}|${"-".repeat(25)}:|`);
  row(`bare route, one row a request, ${clients} clients`, `${middle(0).toFixed(0)} requests/s`);
  row(`sample registration, ${clients} clients`, `${middle(1).toFixed(0)} requests/s`);
  row("ratio", `${((100 * middle(1)) / middle(0)).toFixed(0)} %`);

  const { id: big } = JSON.parse(await request(winnow.port, "POST", "/v1/datasets", { name: "a million" })) as { id: string };
  const base = `/v1/datasets/${big}`;
  const [bulkMs] = await timed(async () => {
    for (let from = 0; from < samples; from += 10_000) {
      const page = Array.from({ length: Math.min(10_000, samples - from) }, (_, i) => ({ fileName: `camera-${(from + i) % 97}/frame-${String(from + i).padStart(9, "0")}.jpg` }));
      await request(winnow.port, "POST", `${base}/samples/bulk`, { samples: page });
    }
  });
  row(`bulk registration of ${samples.toLocaleString("en")} samples`, `${((samples * 1000) / bulkMs).toFixed(0)} samples/s`);
  const { rss: before } = await winnow.memory();
  for (const field of ["fileName", "_id"]) {
    let bytes = 0;
    const [ms] = await timed(() => request(winnow.port, "GET", `${base}/mappings?field=${field}`, undefined, (chunk) => (bytes += chunk.length)));
    row(`mappings by ${field}`, `${(ms / 1000).toFixed(2)} s, ${(bytes / 1e6 / (ms / 1000)).toFixed(0)} MB/s`);
  }
  const { peak } = await winnow.memory();
  row("memory above that before, at its peak", `${Math.max(0, (peak - before) / 1024 ** 2).toFixed(0)} MiB`);

  const [initialMs, initialText] = await timed(() => request(winnow.port, "POST", `${base}/tags/initial`, { imgType: "meta" }));
  row("initial tag", `${initialMs.toFixed(1)} ms`);
  const initial = (JSON.parse(initialText) as { id: string }).id;
  const masks = Array.from({ length: 7 }, (_, k) => {
    const mask = BitMask.empty(samples);
    for (let i = k; i < samples; i += k + 2) mask.add(i);
    return mask.toHex();
  });
  const tagIds: string[] = [];
  const made = await median(7, async (i) => {
    tagIds.push((JSON.parse(await request(winnow.port, "POST", `${base}/tags`, { name: `every ${i + 2}`, prevTagId: initial, bitMaskData: masks[i], totSize: samples })) as { id: string }).id);
  });
  row("make a tag (request with its mask in hex)", `${made.toFixed(1)} ms`);
  for (const operation of ["UNION", "INTERSECTION", "DIFFERENCE"]) {
    const ms = await median(7, () => request(winnow.port, "POST", `${base}/tags/arithmetics/bitmask`, { tagId1: tagIds[0], tagId2: tagIds[1], operation }));
    row(`${operation.toLowerCase()} of two tags (answer in hex)`, `${ms.toFixed(1)} ms`);
  }
  row("read a tag", `${(await median(7, () => request(winnow.port, "GET", `${base}/tags/${tagIds[0]}`))).toFixed(1)} ms`);
  row("delete a tag", `${(await median(7, (i) => request(winnow.port, "DELETE", `${base}/tags/${tagIds[i]}`))).toFixed(1)} ms`);
  const parse = await median(21, async () => BitMask.fromHex(masks[0]!, samples));
  row(`parse a mask of ${samples.toLocaleString("en")} bits`, `${parse.toFixed(2)} ms`);
  winnow.stop();
  agent.destroy();
}

if (flags.serve) {
  const folder = mkdtempSync(join(tmpdir(), "winnow-bench-"));
  const port = flags.serve === "bare" ? await serveBareRoute(folder) : Number(new URL((await startServer({ dataFolder: folder, port: 0, ownerToken: token })).url).port);
  process.send?.({ port });
  process.on("message", (message) => {
    if (message === "memory") {
      (globalThis as { gc?: () => void }).gc?.();
      process.send?.({ rss: process.memoryUsage().rss, peak: process.resourceUsage().maxRSS * 1024 });
    }
  });
  process.once("disconnect", () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  });
} else await main();
