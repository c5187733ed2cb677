/** The main job as users run it: a folder of images in, the few worth labelling out. */
import { copyFileSync, cpSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ApiWorkflowClient, domains } from "@winnow/client";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { Program, bin, endAll, run, startScript, temporaryFolder, writePicture } from "./program.ts";

const token = "token-of-the-environment";
const env = { WINNOW_TOKEN: token };
const COUNT = 40;
/** A busy machine takes its time over several starts in a row. */
const PATIENCE_MS = 180_000;
vi.setConfig({ testTimeout: PATIENCE_MS });

let temporary: ReturnType<typeof temporaryFolder>;
let photos: string;
const inside = (...parts: string[]) => join(temporary.path, ...parts);
const lines = (path: string) => readFileSync(path, "utf8").split("\n").slice(0, -1);
const start = (folder: string, data: string, ...words: string[]) => run(bin, ["start", folder, "--once", "--port", "0", "--data", inside(data), ...words], env);

beforeAll(async () => {
  temporary = temporaryFolder();
  photos = inside("photos");
  await makePhotos(photos);
});
afterEach(endAll);
afterAll(() => temporary.remove());

/** 40 pictures in two folders, and beside them a copy, a cut file and a name that can't be used. */
async function makePhotos(folder: string): Promise<void> {
  for (let i = 0; i < COUNT; i++) await writePicture(join(folder, i % 2 ? "odd" : "even", `${i}.jpg`), i);
  copyFileSync(join(folder, "odd", "1.jpg"), join(folder, "odd", "copy.jpg"));
  copyFileSync(join(folder, "even", "0.jpg"), join(folder, "even", "cut.jpg"));
  truncateSync(join(folder, "even", "cut.jpg"), 900);
  copyFileSync(join(folder, "even", "2.jpg"), join(folder, "a, b.jpg"));
  writeFileSync(join(folder, "notes.txt"), "no image");
}

/** What is on the server in the end: names by ordinal, and whether all pictures can be read. */
async function dataset(data: string, name: string): Promise<{ names: string[]; tags: string[]; unreadable: string[] }> {
  const server = new Program(bin, ["server", "--data", inside(data), "--port", "0"], env);
  const client = new ApiWorkflowClient({ token, serverUrl: await server.url() });
  await client.setDatasetIdByName(name);
  const datasetId = await client.datasetId;
  const names = await client.getFilenames();
  const tags = (await client.getAllTags()).map((tag) => tag.name);
  const ids = await client.call(domains.mappings.getSampleMappingsByDatasetId, { path: { datasetId }, query: { field: "_id" } });
  const unreadable: string[] = [];
  for (const [ordinal, sampleId] of ids.entries()) {
    for (const type of ["full", "thumbnail"]) {
      const url = await client.call(domains.samples.getSampleImageReadUrlById, { path: { datasetId, sampleId }, query: { type } });
      const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
      const whole = type === "thumbnail" ? bytes.length > 100 : bytes.equals(readFileSync(join(photos, names[ordinal]!)));
      if (!whole) unreadable.push(`${names[ordinal]} ${type}`);
    }
  }
  await server.stop();
  return { names, tags, unreadable };
}

