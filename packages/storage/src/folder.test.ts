import { mkdtemp, mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keepsBlobs } from "./blob-conformance.ts";
import { BlobNotFoundError, BlobTooLargeError, EmptyBlobError, InvalidKeyError } from "./errors.ts";
import { FolderStore } from "./folder.ts";

let root: string;
let store: FolderStore;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "winnow-blobs-"));
  store = new FolderStore(root);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
async function* pieces(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield bytes(text);
}
/** Every file below the store's folder. */
async function files(): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(root, { recursive: true })) if ((await stat(join(root, entry))).isFile()) found.push(entry);
  return found.toSorted();
}

test("what is written is read, whole and in parts", async () => {
  expect(await store.write("a/b/c.bin", pieces("hello ", "", "world"))).toBe(11);
  const read = async (range?: { start: number; end: number }) => (await buffer(await store.read("a/b/c.bin", range))).toString();
  expect(await read()).toBe("hello world");
  expect(await read({ start: 6, end: 10 })).toBe("world");
  expect(await read({ start: 0, end: 0 })).toBe("h");
  expect(await store.facts("a/b/c.bin")).toEqual({ sizeBytes: 11, modifiedMs: expect.any(Number) });
  expect(await store.facts("a/b")).toBeUndefined();
  expect(await store.facts("a/b/c.bin/d")).toBeUndefined();
  await expect(store.read("a/none")).rejects.toThrow(BlobNotFoundError);
  await expect(store.read("a/b")).rejects.toThrow(BlobNotFoundError);
});

test("readers see the old content until the new one is there whole", async () => {
  await store.write("swap", bytes("old"));
  let goOn: () => void = () => {};
  const pause = new Promise<void>((resolve) => (goOn = resolve));
  async function* slow(): AsyncIterable<Uint8Array> {
    yield bytes("new, but");
    await pause;
    yield bytes(" not yet");
  }
  const writing = store.write("swap", slow());
  expect(await readFile(store.localPath("swap"), "utf8")).toBe("old");
  goOn();
  await writing;
  expect(await readFile(store.localPath("swap"), "utf8")).toBe("new, but not yet");
});

test("a write that fails leaves nothing, and what was there stays", async () => {
  await store.write("kept", bytes("kept"));
  const before = await files();
  await expect(store.write("kept", pieces("12345", "678"), { sizeBytesMax: 7 })).rejects.toThrow(BlobTooLargeError);
  await expect(store.write("kept", pieces())).rejects.toThrow(EmptyBlobError);
  await expect(store.write("other", new Uint8Array())).rejects.toThrow(EmptyBlobError);
  const breaking = Readable.from((function* () {
    yield bytes("begin");
    throw new Error("the line broke");
  })());
  await expect(store.write("kept", breaking)).rejects.toThrow("the line broke");
  expect(await files()).toEqual(before);
  expect(await readFile(store.localPath("kept"), "utf8")).toBe("kept");
  expect(await store.write("limit", bytes("1234567"), { sizeBytesMax: 7 })).toBe(7);
  expect(await store.write("empty", pieces(), { allowEmpty: true })).toBe(0);
});

test("keys can't lead out of the store, nor to its unfinished files", async () => {
  for (const key of ["", "/", "/etc/passwd", "..", "../x", "a/../../x", "a/./b", "a//b", "a/", "a\0b", "a\\b", ".unfinished/x", ".unfinished"]) {
    expect(() => store.localPath(key), JSON.stringify(key)).toThrow(InvalidKeyError);
    await expect(store.write(key, bytes("x"))).rejects.toThrow(InvalidKeyError);
    await expect(store.removeAll(key)).rejects.toThrow(InvalidKeyError);
  }
  for (const key of ["..a", "a..", "...", ".hidden", "a:b", "ünïcode 猫"]) expect(await store.write(key, bytes("x"))).toBe(1);
});

test("moving and removing", async () => {
  await store.write("from/here", bytes("moved"));
  await store.move("from/here", "to/there/now");
  expect(await store.facts("from/here")).toBeUndefined();
  expect(await readFile(store.localPath("to/there/now"), "utf8")).toBe("moved");
  await expect(store.move("from/here", "x")).rejects.toThrow(BlobNotFoundError);
  await store.remove("to/there/now");
  await store.remove("to/there/now");
  await store.write("set/a/1", bytes("1"));
  await store.write("set/b", bytes("2"));
  await store.removeAll("set");
  await store.removeAll("set");
  expect(await store.facts("set/a/1")).toBeUndefined();
});

test("a folder that is removed while a file is being written doesn't break the write", async () => {
  async function* slow(): AsyncIterable<Uint8Array> {
    yield bytes("part");
    await store.removeAll("doomed");
    yield bytes(" and rest");
  }
  await store.write("doomed/first", bytes("x"));
  await store.write("doomed/second", slow());
  expect(await readFile(store.localPath("doomed/second"), "utf8")).toBe("part and rest");
});

test("many writers of one key: one of them wins, whole", async () => {
  const texts = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(5000));
  await Promise.all(texts.map((text) => store.write("contested", bytes(text))));
  expect(texts).toContain(await readFile(store.localPath("contested"), "utf8"));
});

test("what a killed process left unfinished is removed, and nothing else", async () => {
  const before = await files();
  await mkdir(join(root, ".unfinished"), { recursive: true });
  await writeFile(join(root, ".unfinished", "from a killed process"), "half");
  expect(await files()).toHaveLength(before.length + 1);
  await store.removeLeftovers();
  await store.removeLeftovers();
  expect(await files()).toEqual(before);
  await store.write("after", bytes("works"));
});

keepsBlobs("A folder", async () => {
  const folder = await mkdtemp(join(tmpdir(), "winnow-blobs-"));
  return { store: new FolderStore(folder), close: () => rm(folder, { recursive: true, force: true }) };
});
