/**
 * A server that is killed again and again while clients work: what it acknowledged is there after every restart. On every
 * kind of stores, and on disks that are full. `npm run torture -- --kills N` does it for longer.
 */
import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { Program, bin, endAll, run, temporaryFolder } from "./program.ts";
import { type StoreKind, isMissing, leftovers, noSmallDisk, smallDiskKinds, smallStores, storeKinds, tortureStores } from "./torture-stores.ts";

const token = "a-token-for-durability";
const killsGiven = process.env["WINNOW_KILLS"];
/** How often the server is killed on each kind of stores. */
const killsOf: Readonly<Record<StoreKind, number>> = { sqlite: 20, postgres: 20, "failing store": 4 };
const seed = Number(process.env["WINNOW_SEED"] ?? 20_260_101);

/** Numbers from 0 to 1, the same for the same seed. */
function randomOf(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

afterAll(endAll);

/** The connection broke, or nobody listened: whether the request was done is not known. */
class Unanswered extends Error {}

/** What the answers used here may hold. */
interface Answer {
  readonly id: string;
  readonly ids: readonly string[];
  readonly name: string;
  readonly nSamples: number;
  readonly full: string;
  readonly signedWriteUrl: string;
  readonly embeddingId: string;
  readonly jobId: string;
  readonly status: string;
  readonly error?: string;
  readonly result: { readonly data: string };
  readonly picks: readonly unknown[];
}

class Connection {
  url = "";
  /** Whether the server may say that it can't do it now. */
  mayRefuse = false;
  refused = 0;
  /** Of these rows, because there was no room. */
  rowsRefused = 0;

  async request<Body = Answer>(method: string, path: string, body?: unknown): Promise<{ status: number; body: Body }> {
    let reply: Response;
    let text: string;
    try {
      reply = await fetch(`${this.url}${path}${path.includes("?") ? "&" : "?"}token=${token}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      text = await reply.text();
    } catch (error) {
      throw new Unanswered(`${method} ${path}`, { cause: error });
    }
    this.#throwRefusal(reply.status, `${method} ${path}: ${text}`);
    if (reply.status >= 500) throw new Error(`${method} ${path} gave ${reply.status}: ${text}`);
    return { status: reply.status, body: (text === "" ? undefined : JSON.parse(text)) as Body };
  }

  /** The store or the disk can't take it now: it is said so, and nothing is acknowledged. */
  #throwRefusal(status: number, what: string): void {
    if (!this.mayRefuse || (status !== 503 && status !== 507)) return;
    this.refused++;
    if (status === 507 && what.startsWith("POST")) this.rowsRefused++;
    throw new Unanswered(what);
  }

  /** The body of a success. */
  async call<Body = Answer>(method: string, path: string, body?: unknown): Promise<Body> {
    const reply = await this.request<Body>(method, path, body);
    if (reply.status >= 400) throw new Error(`${method} ${path} was refused: ${JSON.stringify(reply.body)}`);
    return reply.body;
  }

  /** Signed addresses work without token, on whichever port the server is now. */
  async file(address: string, content?: Uint8Array | string): Promise<Buffer> {
    const { pathname, search } = new URL(address);
    try {
      const reply = await fetch(this.url + pathname + search, content === undefined ? {} : { method: "PUT", body: content });
      const bytes = Buffer.from(await reply.arrayBuffer());
      this.#throwRefusal(reply.status, pathname);
      if (!reply.ok) throw new Error(`${address} gave ${reply.status}: ${bytes.toString("utf8").slice(0, 300)}`);
      return bytes;
    } catch (error) {
      if (error instanceof TypeError) throw new Unanswered(address, { cause: error });
      throw error;
    }
  }
}

/** Content that says itself whether it is whole. */
function sealed(random: () => number, size: number): Buffer {
  const content = Buffer.alloc(size);
  for (let i = 0; i < size; i += 97) content[i] = random() * 256;
  return Buffer.concat([createHash("sha256").update(content).digest(), content]);
}

function isWhole(bytes: Buffer): boolean {
  return createHash("sha256").update(bytes.subarray(32)).digest().equals(bytes.subarray(0, 32));
}

function bitsOf(hex: string): bigint {
  return BigInt(hex);
}

/** Everything that a server said it had done. */
class Acknowledged {
  readonly samples = new Map<string, string>();
  readonly files = new Map<string, string>();
  readonly tags = new Map<string, { name: string; mask: bigint }>();
  /** Ids of tags that were deleted. */
  readonly deletedTags = new Set<string>();
  readonly embeddings = new Map<string, string>();
  readonly selections = new Map<string, string>();
  /** Scheduled runs, whether one was begun or not. */
  readonly scheduled = new Set<string>();
  /** What runs have been told, in order, and their plans. */
  readonly runs = new Map<string, { scheduledId: string; messages: string[] }>();
  readonly plans = new Map<string, string>();
  /** The order as it was seen last. */
  order: string[] = [];
  readonly #checked = new Set<string>();

  /** Whether it was never looked at; what was is looked at again now and then. */
  isNew(id: string): boolean {
    const isNew = !this.#checked.has(id);
    this.#checked.add(id);
    return isNew;
  }

  get count(): number {
    const told = [...this.runs.values()].reduce((sum, { messages }) => sum + messages.length, 0);
    return this.samples.size + this.files.size + this.tags.size + 2 * this.deletedTags.size + this.embeddings.size + this.selections.size + this.scheduled.size + this.runs.size + this.plans.size + told;
  }
}

/** For who runs it by hand. */
function report(line: string): void {
  const path = process.env["WINNOW_TORTURE_REPORT"];
  if (path !== undefined) appendFileSync(path, `${line}\n`);
}

const vectors = { samples: 1_500, width: 24 };
/** Tags that are there at a time. */
const tagsMax = 150;

for (const kind of storeKinds) {
  const missing = isMissing(kind);
  const kills = Number(killsGiven ?? killsOf[kind]);
  test.skipIf(missing)(`${kills} kills at random moments on ${kind} (seed ${seed})${missing === undefined ? "" : `: ${missing}`}`, { timeout: 240_000 + kills * 20_000 }, () => torture(kind, kills));
}

async function torture(kind: StoreKind, kills: number): Promise<void> {
  const random = randomOf(seed);
  const home = temporaryFolder();
  const stores = await tortureStores(kind, home.path, randomOf(seed + 400));
  const connection = new Connection();
  connection.mayRefuse = kind === "failing store";
  let port = "0";
  let program: Program;
  const start = async () => {
    program = new Program(bin, ["server", "--data", stores.dataFolder, "--port", port], { WINNOW_TOKEN: token, ...stores.env });
    connection.url = await program.url();
    ({ port } = new URL(connection.url));
  };
  await start();

  const growing = `/v1/datasets/${(await connection.call("POST", "/v1/datasets", { name: "it grows" })).id}`;
  const still = `/v1/datasets/${(await connection.call("POST", "/v1/datasets", { name: "it stands still" })).id}`;
  const names = Array.from({ length: vectors.samples }, (_, i) => `${i}.jpg`);
  await connection.call("POST", `${still}/samples/bulk`, { samples: names.map((fileName) => ({ fileName })) });
  const [initialTag] = await Promise.all([growing, still].map(async (path) => (await connection.call("POST", `${path}/tags/initial`, { imgType: "full" })).id));

  const done = new Acknowledged();
  let working = true;
  /** Resolved while clients may work. */
  let open: Promise<void> = Promise.resolve();

  /** A client does one thing after another; what broke off is simply not acknowledged. */
  async function client(work: (turn: number) => Promise<void>): Promise<void> {
    for (let turn = 0; working; turn++) {
      await open;
      try {
        await work(turn);
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
        await sleep(5);
      }
    }
  }

  async function register(fileName: string): Promise<string> {
    // A lost answer is no loss: the same request is the same sample.
    for (;;) {
      try {
        const { id } = await connection.call("POST", `${growing}/samples`, { fileName, customMetaData: { fileName } });
        done.samples.set(fileName, id);
        return id;
      } catch (error) {
        if (!(error instanceof Unanswered) || !working) throw error;
        await sleep(20);
        await open;
      }
    }
  }

  const uploading = (who: number) => {
    const mine = randomOf(seed + who);
    return client(async (turn) => {
      const id = await register(`client ${who}/${turn}.jpg`);
      const { full } = await connection.call("GET", `${growing}/samples/${id}/writeurls`);
      // Most are small, as pictures are; some take long enough to be cut off in the middle.
      const content = sealed(mine, Math.floor(mine() ** 3 * 400_000));
      await connection.file(full, content);
      done.files.set(id, createHash("sha256").update(content).digest("hex"));
    });
  };

  const inBulk = () =>
    client(async (turn) => {
      const samples = Array.from({ length: 50 }, (_, i) => ({ fileName: `bulk ${turn}/${i}.jpg` }));
      const { ids } = await connection.call("POST", `${growing}/samples/bulk`, { samples });
      samples.forEach(({ fileName }, i) => done.samples.set(fileName, ids[i]!));
      // Each check reads all of them.
      await sleep(40 + done.samples.size / 100);
    });

  const tagging = () => {
    const mine = randomOf(seed + 100);
    return client(async (turn) => {
      const size = (await connection.call("GET", growing)).nSamples;
      let mask = 0n;
      for (let i = 0; i < 20 && size > 0; i++) mask |= 1n << BigInt(Math.floor(mine() * size));
      const name = `tag ${turn}`;
      const { id } = await connection.call("POST", `${growing}/tags`, { name, prevTagId: initialTag, bitMaskData: `0x${mask.toString(16)}`, totSize: size });
      done.tags.set(id, { name, mask });
      if (done.tags.size > tagsMax) {
        const [oldest] = done.tags.keys();
        // Until it is answered, it may be there or not.
        done.tags.delete(oldest!);
        await connection.call("DELETE", `${growing}/tags/${oldest}`);
        done.deletedTags.add(oldest!);
      }
      if (turn % 20 === 4) await connection.call("POST", `${growing}/tags/upsize`, { upsizeTagName: `upsize ${turn}`, upsizeTagCreator: "USER_PIP" });
      await sleep(20);
    });
  };

  const selecting = () => {
    const mine = randomOf(seed + 200);
    return client(async (turn) => {
      const header = ["filenames", ...Array.from({ length: vectors.width }, (_, i) => `embedding_${i}`), "labels"].join(",");
      const csv = [header, ...names.map((name) => [name, ...Array.from({ length: vectors.width }, () => mine().toFixed(4)), 0].join(","))].join("\n");
      const { signedWriteUrl, embeddingId } = await connection.call("GET", `${still}/embeddings/writeCSVUrl?name=${turn}`);
      await connection.file(signedWriteUrl, csv);
      done.embeddings.set(embeddingId, createHash("sha256").update(csv).digest("hex"));
      for (let i = 0; i < 3; i++) {
        const newTagName = `selection ${turn} ${i}`;
        const { jobId } = await connection.call("POST", `${still}/embeddings/${embeddingId}/sampling`, { newTagName, method: i === 1 ? "RANDOM" : "CORESET", config: { stoppingCondition: { nSamples: 600 } } });
        done.selections.set(jobId, newTagName);
      }
      await sleep(250);
    });
  };

  const { id: workerId } = await connection.call("POST", "/v1/docker/worker", { name: "a worker", workerType: "FULL" });
  /** Schedules runs and does them, as a worker does. */
  const running = () => {
    const mine = randomOf(seed + 300);
    return client(async () => {
      const { id: configId } = await connection.call("POST", "/v1/docker/worker/config", { config: { workerType: "FULL", docker: { method: "random" } } });
      const { id: scheduledId } = await connection.call("POST", `${still}/docker/worker/schedule`, { configId, priority: "MID" });
      done.scheduled.add(scheduledId);
      await connection.call("PUT", `${still}/docker/worker/${workerId}/schedule/${scheduledId}`, { state: "LOCKED" });
      const { id } = await connection.call("POST", "/v1/docker/runs", { dockerVersion: "1", scheduledId });
      const messages: string[] = [];
      done.runs.set(id, { scheduledId, messages });
      for (const state of ["INITIALIZING", "EMBEDDING", "SAMPLING"]) {
        await connection.call("PUT", `/v1/docker/runs/${id}`, { state, message: `${state} of ${id}` });
        messages.push(`${state} of ${id}`);
      }
      const plan = sealed(mine, Math.floor(mine() * 200_000));
      await connection.file(await connection.call<string>("GET", `/v1/docker/runs/${id}/planWriteUrl`), plan);
      done.plans.set(id, createHash("sha256").update(plan).digest("hex"));
      await connection.call("PUT", `/v1/docker/runs/${id}`, { state: "COMPLETED", message: `${id} is done` });
      messages.push(`${id} is done`);
      await sleep(20);
    });
  };

  /** Holds the server to what it acknowledged. */
  async function check(everything: boolean): Promise<void> {
    const order = await connection.call<string[]>("GET", `${growing}/mappings?field=fileName`);
    const ids = await connection.call<string[]>("GET", `${growing}/mappings?field=_id`);
    expect(new Set(order).size).toBe(order.length);
    expect(new Set(ids).size).toBe(order.length);
    expect(order.slice(0, done.order.length)).toEqual(done.order);
    done.order = order;
    const idOf = new Map(order.map((name, i) => [name, ids[i]!]));
    for (const [name, id] of done.samples) if (idOf.get(name) !== id) throw new Error(`the sample "${name}" was acknowledged as ${id} and is ${idOf.get(name)}`);
    const samples = await connection.call<{ id: string; index: number }[]>("GET", `${growing}/samples`);
    expect(samples.map(({ id, index }) => `${index} ${id}`)).toEqual(ids.map((id, i) => `${i} ${id}`));
    expect((await connection.call("GET", growing)).nSamples).toBe(order.length);

    const tags = await connection.call<{ id: string; name: string; bitMaskData: string }[]>("GET", `${growing}/tags`);
    expect(new Set(tags.map(({ name }) => name)).size).toBe(tags.length);
    for (const tag of tags) expect(bitsOf(tag.bitMaskData) >> BigInt(order.length)).toBe(0n);
    const tagOf = new Map(tags.map((tag) => [tag.id, tag]));
    for (const id of done.deletedTags) expect(tagOf.has(id), `the tag ${id}, which was deleted`).toBe(false);
    for (const [id, { name, mask }] of done.tags) expect([tagOf.get(id)?.name, bitsOf(tagOf.get(id)?.bitMaskData ?? "0x0")]).toEqual([name, mask]);

    // Files: those acknowledged as they were sent; every other one whole, if there is one.
    const some = ids.filter((id, i) => order[i]!.startsWith("client ") && (everything || (done.files.has(id) && done.isNew(id)) || random() < 0.05));
    for (const id of some) {
      const address = await connection.request<string>("GET", `${growing}/samples/${id}/readurl?type=full`);
      const acknowledged = done.files.get(id);
      if (address.status === 404) {
        expect(acknowledged, `the file of ${id}`).toBeUndefined();
        continue;
      }
      const bytes = await connection.file(address.body);
      expect(isWhole(bytes)).toBe(true);
      if (acknowledged !== undefined) expect(createHash("sha256").update(bytes).digest("hex")).toBe(acknowledged);
    }

    const embeddings = new Set((await connection.call<Answer[]>("GET", `${still}/embeddings`)).map(({ id }) => id));
    for (const [id, hash] of done.embeddings) {
      expect(embeddings.has(id), `the embedding ${id}`).toBe(true);
      if (!everything && !done.isNew(id) && random() > 0.1) continue;
      const csv = await connection.file(await connection.call<string>("GET", `${still}/embeddings/${id}/readCSVUrl`));
      expect(createHash("sha256").update(csv).digest("hex")).toBe(hash);
    }
    const runs = await connection.call<{ id: string; scheduledId: string; state: string; messages: { log?: string }[] }[]>("GET", "/v1/docker/runs");
    const runOf = new Map(runs.map((run) => [run.id, run]));
    expect(new Set(runs.map(({ scheduledId }) => scheduledId)).size).toBe(runs.length);
    for (const [id, { scheduledId, messages }] of done.runs) {
      const run = runOf.get(id);
      expect(run?.scheduledId, `the run ${id}`).toBe(scheduledId);
      const logs = run!.messages.flatMap(({ log }) => log ?? []);
      // One more may have been stored whose answer was lost.
      expect(logs.slice(0, messages.length)).toEqual(messages);
      expect(logs.length).toBeLessThanOrEqual(messages.length + 1);
      if (messages.length === 4) expect(run!.state).toBe("COMPLETED");
    }
    const queued = new Set((await Promise.all(["OPEN", "LOCKED", "DONE"].map((state) => connection.call<Answer[]>("GET", `${still}/docker/worker/schedule?state=${state}`)))).flat().map(({ id }) => id));
    for (const id of done.scheduled) expect(queued.has(id), `the scheduled run ${id}`).toBe(true);
    for (const [id, hash] of done.plans) {
      if (!everything && !done.isNew(id) && random() > 0.05) continue;
      const plan = await connection.file(await connection.call<string>("GET", `/v1/docker/runs/${id}/planReadUrl`));
      expect(createHash("sha256").update(plan).digest("hex")).toBe(hash);
    }

    for (const jobId of done.selections.keys()) if (everything || done.isNew(jobId) || random() < 0.05) expect((await connection.request("GET", `/v1/jobs/${jobId}`)).status).toBe(200);
  }

  /** Waits until some work was acknowledged: how fast that is, is the machine's matter. */
  async function workDone(count: () => number): Promise<void> {
    for (const ends = Date.now() + 120_000; count() < 20 && failed === undefined; await sleep(10)) if (Date.now() > ends) throw new Error("the server acknowledges nothing any more");
  }

  let failed: unknown;
  const clients = Promise.all([uploading(1), uploading(2), uploading(3), inBulk(), tagging(), selecting(), running()]);
  clients.catch((error: unknown) => (failed = error));
  stores.misbehave(true);
  for (let kill = 0; kill < kills; kill++) {
    const before = done.count;
    await sleep(100 + random() * 700);
    // Some kills come soon after the start, whatever was done by then; most find a server that has been acknowledging.
    if (random() < 0.8) await workDone(() => done.count - before);
    let goOn: () => void = () => {};
    open = new Promise((resolve) => (goOn = resolve));
    await program!.stop("SIGKILL");
    stores.misbehave(false);
    await start();
    await check(false);
    stores.misbehave(true);
    if (failed !== undefined) throw failed;
    goOn();
    if (killsGiven !== undefined && (kill + 1) % 20 === 0) console.log(`${kind}: ${kill + 1} kills, ${done.count} acknowledged writes`);
  }
  await sleep(500);
  working = false;
  stores.misbehave(false);
  await clients;

  // Every selection that was acknowledged ends, and has exactly one tag.
  for (const [jobId, name] of done.selections) {
    for (;;) {
      const job = await connection.call("GET", `/v1/jobs/${jobId}`);
      if (job.status === "FINISHED") {
        const tag = await connection.call("GET", `${still}/tags/${job.result.data}`);
        expect(tag.name).toBe(name);
        expect((await connection.call("GET", `${still}/tags/${tag.id}/selection`)).picks).toHaveLength(600);
        break;
      }
      if (job.status === "FAILED") {
        // A job ends with what the store said when it couldn't be read; whoever asked hears it.
        if (kind === "failing store" && /object store/.test(job.error ?? "")) break;
        throw new Error(`the selection "${name}" failed: ${job.error}`);
      }
      await sleep(20);
    }
  }
  const tags = await connection.call<Answer[]>("GET", `${still}/tags`);
  expect(new Set(tags.map(({ name }) => name)).size).toBe(tags.length);
  await check(true);
  // How much is done between kills is the machine's matter; but everything is.
  for (const [what, count] of Object.entries({ samples: done.samples.size, files: done.files.size, tags: done.tags.size + done.deletedTags.size, embeddings: done.embeddings.size, selections: done.selections.size, runs: done.runs.size, plans: done.plans.size })) expect(count, what).toBeGreaterThan(0);
  expect(done.count).toBeGreaterThan(10 * kills);

  // An orderly end, and nothing unfinished is left.
  expect((await program!.stop()).code).toBe(0);
  await start();
  expect(await leftovers(stores.dataFolder)).toEqual([]);
  const doctor = await run(bin, ["doctor", "--data", stores.dataFolder, "--json"], stores.env);
  expect(JSON.parse(doctor.stdout)).toMatchObject({ problems: 0 });
  expect(doctor.code).toBe(0);
  await program!.stop();
  report(`${kind}: ${kills} kills${stores.mishaps()}, ${done.count} acknowledged writes, 0 lost`);
  await stores.close();
  home.remove();
}

for (const kind of smallDiskKinds) {
  // It takes its time, and rights that tests rarely have.
  const missing = killsGiven === undefined ? "npm run torture does it" : (isMissing(kind) ?? noSmallDisk(kind));
  test.skipIf(missing)(`disks that run full on ${kind}: what is refused is said so, what was acknowledged stays, and all goes on when there is room${missing === undefined ? "" : ` (${missing})`}`, { timeout: 420_000 }, () => fullDisks(kind));
}

async function fullDisks(kind: (typeof smallDiskKinds)[number]): Promise<void> {
  const home = temporaryFolder();
  const stores = await smallStores(kind, home.path);
  const random = randomOf(seed + 500);
  const connection = new Connection();
  connection.mayRefuse = true;
  const start = async () => {
    const program = new Program(bin, ["server", "--data", stores.dataFolder, "--port", "0"], { WINNOW_TOKEN: token, ...stores.env });
    connection.url = await program.url();
    return program;
  };
  try {
    let program = await start();
    const path = `/v1/datasets/${(await connection.call("POST", "/v1/datasets", { name: "it fills the disk" })).id}`;
    const samples = new Map<string, string>();
    const files = new Map<string, string>();
    let turn = 0;
    let filesRefused = 0;
    // Once no more files are taken, rows are what is left to fill.
    const write = async (withFile = filesRefused < 5 || turn % 20 === 0) => {
      const fileName = `${turn++}.jpg`;
      try {
        // Text that no database makes smaller.
        const text = sealed(random, 30_000).toString("base64");
        const { id } = await connection.call("POST", `${path}/samples`, { fileName, customMetaData: { text } });
        samples.set(fileName, id);
        if (!withFile) return;
        const { full } = await connection.call("GET", `${path}/samples/${id}/writeurls`);
        const content = sealed(random, 200_000);
        filesRefused++;
        await connection.file(full, content);
        filesRefused--;
        files.set(id, createHash("sha256").update(content).digest("hex"));
        if (files.size === 15) stores.fillFiles();
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
      }
    };
    let fallen: string | undefined;
    void program.ended.then(({ signal, stderr }) => (fallen = signal === "SIGKILL" ? undefined : stderr));
    for (const enough of [10, 30]) {
      while (connection.rowsRefused < enough) {
        await Promise.all([write(), write(), write()]);
        if (fallen !== undefined) throw new Error(`the server fell over a full disk: ${fallen}`);
      }
      // What is there can still be read.
      expect((await connection.call("GET", path)).nSamples).toBeGreaterThanOrEqual(samples.size);
    }
    expect(files.size).toBeGreaterThan(10);
    // The power goes while they are full.
    await program.stop("SIGKILL");
    await stores.makeRoom();
    program = await start();
    connection.mayRefuse = false;
    const check = async () => {
      const [names, ids] = [await connection.call<string[]>("GET", `${path}/mappings?field=fileName`), await connection.call<string[]>("GET", `${path}/mappings?field=_id`)];
      expect(new Set(names).size).toBe(names.length);
      const idOf = new Map(names.map((name, i) => [name, ids[i]!]));
      for (const [name, id] of samples) expect(idOf.get(name), name).toBe(id);
      for (const [id, hash] of files) {
        const bytes = await connection.file(await connection.call<string>("GET", `${path}/samples/${id}/readurl?type=full`));
        expect(createHash("sha256").update(bytes).digest("hex")).toBe(hash);
      }
    };
    await check();
    const before = files.size;
    for (let i = 0; i < 10; i++) await write(true);
    expect(files.size).toBe(before + 10);
    await check();
    const doctor = await run(bin, ["doctor", "--data", stores.dataFolder, "--json"], stores.env);
    expect(JSON.parse(doctor.stdout)).toMatchObject({ problems: 0 });
    expect((await program.stop()).code).toBe(0);
    report(`full disks (${kind}): ${connection.refused} writes refused, ${samples.size + files.size} acknowledged writes, 0 lost`);
  } finally {
    await endAll();
    await stores.close();
    home.remove();
  }
}
