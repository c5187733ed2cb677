import type { DatasourceRawSamplesData } from "@winnow/contract";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { folderConfig, listAll, names, setTime, writeFiles } from "../testing/datasource-scenes.ts";
import { scene } from "../testing/scenes.ts";
import { describeServer } from "../testing/server-under-test.ts";

const allowFolders: string[] = [];
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "winnow-listing-"));
  allowFolders.push(root);
});
afterAll(() => rm(root, { recursive: true }));

let made = 0;
async function folderWith(files: readonly string[] | Readonly<Record<string, string>>): Promise<string> {
  const folder = join(root, `folder ${++made}`);
  await writeFiles(folder, files);
  return folder;
}

describeServer("Listings of datasources", (server) => {
  async function connected(folder: string): Promise<string> {
    const { path } = await scene(server);
    await server.call("PUT", `${path}/datasource`, { body: folderConfig(folder) });
    return path;
  }
  const page = (path: string, query: Record<string, string | number | boolean> = {}, kind = "") => server.call<DatasourceRawSamplesData>("GET", `${path}/datasource/${kind}list`, { query });

  test("images and videos only, names with a dot left out, sorted by bytes, with addresses that work without token", async () => {
    const odd = ["a b/ü 猫 100%.jpg", "a#b?.png", "a+b&c=d.webp", "quo'te\"(1)!*.jpg"];
    const folder = await folderWith(["b.JPG", "a/z.mp4", "a.jpeg", "Z.tiff", "a-1.png", "z.hevc", ...odd, "notes.txt", "a/data.json", ".hidden.jpg", ".git/x.jpg", "a/.tmp/y.png", ".lightly/thumbnails/a_thumb.jpg", "no-extension", "a.jpg.bak"]);
    await symlink("/etc", join(folder, "out"));
    const path = await connected(folder);
    const rows = await listAll(server, path);
    const expected = ["b.JPG", "a/z.mp4", "a.jpeg", "Z.tiff", "a-1.png", "z.hevc", ...odd];
    expect(names(rows)).toEqual(expected.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    for (const { fileName, readUrl } of rows) {
      expect(readUrl).not.toContain(server.ownerToken);
      expect((await server.open(readUrl)).bytes.toString(), fileName).toBe(fileName);
    }
  });

  test("from and to count with both ends; a cursor carries them, and what changes meanwhile makes no difference", async () => {
    const folder = await folderWith(["a.jpg", "b.jpg", "c.jpg", "d.jpg"]);
    for (const [i, name] of ["a.jpg", "b.jpg", "c.jpg", "d.jpg"].entries()) await setTime(folder, name, 1_000 + 100 * i);
    const path = await connected(folder);
    expect(names(await listAll(server, path, "", { from: 1_100, to: 1_200 }))).toEqual(["b.jpg", "c.jpg"]);
    expect(names(await listAll(server, path, "", { from: 1_101, to: 1_199 }))).toEqual([]);
    expect(names(await listAll(server, path, "", { to: 1_000 }))).toEqual(["a.jpg"]);
    expect(names(await listAll(server, path, "", { from: 1_300 }))).toEqual(["d.jpg"]);
    expect(await page(path, { from: 9_999_999_999 })).toMatchObject({ data: [], hasMore: false });
    const { cursor } = await page(path, { from: 1_100, to: 1_200 });
    // An ended listing lists nothing more, whatever is asked beside its cursor.
    expect(await page(path, { cursor, from: 0, to: 9_999_999_999 })).toMatchObject({ data: [], hasMore: false });
    for (const [query, field] of [[{ from: -1 }, "from"], [{ to: "x" }, "to"], [{ from: 1.5 }, "from"]] as const) expect((await server.refusal("GET", `${path}/datasource/list`, { query })).message).toContain(`"${field}"`);
  });

  test("pages go on where they were after a restart of the server, and belong to one listing of one dataset", async () => {
    const folder = await folderWith(Array.from({ length: 12_000 }, (_, i) => `${i % 30}/${i}.jpg`));
    const path = await connected(folder);
    const first = await page(path);
    expect([first.data.length, first.hasMore]).toEqual([5_000, true]);
    await server.stop();
    await server.start();
    const rest: string[] = [];
    for (let { cursor, hasMore } = first; hasMore; ) {
      const next = await page(path, { cursor });
      rest.push(...names(next.data));
      ({ cursor, hasMore } = next);
    }
    const all = [...names(first.data), ...rest];
    expect(all).toHaveLength(12_000);
    expect(new Set(all).size).toBe(12_000);
    expect(all).toEqual(all.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    const other = await connected(folder);
    const forged = Buffer.from(JSON.stringify([1, ".lightly/", 0, 9e9, null])).toString("base64url");
    for (const [where, cursor] of [[`${other}/datasource/list`, first.cursor], [`${path}/datasource/metadata/list`, first.cursor], [`${path}/datasource/list`, forged], [`${path}/datasource/list`, `${first.cursor}x`], [`${path}/datasource/list`, "nothing"]] as const) {
      const { status, message } = await server.refusal("GET", where, { query: { cursor } });
      expect([status, message.includes('"cursor"')]).toEqual([400, true]);
    }
  });

  test("relevant files: names, patterns, missing ones, those of predictions and metadata", async () => {
    const json = (kind: string, names: readonly string[]) => Object.fromEntries(names.map((name) => [`.lightly/${kind}/${name}.json`, "{}"]));
    const folder = await folderWith({
      ...Object.fromEntries(["a.jpg", "b.png", "sub/c.jpg", "sub/c.png", "sub/d.jpg", "video.mp4", "other.mp4"].map((name) => [name, name])),
      ...json("predictions/task", ["schema", "a", "b", "sub/c", "sub/d", "video-001-mp4", "other-001-mp4", "video"]),
      ...json("predictions/task2", ["a"]),
      ...json("metadata", ["schema", "a", "sub/c", "video", "video-001-mp4"]),
      "names.txt": "b.png\r\n\nsub/c.jpg\nnowhere.jpg\nvideo.mp4\n.lightly/predictions/task/a.json\nnotes.txt\n",
      "patterns.txt": "sub/*.jpg\na.jpg\nvid*\n",
      ".lightly/relevant.txt": "a.jpg\n",
      "empty.txt": "\n\n",
      "binary.txt": "\u0000\u0001",
      "bad.txt": "../x.jpg\n",
      "notes.txt": "hello",
    });
    const path = await connected(folder);
    const listed = async (relevantFilenamesFileName: string, kind: "" | "predictions/" | "metadata/" = "", more = {}) => names(await listAll(server, path, kind, { relevantFilenamesFileName, ...more }));
    const task = { taskName: "task" };
    const p = (names: readonly string[]) => names.map((name) => `.lightly/predictions/task/${name}.json`);
    expect(await listed("names.txt")).toEqual(["b.png", "sub/c.jpg", "video.mp4"]);
    expect(await listed("names.txt", "", { from: 9_999_999_999 })).toEqual([]);
    expect(await listed("patterns.txt")).toEqual(["a.jpg", "sub/c.jpg", "sub/d.jpg", "video.mp4"]);
    expect(await listed(".lightly/relevant.txt")).toEqual(["a.jpg"]);
    expect(await listed("")).toHaveLength(7);
    expect(await listed("", "predictions/", task)).toEqual(p(["a", "b", "other-001-mp4", "sub/c", "sub/d", "video-001-mp4", "video"]));
    expect(await listed("names.txt", "predictions/", task)).toEqual(p(["b", "sub/c", "video-001-mp4", "video"]));
    expect(await listed("patterns.txt", "predictions/", task)).toEqual(p(["a", "sub/c", "sub/d", "video-001-mp4", "video"]));
    expect(await listed("", "predictions/", { taskName: "nothing" })).toEqual([]);
    expect(await listed("", "metadata/")).toEqual(["a", "sub/c", "video-001-mp4", "video"].map((name) => `.lightly/metadata/${name}.json`));
    expect(await listed("names.txt", "metadata/")).toEqual(["sub/c", "video-001-mp4", "video"].map((name) => `.lightly/metadata/${name}.json`));
    for (const wrong of ["no-such.txt", "../../etc/hostname", "/etc/hostname", "empty.txt", "binary.txt", "bad.txt", "sub"]) {
      const { status, code, message } = await server.refusal("GET", `${path}/datasource/list`, { query: { relevantFilenamesFileName: wrong } });
      expect([status, code, message.includes(wrong)], message).toEqual([400, "DATASET_DATASOURCE_RELEVANT_FILENAMES_INVALID", true]);
    }
    for (const taskName of ["../../x", "a/../b", "/x", "a b"]) expect((await server.refusal("GET", `${path}/datasource/predictions/list`, { query: { taskName } })).message).toContain('"taskName"');
  });

  test("a list of more names than are looked up one by one gives the same", async () => {
    const wanted = Array.from({ length: 2_500 }, (_, i) => `${i}.jpg`);
    const folder = await folderWith({ ...Object.fromEntries([...wanted.slice(0, 50), "x.jpg"].map((name) => [name, name])), "many.txt": wanted.join("\n"), "few.txt": wanted.slice(0, 1_500).join("\n") });
    const path = await connected(folder);
    const many = names(await listAll(server, path, "", { relevantFilenamesFileName: "many.txt" }));
    expect(many).toHaveLength(50);
    expect(names(await listAll(server, path, "", { relevantFilenamesFileName: "few.txt" }))).toEqual(many);
  });

  test("redirecting addresses are of this server, and good for longer", async () => {
    const path = await connected(await folderWith(["a.jpg"]));
    const [row] = await listAll(server, path, "", { useRedirectedReadUrl: true });
    expect((await server.open(row!.readUrl)).bytes.toString()).toBe("a.jpg");
    const expires = Number(new URL(row!.readUrl).searchParams.get("expires"));
    expect(expires - Date.now() / 1000).toBeGreaterThan(6 * 24 * 3600);
  });

  test("a folder that is gone is said by listing and check", async () => {
    const folder = await folderWith(["a.jpg"]);
    const path = await connected(folder);
    await rm(folder, { recursive: true });
    expect((await server.refusal("GET", `${path}/datasource/list`)).message).toContain("There is no folder");
    const check = await server.call<{ canList: boolean; errors: Record<string, string> }>("GET", `${path}/datasource/check`);
    expect([check.canList, check.errors["canList"]]).toEqual([false, expect.stringContaining("There is no folder")]);
  });

  test("a pair: samples from the input, predictions and relevant files below .lightly from the other", async () => {
    const [input, output] = [await folderWith({ "a.jpg": "input", "b.jpg": "input", "list.txt": "a.jpg" }), await folderWith({ ".lightly/predictions/t/a.json": "{}", ".lightly/list.txt": "b.jpg", "x.jpg": "output" })];
    const { path } = await scene(server);
    await server.call("PUT", `${path}/datasource`, { body: folderConfig(input, { purpose: "INPUT" }) });
    await server.call("PUT", `${path}/datasource`, { body: folderConfig(output, { purpose: "LIGHTLY" }) });
    expect(names(await listAll(server, path))).toEqual(["a.jpg", "b.jpg"]);
    expect(names(await listAll(server, path, "", { relevantFilenamesFileName: "list.txt" }))).toEqual(["a.jpg"]);
    expect(names(await listAll(server, path, "", { relevantFilenamesFileName: ".lightly/list.txt" }))).toEqual(["b.jpg"]);
    expect(names(await listAll(server, path, "predictions/", { taskName: "t" }))).toEqual([".lightly/predictions/t/a.json"]);
    expect(await server.call("GET", `${path}/datasource/verify`)).toEqual({ canRead: true, canWrite: true, canList: true, canOverwrite: true });
    expect(await server.call("GET", `${path}/datasource/check`, { query: { purpose: "INPUT" } })).toMatchObject({ canRead: true, canList: true, canWrite: false, errors: { canWrite: expect.stringContaining("only read") } });
    await rm(output, { recursive: true });
    const check = await server.call<{ canList: boolean; errors: Record<string, string> }>("GET", `${path}/datasource/check`);
    expect([check.canList, check.errors["canWrite"]]).toEqual([false, expect.stringContaining("LIGHTLY: ")]);
  });
}, { allowFolders });
