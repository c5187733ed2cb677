/** The packages as strangers get them: packed, put into a folder of their own, used from Node and in a bundle for browsers. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Tarball, install, packAll, rooms } from "./packages/tarballs.ts";
import { Program, endAll, root, run, surroundings, writePicture } from "./program.ts";

vi.setConfig({ testTimeout: 180_000 });
const execute = promisify(execFile);

/** Largest tarballs in KiB, a quarter and more above what they are. Raise one when what was added is worth its weight. */
const PACKED_KIB_MAX: Readonly<Record<string, number>> = JSON.parse(readFileSync(new URL("packages/sizes.json", import.meta.url), "utf8"));
/** Largest bundles for browsers in KiB, minified, not compressed. */
const BUNDLED_KIB_MAX = { client: 180, curation: 90, formats: 330 };

let folder: string;
let tarballs: ReadonlyMap<string, Tarball>;
const clean = { ...surroundings(), NODE_OPTIONS: "" } as Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-packages-"));
  tarballs = await packAll(join(folder, "tarballs"));
}, 180_000);
afterAll(async () => {
  await endAll();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

describe("every package", () => {
  it("of the workspace is packed", () => {
    expect([...tarballs.values()].map(({ room }) => room).sort()).toEqual([...rooms].sort());
  });

  it("has a licence, a README and a version that its siblings ask for", () => {
    for (const { manifest, files } of tarballs.values()) {
      expect(manifest.license, manifest.name).toBe("Apache-2.0");
      expect(manifest.private, manifest.name).toBeUndefined();
      expect(manifest.version, manifest.name).toMatch(/^\d+\.\d+\.\d+$/);
      for (const name of ["LICENSE", "README.md", "package.json"]) expect(files, manifest.name).toContain(name);
      for (const [name, wanted] of Object.entries(manifest.dependencies ?? {})) if (tarballs.has(name)) expect(wanted, `${manifest.name} on ${name}`).toBe(tarballs.get(name)!.manifest.version);
    }
  });

  it("has the licence of the project", async () => {
    const licence = await readFile(join(root, "LICENSE"), "utf8");
    for (const room of rooms) expect(await readFile(join(root, room, "LICENSE"), "utf8"), room).toBe(licence);
  });

  it("holds what is needed and nothing else", () => {
    for (const { manifest, files } of tarballs.values()) {
      const strange = files.filter((path) => !/^(dist\/|bin\/|LICENSE|README\.md$|NOTICE$|THIRD-PARTY\.txt$|package\.json$)/.test(path) || /\.(map|tsbuildinfo)$|\.test\.|(^|\/)\.|^dist\/testing\//.test(path));
      expect(strange, manifest.name).toEqual([]);
    }
  });

  it("of others that comes along is listed with its licence", async () => {
    const done = await execute(process.execPath, [join(root, "scripts", "third-party.mjs"), "--check"], { env: clean }).catch((error: { stderr: string }) => error);
    expect(done.stderr).toBe("");
  });

  it("is no larger than it should be", () => {
    const sizes = Object.fromEntries([...tarballs].map(([name, { packedBytes }]) => [name, Math.ceil(packedBytes / 1024)]));
    console.info(Object.entries(sizes).map(([name, size]) => `${name}: ${size} KiB packed, of ${PACKED_KIB_MAX[name]}`).join("\n"));
    expect(Object.keys(PACKED_KIB_MAX).sort()).toEqual([...tarballs.keys()].sort());
    for (const [name, size] of Object.entries(sizes)) expect(size, `KiB of ${name}`).toBeLessThanOrEqual(PACKED_KIB_MAX[name]!);
  });
});

const LIBRARIES = ["@winnow/client", "@winnow/curation", "@winnow/formats"];
const PROGRAM = `
import { ApiWorkflowClient, SelectionConfig, ValueError, type Progress } from "@winnow/client";
import { BitMask } from "@winnow/curation/bitmask";
import { matrix, selectSamples, type Selection } from "@winnow/curation";
import { readEmbeddingsCsv, writeEmbeddingsCsv } from "@winnow/formats";

const points = matrix(50, 3);
for (let i = 0; i < points.data.length; i++) points.data[i] = Math.cos(i * i);
const selection: Selection = await selectSamples({ method: "CORESET", size: 50, points, nSamples: 4 });

const csv: Uint8Array[] = [];
for await (const chunk of writeEmbeddingsCsv([{ fileName: "a.jpg", values: [1, 2] }])) csv.push(chunk);
const { fileNames: names } = await readEmbeddingsCsv(csv);

const progress: Progress | undefined = undefined;
const client = new ApiWorkflowClient({ token: "t", serverUrl: "http://127.0.0.1:9" });
const config = new SelectionConfig({ method: "CORESET", nSamples: 2 });
console.log(JSON.stringify({ picks: [...selection.ordinals], names, mask: BitMask.fromHex("0x5").count, url: client.serverUrl, n: config.nSamples, error: new ValueError("x").name, progress }));
// @ts-expect-error: the types of the packages say that there is no such method
void client.nothingOfThisName;
`;

/** Selects and reads a table, each by one thread and by three; says how many threads came, and whether they went on living. */
const THREADS_PROGRAM = `
import { matrix, selectSamples } from "@winnow/curation";
import { readEmbeddingsCsv, writeEmbeddingsCsv } from "@winnow/formats";

// Threads don't keep a process alive.
setInterval(() => undefined, 1000);
const helpers = [];
process.on("worker", (worker) => helpers.push({ worker, online: new Promise((resolve, reject) => worker.once("online", resolve).once("error", reject)) }));
const seen = async () => {
  // The event comes in a turn of its own.
  await new Promise((resolve) => setImmediate(resolve));
  await Promise.all(helpers.map(({ online }) => online));
  return { started: helpers.length, alive: helpers.filter(({ worker }) => worker.threadId > 0).length };
};

const points = matrix(4000, 32);
for (let i = 0; i < points.data.length; i++) points.data[i] = Math.fround(Math.cos(i * i));
const csv = [];
for await (const chunk of writeEmbeddingsCsv(Array.from({ length: points.rows }, (_, row) => ({ fileName: row + ".jpg", values: points.data.subarray(row * 32, row * 32 + 32) })))) csv.push(chunk);
const read = async (threads) => Buffer.from((await readEmbeddingsCsv(csv, { threads, slabBytes: 1 << 16 })).data.buffer).toString("base64");
const select = async (threads) => (await selectSamples({ method: "CORESET", size: points.rows, points, nSamples: 200, threads })).ordinals.join();

const alone = [await read(1), await select(1)];
const none = await seen();
const text = await read(3);
const reading = await seen();
const picks = await select(3);
const selecting = await seen();
console.log(JSON.stringify({ same: [text === alone[0], picks === alone[1]], none, reading, selecting }));
process.exit(0);
`;
const SDK_PROGRAM = `
import { readFileSync } from "node:fs";
import { ApiWorkflowClient, SelectionConfig } from "@winnow/client";

const [folder, embeddings] = process.argv.slice(2);
const client = new ApiWorkflowClient();
await client.createDataset("of a stranger");
await client.uploadDataset(folder, { mode: "thumbnails" });
await client.uploadEmbeddings(embeddings, "default");
const tag = await client.selection(new SelectionConfig({ method: "CORESET", nSamples: 4, name: "to label" }));
console.log(JSON.stringify(await client.getFilenamesInTag(tag)));
`;

describe("the libraries", () => {
  let fresh: string;
  beforeAll(async () => {
    fresh = join(folder, "fresh");
    await install(fresh, LIBRARIES, tarballs);
    await writeFile(join(fresh, "program.ts"), PROGRAM);
  });

  it("have types, and work in Node", async () => {
    // What whoever writes for Node has beside them.
    await symlink(join(root, "node_modules", "@types"), join(fresh, "node_modules", "@types"));
    await writeFile(join(fresh, "tsconfig.json"), JSON.stringify({ compilerOptions: { target: "es2023", lib: ["es2023", "dom"], module: "nodenext", strict: true, types: ["node"], outDir: "out", rootDir: "." }, include: ["program.ts"] }));
    const { stdout: said } = await execute(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", fresh], { cwd: fresh, env: clean }).catch((error: { stdout: string }) => error);
    expect(said).toBe("");
    const { stdout } = await execute(process.execPath, [join(fresh, "out", "program.js")], { cwd: fresh, env: clean });
    expect(JSON.parse(stdout)).toMatchObject({ picks: { length: 4 }, names: ["a.jpg"], mask: 2, url: "http://127.0.0.1:9", n: 2, error: "ValueError" });
  });

  it("start their threads from their tarballs", async () => {
    await writeFile(join(fresh, "threads.js"), THREADS_PROGRAM);
    const { stdout } = await execute(process.execPath, [join(fresh, "threads.js")], { cwd: fresh, env: clean });
    const { same, none, reading, selecting } = JSON.parse(stdout) as { same: boolean[] } & Record<"none" | "reading" | "selecting", { started: number; alive: number }>;
    expect(same).toEqual([true, true]);
    expect(none.started).toBe(0);
    expect(reading.started).toBeGreaterThan(0);
    expect(selecting.started).toBeGreaterThan(reading.started);
    expect(selecting.alive).toBe(selecting.started);
  });

  it.each([
    ["client", `import { ApiWorkflowClient } from "@winnow/client"; globalThis.result = new ApiWorkflowClient({ token: "t", serverUrl: "http://127.0.0.1:9" }).serverUrl;`, "http://127.0.0.1:9"],
    ["curation", `import { BitMask, matrix, selectSamples } from "@winnow/curation"; const points = matrix(9, 1); points.data.set([0, 1, 2, 3, 4, 5, 6, 7, 8]); globalThis.result = (await selectSamples({ method: "CORESET", size: 9, points, nSamples: 3, threads: 1 })).ordinals.join() + BitMask.empty(3).count;`, "4,0,80"],
    ["formats", `import { readEmbeddingsCsv, readParquet, writeEmbeddingsCsv, writeParquet } from "@winnow/formats"; const parts = []; for await (const part of writeParquet([Float32Array.of(1, 2, 3, 4)], { fileNames: ["a", "b"], columns: 2 })) parts.push(part); const { names, data } = await readParquet(await new Blob(parts).arrayBuffer()); const csv = []; for await (const part of writeEmbeddingsCsv([{ fileName: "c.jpg", values: [1] }])) csv.push(part); globalThis.result = names.join() + data.join() + (await readEmbeddingsCsv(csv)).fileNames.join();`, "a,b1,2,3,4c.jpg"],
  ] as const)("are bundled for browsers: %s", async (name, code, result) => {
    const entry = join(fresh, `${name}.js`);
    await writeFile(entry, code);
    const warnings: string[] = [];
    await build({
      root: fresh,
      configFile: false,
      logLevel: "silent",
      build: { outDir: join(fresh, `bundle-${name}`), minify: true, target: "es2022", rolldownOptions: { input: entry, onwarn: ({ message }) => warnings.push(message), output: { entryFileNames: "bundle.mjs", format: "es" } } },
    });
    const files = (await readdir(join(fresh, `bundle-${name}`), { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
    const texts = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name))));
    const kib = texts.reduce((sum, { length }) => sum + length, 0) / 1024;
    console.info(`${name} for browsers: ${kib.toFixed(0)} KiB minified, of ${BUNDLED_KIB_MAX[name]}`);
    expect(kib).toBeLessThanOrEqual(BUNDLED_KIB_MAX[name]);
    // Modules of Node are replaced by nothing in a bundle: none may be left, and none may have been needed.
    expect(warnings.filter((message) => /externalized|node:/.test(message))).toEqual([]);
    for (const text of texts) expect(text.toString()).not.toMatch(/from\s*["']node:/);
    await import(pathToFileURL(join(fresh, `bundle-${name}`, "bundle.mjs")).href);
    expect((globalThis as { result?: unknown }).result).toBe(result);
  });
});

describe("the platform", () => {
  const COUNT = 12;
  let fresh: string;
  let winnow: string;
  const inside = (...parts: string[]) => join(fresh, ...parts);
  beforeAll(async () => {
    fresh = join(folder, "platform");
    await install(fresh, ["winnow"], tarballs);
    winnow = inside("node_modules", "winnow", "bin", "winnow.js");
    for (let i = 0; i < COUNT; i++) await writePicture(inside("photos", `${i}.jpg`), i);
  });

  it("embeds and selects without a server", async () => {
    expect((await run(winnow, ["version"], clean)).stdout).toBe(`${tarballs.get("winnow")!.manifest.version}\n`);
    for (const kind of ["csv", "parquet"]) {
      expect(await run(winnow, ["embed", inside("photos"), "--out", inside(`embeddings.${kind}`)], clean)).toMatchObject({ code: 0 });
      expect(await run(winnow, ["select", inside(`embeddings.${kind}`), "--n", "4", "--out", inside(`${kind}.txt`)], clean)).toMatchObject({ code: 0 });
    }
    const picks = await readFile(inside("csv.txt"), "utf8");
    expect(picks.split("\n")).toHaveLength(5);
    expect(await readFile(inside("parquet.txt"), "utf8")).toBe(picks);
  });

  it("serves the web app, and works for the SDK of a stranger: its threads start as well", async () => {
    const token = "token-of-a-stranger";
    const server = new Program(winnow, ["server", "--data", inside("data"), "--port", "0"], { ...clean, WINNOW_TOKEN: token });
    const url = await server.url();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const page = await (await fetch(url)).text();
    const [, script] = /<script[^>]* src="([^"]+)"/.exec(page)!;
    expect((await fetch(new URL(script!, url))).status).toBe(200);

    const sdk = join(folder, "sdk");
    await install(sdk, ["@winnow/client"], tarballs);
    await writeFile(join(sdk, "use.js"), SDK_PROGRAM);
    const { stdout } = await execute(process.execPath, [join(sdk, "use.js"), inside("photos"), inside("embeddings.csv")], { cwd: sdk, env: { ...clean, WINNOW_SERVER_LOCATION: url, WINNOW_TOKEN: token } });
    // In the dataset's order; the file has that of picking.
    expect((JSON.parse(stdout) as string[]).toSorted()).toEqual((await readFile(inside("csv.txt"), "utf8")).trim().split("\n").toSorted());
    expect((await server.stop()).code).toBe(0);
  });

  it("curates a folder in one go", async () => {
    const started = await run(winnow, ["start", inside("photos"), "--select", "4", "--once", "--port", "0", "--data", inside("start"), "--out", inside("start.txt")], { ...clean, WINNOW_TOKEN: "token-of-a-stranger" });
    expect({ code: started.code, stderr: started.stderr }).toMatchObject({ code: 0 });
    expect((await readFile(inside("start.txt"), "utf8")).split("\n")).toHaveLength(5);
  });
});
