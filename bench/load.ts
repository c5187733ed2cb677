/**
 * Many clients that do all sorts of things at once, on a server that is a process of its own: what each operation takes,
 * whether anything fails, and whether the server's memory stays flat. Ends with 0 only if nothing failed and it did.
 *
 *     npm run bench -- load [--clients 64] [--minutes 3] [--url http://…  (a server that runs already; WINNOW_TOKEN)]
 *
 * With DATABASE_URL and BLOB_STORE in the environment the server works on those.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { encodeJpeg } from "@winnow/media";

const { values: flags } = parseArgs({ options: { clients: { type: "string", default: "64" }, minutes: { type: "string", default: "3" }, url: { type: "string" } } });
const clients = positive("clients", flags.clients);
const minutes = positive("minutes", flags.minutes);
const token = flags.url === undefined ? "token-of-the-load-test" : (process.env["WINNOW_TOKEN"] ?? "");

/** Samples with vectors, on which selections and maps are made. */
const still = { samples: 2_000, width: 32, embeddings: 2 } as const;
/** Datasets that grow. */
const growing = 4;
/** Tags of a client that are there at a time. */
const tagsMax = 8;
/** Each client makes a pause of up to so long between what it does. */
const pauseMsMax = 20;
const retriesMax = 20;
/** What the server may hold more in the last third than in the second one. */
const growthMax = 1.1;
const growthBytesMax = 32 * 1024 ** 2;

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  console.error(`--${name} must be a number above 0, not ${JSON.stringify(text)}.`);
  process.exit(2);
}

class Measures {
  readonly times = new Map<string, number[]>();
  readonly errors: string[] = [];
  errorCount = 0;
  turnedAway = 0;

  took(name: string, ms: number): void {
    const times = this.times.get(name);
    if (times) times.push(ms);
    else this.times.set(name, [ms]);
  }

  failed(name: string, error: unknown): void {
    this.errorCount++;
    if (this.errors.length < 10) this.errors.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

interface Answer {
  readonly id: string;
  readonly ids: readonly string[];
  readonly name: string;
  readonly nSamples: number;
  readonly status: string;
  readonly error?: string;
  readonly jobId: string;
  readonly result: { readonly data: string };
  readonly full: string;
  readonly thumb: string;
  readonly signedWriteUrl: string;
  readonly embeddingId: string;
}

/** One client: one connection, one thing after the other. */
class Client {
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

  constructor(
    readonly base: URL,
    readonly measures: Measures,
  ) {}

  close(): void {
    this.#agent.destroy();
  }

  /** A request and its answer; one that is turned away waits as it is told, and is sent again. @throws Error for any other refusal */
  async send(name: string, method: string, path: string, body?: unknown): Promise<Buffer> {
    const began = performance.now();
    for (let tries = 1; ; tries++) {
      const { status, retryAfter, bytes } = await this.#once(method, path, body);
      if (status === 429 && retryAfter !== undefined && tries < retriesMax) {
        this.measures.turnedAway++;
        await sleep(Number(retryAfter) * 1000);
        continue;
      }
      if (status >= 400) throw new Error(`${method} ${path.split("?")[0]} gave ${status}: ${bytes.toString("utf8").slice(0, 300)}`);
      this.measures.took(name, performance.now() - began);
      return bytes;
    }
  }

  async call<Body = Answer>(name: string, method: string, path: string, body?: unknown): Promise<Body> {
    const bytes = await this.send(name, method, `${path}${path.includes("?") ? "&" : "?"}token=${token}`, body);
    return (bytes.length === 0 ? undefined : JSON.parse(bytes.toString("utf8"))) as Body;
  }

  /** A signed address. */
  file(name: string, address: string, content?: Uint8Array): Promise<Buffer> {
    const { pathname, search } = new URL(address);
    return this.send(name, content === undefined ? "GET" : "PUT", pathname + search, content);
  }

  #once(method: string, path: string, body: unknown): Promise<{ status: number; retryAfter: string | undefined; bytes: Buffer }> {
    const content = body === undefined ? undefined : body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const outgoing = http.request({ hostname: this.base.hostname, port: this.base.port, method, path, agent: this.#agent, headers: content === undefined ? {} : { "content-length": content.byteLength } }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => resolve({ status: answer.statusCode ?? 500, retryAfter: answer.headers["retry-after"], bytes: Buffer.concat(chunks) }));
      });
      outgoing.on("error", (error) => reject(new Error(`${method} ${path.split("?")[0]}: ${error.message}`)));
      outgoing.setTimeout(180_000, () => outgoing.destroy(new Error("no answer within 3 minutes")));
      outgoing.end(content);
    });
  }
}

