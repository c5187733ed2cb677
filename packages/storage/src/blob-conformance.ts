/** What every store of blobs must do, whatever stands behind it. Each store's test calls this with a store of its own. */
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BlobStore } from "./blob-store.ts";
import { BlobNotFoundError, BlobTooLargeError, EmptyBlobError, InvalidKeyError } from "./errors.ts";

export interface BlobStand {
  readonly store: BlobStore;
  close(): Promise<void>;
}

const bytes = (text: string) => new TextEncoder().encode(text);

async function* pieces(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield bytes(text);
}

export function keepsBlobs(name: string, stand: () => Promise<BlobStand>): void {
  describe(`${name} keeps blobs`, () => {
    let place: BlobStand;
    let store: BlobStore;
    beforeAll(async () => {
      place = await stand();
      store = place.store;
    });
    afterAll(() => place?.close());
    const textOf = async (key: string, range?: { start: number; end: number }) => (await buffer(await store.read(key, range))).toString();

    it("what is written is read, whole and in parts", async () => {
      expect(await store.write("a/b/c.bin", pieces("hello ", "", "world"))).toBe(11);
      expect(await textOf("a/b/c.bin")).toBe("hello world");
      expect(await textOf("a/b/c.bin", { start: 6, end: 10 })).toBe("world");
      expect(await textOf("a/b/c.bin", { start: 0, end: 0 })).toBe("h");
      expect(await store.facts("a/b/c.bin")).toMatchObject({ sizeBytes: 11, modifiedMs: expect.any(Number) });
      expect(await store.facts("a/b")).toBeUndefined();
      expect(await store.facts("a/none")).toBeUndefined();
      await expect(store.read("a/none")).rejects.toThrow(BlobNotFoundError);
      await expect(store.open("a/none")).rejects.toThrow(BlobNotFoundError);
      await store.write("a/b/c.bin", bytes("over it"));
      expect(await textOf("a/b/c.bin")).toBe("over it");
    });

    it("a write that fails leaves nothing, and what was there stays", async () => {
      await store.write("kept", bytes("kept"));
      await expect(store.write("kept", pieces("12345", "678"), { sizeBytesMax: 7 })).rejects.toThrow(BlobTooLargeError);
      await expect(store.write("kept", pieces())).rejects.toThrow(EmptyBlobError);
      await expect(store.write("other", new Uint8Array())).rejects.toThrow(EmptyBlobError);
      const breaking = Readable.from((function* () {
        yield bytes("begin");
        throw new Error("the line broke");
      })());
      await expect(store.write("kept", breaking)).rejects.toThrow("the line broke");
      expect(await textOf("kept")).toBe("kept");
      expect(await store.facts("other")).toBeUndefined();
      expect(await store.write("limit", bytes("1234567"), { sizeBytesMax: 7 })).toBe(7);
      expect(await store.write("empty", pieces(), { allowEmpty: true })).toBe(0);
      expect(await store.facts("empty")).toMatchObject({ sizeBytes: 0 });
    });

    it("what is too large is refused after many chunks as well", async () => {
      const chunk = new Uint8Array(1 << 20);
      async function* many(): AsyncIterable<Uint8Array> {
        for (let i = 0; i < 20; i++) yield chunk;
      }
      await expect(store.write("large", many(), { sizeBytesMax: 19 << 20 })).rejects.toThrow(BlobTooLargeError);
      expect(await store.facts("large")).toBeUndefined();
      expect(await store.write("large", many(), { sizeBytesMax: 20 << 20 })).toBe(20 << 20);
      await store.remove("large");
    });

    it("keys can't lead out of the store", async () => {
      for (const key of ["", "/", "/etc/passwd", "..", "../x", "a/../../x", "a/./b", "a//b", "a/", "a\0b", "a\\b", ".unfinished/x"]) {
        await expect(store.write(key, bytes("x")), JSON.stringify(key)).rejects.toThrow(InvalidKeyError);
        await expect(store.removeAll(key)).rejects.toThrow(InvalidKeyError);
        await expect(store.move("kept", key)).rejects.toThrow(InvalidKeyError);
        await expect((async () => store.read(key))()).rejects.toThrow(InvalidKeyError);
      }
      for (const key of ["..a", "a..", "...", "a b+c%41", "ünïcode 猫"]) {
        expect(await store.write(key, bytes(key))).toBe(Buffer.byteLength(key));
        expect(await textOf(key)).toBe(key);
      }
    });

    it("moves, also over what is there", async () => {
      await store.write("from/here ü", bytes("moved"));
      await store.write("to/there", bytes("in the way"));
      await store.move("from/here ü", "to/there");
      expect(await store.facts("from/here ü")).toBeUndefined();
      expect(await textOf("to/there")).toBe("moved");
      await expect(store.move("from/here ü", "x")).rejects.toThrow(BlobNotFoundError);
    });

    it("removes one, and all below a prefix but nothing beside it", async () => {
      await store.write("one", bytes("1"));
      await store.remove("one");
      await store.remove("one");
      expect(await store.facts("one")).toBeUndefined();
      const inside = Array.from({ length: 40 }, (_, i) => `set/${i % 5}/${i}`);
      await Promise.all([...inside, "settings", "set.txt", "other/set/1"].map((key) => store.write(key, bytes("x"))));
      await store.removeAll("set");
      await store.removeAll("set");
      for (const key of inside) expect(await store.facts(key)).toBeUndefined();
      for (const key of ["settings", "set.txt", "other/set/1"]) expect(await store.facts(key)).toMatchObject({ sizeBytes: 1 });
    });

    it("opens a blob as a local file, with the content that it has now", async () => {
      for (const content of ["first content", "second text!!"]) {
        await store.write("opened", bytes(content));
        // A second time it may come from a copy.
        for (let i = 0; i < 2; i++) {
          const file = await store.open("opened");
          try {
            const part = Buffer.alloc(6);
            await file.read(part, 0, 6, 7);
            expect(part.toString()).toBe(content.slice(7, 13));
            expect((await file.stat()).size).toBe(content.length);
          } finally {
            await file.close();
          }
        }
      }
    });

    it("everything below a prefix is listed once, and nothing else", async () => {
      const contents: Record<string, string> = { "list/a.bin": "a", "list/deep/er/b.bin": "bb", "list/c d/é.bin": "ccc", "listed.bin": "x" };
      for (const [key, text] of Object.entries(contents)) await store.write(key, bytes(text));
      const listed = async (prefix: string) => {
        const entries: [string, number][] = [];
        for await (const { key, sizeBytes, modifiedMs } of store.list(prefix)) {
          expect(Math.abs(Date.now() - modifiedMs)).toBeLessThan(120_000);
          entries.push([key, sizeBytes]);
        }
        return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
      };
      expect(await listed("list")).toEqual([["list/a.bin", 1], ["list/c d/é.bin", 3], ["list/deep/er/b.bin", 2]]);
      expect(await listed("list/deep")).toEqual([["list/deep/er/b.bin", 2]]);
      expect(await listed("none")).toEqual([]);
      expect((await listed("")).map(([key]) => key)).toEqual(expect.arrayContaining(Object.keys(contents)));
    });

    it("what is not there, or was removed, is told so and nothing else", async () => {
      for (let time = 0; time < 20; time++) {
        await store.write("soon/gone", bytes("x".repeat(1_000)));
        const reads = [textOf("soon/gone"), store.remove("soon/gone"), textOf("soon/gone"), textOf("soon/gone")];
        for (const read of await Promise.allSettled(reads)) {
          if (read.status === "rejected") expect(read.reason).toBeInstanceOf(BlobNotFoundError);
        }
      }
    });

    it("what is written anew is read as it was or as it is, never half", async () => {
      const contents = ["a".repeat(300_000), "b".repeat(1_000)];
      await store.write("anew", bytes(contents[0]!));
      let writing = true;
      const read = async (): Promise<void> => {
        while (writing) expect(contents).toContain(await textOf("anew"));
      };
      const readers = [read(), read(), read()];
      try {
        for (let time = 1; time <= 20; time++) await store.write("anew", bytes(contents[time % 2]!));
      } finally {
        writing = false;
      }
      await Promise.all(readers);
    });

    it("many writers of one key: one of them wins, whole", async () => {
      const texts = Array.from({ length: 12 }, (_, i) => `${i % 10}`.repeat(5000));
      await Promise.all(texts.map((text) => store.write("contested", bytes(text))));
      expect(texts).toContain(await textOf("contested"));
    });
  });
}