describe("a folder of the user's", () => {
  test("is curated, and the same again elsewhere", async () => {
    const first = await start(photos, "first", "--out", inside("first.txt"));
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toContain(`43 image files, 40 different images in the dataset "photos"`);
    expect(first.stdout).toMatch(/Broken: 1 .*\n {2}even\/cut\.jpg: the file is cut off/);
    expect(first.stdout).toMatch(/Exact duplicates: 1 .*\n {2}odd\/copy\.jpg = odd\/1\.jpg/);
    expect(first.stdout).toMatch(/Left out: 1\n {2}a, b\.jpg: its name has a comma/);
    expect(first.stdout).toMatch(/Selected: 4 of 40 by coreset/);
    expect(first.stdout).not.toContain(token);
    for (const stage of ["Looking through the folder", "Checking and measuring", "Embedding", "Finding near-duplicates", "Uploading to the dataset", "Uploading the vectors", "Selecting"]) {
      expect(first.stderr).toContain(`${stage}: `);
    }
    const picks = lines(inside("first.txt"));
    expect(picks).toHaveLength(4);
    for (const path of picks) expect(existsSync(join(photos, path))).toBe(true);
    const { names, tags, unreadable } = await dataset("first", "photos");
    expect(names).toEqual([...names].sort());
    expect(names).toHaveLength(COUNT);
    expect(unreadable).toEqual([]);
    expect(tags.toSorted()).toEqual([expect.stringMatching(/^coreset 4 of 40 - /), "initial-tag"]);

    const elsewhere = await start(photos, "elsewhere", "--out", inside("elsewhere.txt"));
    expect(elsewhere.code).toBe(0);
    expect(lines(inside("elsewhere.txt"))).toEqual(picks);
  });

  test("nothing new: said so, and nothing done", async () => {
    const vectors = statSync(inside("first/start/vectors")).mtimeMs;
    const again = await start(photos, "first", "--out", inside("again.txt"));
    expect(again.code).toBe(0);
    expect(again.stderr).toMatch(/Nothing new: 40 images as before/);
    expect(again.stderr).not.toMatch(/Checking|Embedding|Uploading|Selecting/);
    expect(statSync(inside("first/start/vectors")).mtimeMs).toBe(vectors);
    expect(lines(inside("again.txt"))).toEqual(lines(inside("first.txt")));
  });

  test("files that were added: only they are read, and the earlier picks stay", async () => {
    const growing = inside("growing");
    cpSync(photos, growing, { recursive: true });
    const words = ["--name", "growing one", "--out", inside("growing.txt")];
    expect(await start(growing, "first", ...words)).toMatchObject({ code: 0, stderr: expect.not.stringContaining("Embedding: 40") });
    const before = lines(inside("growing.txt"));
    expect(before).toEqual(lines(inside("first.txt")));

    for (let i = 0; i < 20; i++) await writePicture(join(growing, "added", `${i}.jpg`), 100 + i);
    rmSync(join(growing, before[1]!));
    const more = await start(growing, "first", ...words);
    expect(more).toMatchObject({ code: 0 });
    expect(more.stderr).toMatch(/Checking and measuring: 20 new or changed images/);
    expect(more.stderr).toMatch(/Embedding: 20 images/);
    expect(more.stdout).toMatch(/Selected: 6 of 60 by coreset: 4 chosen earlier, 2 added/);
    expect(more.stdout).toContain(`No longer in the folder: 1 (kept in the dataset)\n  ${before[1]}`);
    const after = lines(inside("growing.txt"));
    expect(after.slice(0, 3)).toEqual(before.toSpliced(1, 1));
    expect(after).toHaveLength(5);
  });

  test("killed at one moment after another, it goes on and ends as if nothing had happened", async () => {
    const words = ["start", photos, "--once", "--port", "0", "--data", inside("killed"), "--out", inside("killed.txt")];
    const stages = ["Looking through the folder", "Checking and measuring", "Embedding", "Finding near-duplicates", "Uploading to the dataset", "Uploading the vectors"];
    // A while after each stage's end, or a later one's where a run was faster than its kill.
    const moments = [/listens at/, ...stages.map((_, i) => new RegExp(`^(${stages.slice(i).join("|")}): `, "m"))];
    let kills = 0;
    for (const [i, after] of moments.entries()) {
      const program = new Program(bin, words, env);
      if (!(await program.until(after))) continue;
      await new Promise((resolve) => setTimeout(resolve, (i * 17) % 50));
      if ((await program.stop("SIGKILL")).signal === "SIGKILL") kills++;
    }
    expect(kills).toBeGreaterThanOrEqual(3);
    const { code, stderr } = await run(bin, words, env);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(lines(inside("killed.txt"))).toEqual(lines(inside("first.txt")));
    const { names, tags, unreadable } = await dataset("killed", "photos");
    expect(names).toEqual([...names].sort());
    expect(names).toHaveLength(COUNT);
    expect(unreadable).toEqual([]);
    expect(tags).toHaveLength(2);
  });

  test("stopped by Ctrl-C in the middle: says what to do, and is not a success", async () => {
    const program = new Program(bin, ["start", photos, "--port", "0", "--data", inside("stopped")], env);
    await program.until(/Looking through the folder: /);
    const { code, stderr } = await program.stop("SIGINT");
    expect(code).toBe(130);
    expect(stderr).toMatch(/Run the same command again: it goes on where it was/);
  });

  test("other options, random picks, a data folder in use", async () => {
    const program = new Program(bin, ["start", photos, "--method", "random", "--select", "7", "--name", "seven", "--port", "0", "--data", inside("first"), "--out", inside("seven.txt")], env);
    await program.until(/Running until Ctrl-C/);
    expect(program.stdout).toMatch(/Selected: 7 of 40 by random/);
    expect(program.stdout).toMatch(/Open http:\/\/127\.0\.0\.1:\d+ with the token from WINNOW_TOKEN/);
    // Vectors are kept by content: another dataset of the same images needs none anew.
    expect(program.stderr).not.toMatch(/Embedding: 40 images/);
    const second = await start(photos, "first");
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/Another server \(process \d+\) already uses the data folder/);
    expect((await program.stop("SIGINT")).code).toBe(0);
    expect(lines(inside("seven.txt"))).toHaveLength(7);
  });
});

test("without a folder: the demo, through npm's script, with its own token on the second start", async () => {
  const words = ["--port", "0", "--data", inside("demo-data")];
  const first = await run(startScript, ["--once", ...words]);
  expect(first).toMatchObject({ code: 0 });
  expect(first.stdout).toMatch(/Your token, shown this once/);
  expect(first.stdout).toMatch(/Broken: 1 /);
  expect(first.stdout).toMatch(/Exact duplicates: 4 /);
  expect(first.stdout).toMatch(/Selected: 6 of 55 by coreset/);

  const second = new Program(startScript, words);
  const [, url, shown] = (await second.until(/Open (http:\S+)\/#token=(\w+)/))!;
  expect((await fetch(`${url}/v1/datasets?token=${shown}`)).status).toBe(200);
  expect(statSync(inside("demo-data/start/token")).mode & 0o777).toBe(0o600);
  expect(second.stderr).toMatch(/Nothing new: 55 images/);
  expect(second.stderr).not.toMatch(/Drawing/);
  expect((await second.stop("SIGTERM")).code).toBe(0);
});