interface Scene {
  /** Paths of datasets that grow, with their initial tags. */
  readonly growing: readonly { readonly path: string; readonly tagId: string }[];
  readonly still: { readonly path: string; readonly tagId: string; readonly embeddingIds: readonly string[] };
  readonly picture: Uint8Array;
}

async function makeScene(client: Client): Promise<Scene> {
  const run = `${Date.now()} ${process.pid}`;
  const made = async (name: string, samples: number) => {
    const path = `/v1/datasets/${(await client.call("setup", "POST", "/v1/datasets", { name: `${name} ${run}` })).id}`;
    await client.call("setup", "POST", `${path}/samples/bulk`, { samples: Array.from({ length: samples }, (_, i) => ({ fileName: `${i}.jpg`, customMetaData: { weather: ["sun", "rain", "snow"][i % 3], speed: i % 90 } })) });
    return { path, tagId: (await client.call("setup", "POST", `${path}/tags/initial`, { imgType: "thumbnail" })).id };
  };
  const quiet = await made("load still", still.samples);
  const embeddingIds: string[] = [];
  for (let i = 0; i < still.embeddings; i++) embeddingIds.push(await uploadEmbedding(client, quiet.path, `kept ${i}`, "setup", "setup"));
  const pixels = new Uint8Array(128 * 128 * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (Math.imul(i, 2_654_435_761) >>> 24) ^ (i >>> 7);
  return { growing: await Promise.all(Array.from({ length: growing }, (_, i) => made(`load growing ${i}`, 100))), still: { ...quiet, embeddingIds }, picture: await encodeJpeg({ data: pixels, width: 128, height: 128 }, 85) };
}

async function uploadEmbedding(client: Client, path: string, name: string, announced: string, sent: string): Promise<string> {
  const header = `filenames,${Array.from({ length: still.width }, (_, i) => `embedding_${i}`).join(",")},labels`;
  const rows = Array.from({ length: still.samples }, (_, i) => `${i}.jpg,${Array.from({ length: still.width }, () => Math.random().toFixed(4)).join(",")},0`);
  const { signedWriteUrl, embeddingId } = await client.call(announced, "GET", `${path}/embeddings/writeCSVUrl?name=${encodeURIComponent(name)}`);
  await client.file(sent, signedWriteUrl, Buffer.from([header, ...rows].join("\n")));
  return embeddingId;
}

/** What a client does, and how often in comparison. */
function deedsOf(client: Client, who: number, scene: Scene): [weight: number, name: string, deed: (turn: number) => Promise<unknown>][] {
  const { path, tagId } = scene.growing[who % growing]!;
  const quiet = scene.still;
  const samples: string[] = [];
  const tags: string[] = [];
  const any = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;
  const mask = (size: number) => `0x${Array.from({ length: Math.ceil(size / 4) }, () => Math.floor(Math.random() * 16).toString(16)).join("").slice(0, Math.max(1, Math.floor(size / 4)))}`;
  return [
    [10, "upload a sample", async (turn) => {
      const { id } = await client.call("register a sample", "POST", `${path}/samples`, { fileName: `client ${who}/${turn}.jpg`, thumbName: `${turn}.jpg`, metaData: { sizeInBytes: scene.picture.length }, customMetaData: { client: who } });
      const address = await client.call<string>("address to write to", "GET", `${path}/samples/${id}/writeurl?isThumbnail=true`);
      await client.file("upload a thumbnail", address, scene.picture);
      samples.push(id);
      if (samples.length > 500) samples.splice(0, 250);
    }],
    [2, "register 50 samples", (turn) => client.call("register 50 samples", "POST", `${path}/samples/bulk`, { samples: Array.from({ length: 50 }, (_, i) => ({ fileName: `client ${who}/bulk ${turn}/${i}.jpg` })) })],
    [6, "look at a thumbnail", async () => {
      if (samples.length === 0) return;
      const address = await client.call<string>("address to read", "GET", `${path}/samples/${any(samples)}/readurl?type=thumbnail`);
      await client.file("read a thumbnail", address);
    }],
    [3, "update a sample", async () => samples.length > 0 && client.call("update a sample", "PUT", `${path}/samples/${any(samples)}`, { customMetaData: { client: who, seen: Date.now() } })],
    [4, "make a tag", async (turn) => {
      const { nSamples } = await client.call("read a dataset", "GET", path);
      tags.push((await client.call("make a tag", "POST", `${path}/tags`, { name: `client ${who} tag ${turn}`, prevTagId: tagId, bitMaskData: mask(nSamples), totSize: nSamples })).id);
      if (tags.length > tagsMax) await client.call("delete a tag", "DELETE", `${path}/tags/${tags.shift()}`);
    }],
    [3, "rename a tag", async (turn) => tags.length > 0 && client.call("rename a tag", "PUT", `${path}/tags/${any(tags)}`, { name: `client ${who} renamed ${turn}` })],
    [3, "combine tags", async () => tags.length > 1 && client.call("combine tags", "POST", `${path}/tags/arithmetics/bitmask`, { tagId1: tags[0], tagId2: tags.at(-1), operation: any(["UNION", "INTERSECTION", "DIFFERENCE"]) })],
    [4, "list samples", async () => client.call("list 200 samples", "GET", `${path}/samples?pageSize=200&pageOffset=${Math.floor(Math.random() * 100)}`)],
    [2, "list tags", () => client.call("list tags", "GET", `${quiet.path}/tags`)],
    [2, "list datasets", () => client.call("list datasets", "GET", "/v1/datasets")],
    [2, "list names", () => client.call("names of 2,000 samples", "GET", `${quiet.path}/mappings?field=fileName`)],
    [3, "view", async () => {
      const { version } = await client.call<{ version: string }>("columns that there are", "GET", `${quiet.path}/columns`);
      await client.send("values of a column", "GET", `${quiet.path}/columns/values?name=fileName&version=${version}&token=${token}`);
      await client.call("cards of 100 samples", "POST", `${quiet.path}/columns/cards`, { ordinals: Array.from({ length: 100 }, () => Math.floor(Math.random() * still.samples)) });
    }],
    [2, "neighbours", () => client.call("neighbours of a sample", "GET", `${quiet.path}/neighbours?ordinal=${Math.floor(Math.random() * still.samples)}&count=20&embeddingId=${any(quiet.embeddingIds)}`)],
    [0.4, "embedding", async (turn) => {
      const id = await uploadEmbedding(client, quiet.path, `client ${who} ${turn}`, "announce an embedding", "upload 2,000 × 32 vectors");
      await client.call("delete an embedding", "DELETE", `${quiet.path}/embeddings/${id}`);
    }],
    [0.6, "selection", async (turn) => {
      const began = performance.now();
      const { jobId } = await client.call("ask for a selection", "POST", `${quiet.path}/embeddings/${any(quiet.embeddingIds)}/sampling`, { newTagName: `client ${who} selection ${turn}`, method: any(["CORESET", "RANDOM"]), config: { stoppingCondition: { nSamples: 100 } } });
      for (;;) {
        const { status, error, result } = await client.call("how a job is", "GET", `/v1/jobs/${jobId}`);
        if (status === "FAILED") throw new Error(`a selection failed: ${error}`);
        if (status === "FINISHED") {
          client.measures.took("a selection, to its end", performance.now() - began);
          await client.call("read a selection", "GET", `${quiet.path}/tags/${result.data}/selection`);
          await client.call("delete a tag", "DELETE", `${quiet.path}/tags/${result.data}`);
          return;
        }
        await sleep(200);
      }
    }],
    [1, "export", () => client.send("export names", "GET", `${quiet.path}/tags/${quiet.tagId}/export/basic/filenames?token=${token}`)],
    [1, "export tasks", () => client.call("export 200 tasks", "GET", `${path}/tags/${tagId}/export/LabelStudio/tasks?pageSize=200`)],
  ];
}

/** Does one thing after another, each as often as it weighs. */
async function work(client: Client, who: number, scene: Scene, isOver: () => boolean): Promise<void> {
  const deeds = deedsOf(client, who, scene);
  const all = deeds.reduce((sum, [weight]) => sum + weight, 0);
  for (let turn = 0; !isOver(); turn++) {
    let dice = Math.random() * all;
    const [, name, deed] = deeds.find(([weight]) => (dice -= weight) < 0) ?? deeds[0]!;
    try {
      await deed(turn);
    } catch (error) {
      client.measures.failed(name, error);
    }
    await sleep(Math.random() * pauseMsMax);
  }
}

interface Memory {
  readonly atMs: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly lagSeconds: number;
}

/** What the server says of itself. */
async function memory(base: URL): Promise<Memory> {
  const text = await (await fetch(new URL("/metrics", base), { headers: { authorization: `Bearer ${token}` } })).text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
  return { atMs: performance.now(), residentBytes: value("process_resident_memory_bytes"), heapBytes: value("nodejs_heap_size_used_bytes"), lagSeconds: value("nodejs_eventloop_lag_p99_seconds") };
}

/** A server as a process of its own, on a folder of its own. */
async function startServer(): Promise<{ base: URL; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "winnow-load-"));
  const program = fileURLToPath(new URL("../../apps/cli/bin/winnow.js", import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [program, "server", "--data", folder, "--port", "0"], { env: { ...process.env, WINNOW_TOKEN: token }, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout!.on("data", (chunk: Buffer) => {
      text += String(chunk);
      const found = /listens at (http:\S+)/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", (code) => reject(new Error(`the server ended with ${code} before it listened`)));
  });
  return {
    base: new URL(address),
    stop: async () => {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function ms(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}

function median(values: readonly number[]): number {
  return quantile(values.toSorted((a, b) => a - b), 0.5);
}

async function main(): Promise<number> {
  const { base, stop } = flags.url === undefined ? await startServer() : { base: new URL(flags.url), stop: async () => undefined };
  try {
    const setup = new Client(base, new Measures());
    const scene = await makeScene(setup);
    setup.close();
    const measures = new Measures();
    const began = performance.now();
    const ends = began + minutes * 60_000;
    const isOver = () => performance.now() >= ends;
    const readings: Memory[] = [await memory(base)];
    const watch = (async () => {
      for (;;) {
        await sleep(Math.min(1_000, Math.max(0, ends - performance.now())));
        if (isOver()) return;
        readings.push(await memory(base));
      }
    })();
    const all = Array.from({ length: clients }, () => new Client(base, measures));
    await Promise.all(all.map((client, who) => work(client, who, scene, isOver)));
    const tookSeconds = (performance.now() - began) / 1000;
    await watch;
    for (const client of all) client.close();

    console.log(`\n${clients} clients, ${(tookSeconds / 60).toFixed(1)} minutes, ${cpus().length} processors, load of the machine ${loadavg()[0]!.toFixed(1)}${process.env["DATABASE_URL"] ? ", PostgreSQL" : ""}${process.env["BLOB_STORE"] ? `, ${process.env["BLOB_STORE"].split(":")[0]}` : ""}\n`);
    console.log(`| ${"operation".padEnd(28)} | ${"count".padStart(8)} | ${"p50 ms".padStart(8)} | ${"p95 ms".padStart(8)} | ${"p99 ms".padStart(8)} | ${"max ms".padStart(8)} |\n|${"-".repeat(30)}|${`${"-".repeat(9)}:|`.repeat(5)}`);
    let count = 0;
    for (const [name, unsorted] of [...measures.times].sort(([a], [b]) => a.localeCompare(b))) {
      const times = unsorted.toSorted((a, b) => a - b);
      if (name !== "a selection, to its end") count += times.length;
      console.log(`| ${name.padEnd(28)} | ${times.length.toLocaleString("en").padStart(8)} | ${[0.5, 0.95, 0.99, 1].map((share) => ms(quantile(times, share)).padStart(8)).join(" | ")} |`);
    }
    const third = (from: number, to: number) => readings.filter(({ atMs }) => atMs >= began + (ends - began) * from && atMs < began + (ends - began) * to);
    const thirds = [third(0, 1 / 3), third(1 / 3, 2 / 3), third(2 / 3, 1)];
    const of = (pick: (one: Memory) => number) => thirds.map((some) => median(some.map(pick)));
    const [resident, heap] = [of(({ residentBytes }) => residentBytes), of(({ heapBytes }) => heapBytes)];
    const mib = (bytes: number) => (bytes / 1024 ** 2).toFixed(0);
    const isFlat = resident[2]! <= Math.max(resident[1]! * growthMax, resident[1]! + growthBytesMax);
    console.log(`\nrequests: ${count.toLocaleString("en")} (${(count / tookSeconds).toFixed(0)}/s); errors: ${measures.errorCount}; turned away and sent again (429): ${measures.turnedAway}`);
    console.log(`memory of the server, MiB: ${mib(readings[0]!.residentBytes)} before; medians of the thirds ${resident.map(mib).join(", ")} (heap ${heap.map(mib).join(", ")}): ${isFlat ? "flat" : "GROWING"}`);
    console.log(`delay of its event loop (p99), s: ${of(({ lagSeconds }) => lagSeconds).map((value) => value.toFixed(3)).join(", ")}`);
    for (const error of measures.errors) console.log(`error: ${error}`);
    return measures.errorCount === 0 && isFlat ? 0 : 1;
  } finally {
    await stop();
  }
}

process.exitCode = await main();
