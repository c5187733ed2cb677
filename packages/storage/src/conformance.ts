/**
 * What every source must do, whatever stands behind it. Each provider's test calls this once with a server that speaks
 * the provider's protocol, and adds only what is special to the provider.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SourceError } from "./source-error.ts";
import type { Source, SourceEntry } from "./source.ts";

/** One provider under test. */
export interface Stand {
  /** A source over an empty place. Called again for every "restart": all sources made see the same files. */
  open(): Source | Promise<Source>;
  /** Puts a file there, not necessarily through the source: some sources only read. */
  put(path: string, content: Uint8Array): Promise<void>;
  /** Puts many small files; default: `put` for each. */
  putMany?(paths: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface Expectations {
  /** Files in the listing over many keys; more than one page of the provider. */
  readonly manyKeys: number;
  /** "near bytes": the server in the test sorts characters beyond U+FFFF in another place. Default: "bytes". */
  readonly order?: "bytes" | "near bytes";
  /** Whether the source can write. Default: true. */
  readonly writes?: boolean;
  /** Whether addresses are signed: expired and changed ones must be refused. Default: "refused". */
  readonly signatures?: "refused" | "none";
}

const oddNames = [
  "with space.jpg",
  "ümläut-é-日本語.jpg",
  "astral-😀-\uff5e.jpg",
  "100%.jpg",
  "%41%2F.jpg",
  "a+b=c&d.jpg",
  "#hash?question.jpg",
  "quote'single\"double`back.jpg",
  "semi;colon:at@dollar$.jpg",
  "(brackets) [square] {curly}!*~.jpg",
  "<angle>&amp;.jpg",
  "folder with space/déjà vu/ü+%20.jpg",
] as const;

export function conforms(name: string, stand: () => Promise<Stand>, expectations: Expectations): void {
  const { manyKeys, order = "bytes", writes = true, signatures = "refused" } = expectations;
  describe(`${name} is a source`, () => {
    let place: Stand;
    let source: Source;
    const content = Buffer.from("0123456789abcdefghij");
    beforeAll(async () => {
      place = await stand();
      source = await place.open();
    });
    afterAll(async () => {
      source?.close();
      await place?.close();
    });

    it("lists nothing where there is nothing", async () => {
      expect(await source.list({ limit: 10 })).toMatchObject({ entries: [], hasMore: false });
    });

    it("reads ranges, both ends included", async () => {
      await place.put("ranges/a.bin", content);
      const text = async (range?: { start: number; end: number }) => (await buffer(await source.read("ranges/a.bin", range))).toString();
      expect(await text()).toBe(content.toString());
      expect(await text({ start: 0, end: 0 })).toBe("0");
      expect(await text({ start: 3, end: 7 })).toBe("34567");
      expect(await text({ start: 15, end: 19 })).toBe("fghij");
      expect(await text({ start: 15, end: 400 })).toBe("fghij");
      expect(await text({ start: 20, end: 30 })).toBe("");
    });

    it("says what a file is, and that one is missing", async () => {
      await place.put("facts/a.bin", content);
      const facts = await source.facts("facts/a.bin");
      expect(facts?.sizeBytes).toBe(content.length);
      expect(Math.abs((facts?.modifiedMs ?? 0) - Date.now())).toBeLessThan(120_000);
      expect(await source.facts("facts/b.bin")).toBeUndefined();
      expect(await source.facts("facts")).toBeUndefined();
      await expect(source.read("facts/b.bin")).rejects.toMatchObject({ name: "SourceError", kind: "path", path: "facts/b.bin" });
    });

    it.each(["", "/etc/passwd", "../a", "a/../b", "a//b", "./a", "a/", "a\0b"])("refuses the path %j", async (path) => {
      await expect(source.read(path)).rejects.toMatchObject({ name: "SourceError", kind: "path" });
      await expect(source.facts(path)).rejects.toMatchObject({ name: "SourceError", kind: "path" });
      await expect(source.readUrl(path, 60)).rejects.toMatchObject({ name: "SourceError", kind: "path" });
      if (writes) await expect(source.write(path, content)).rejects.toMatchObject({ name: "SourceError", kind: "path" });
    });

    it("keeps odd names as they are", async () => {
      const names = oddNames.map((one) => `odd/${one}`);
      for (const one of names) {
        if (writes) await source.write(one, Buffer.from(one));
        else await place.put(one, Buffer.from(one));
      }
      const listed = await all(source, { prefix: "odd/", limit: 5 });
      expect(listed.map(({ path }) => path)).toEqual([...names].sort(byBytes));
      for (const one of names) {
        expect((await buffer(await source.read(one))).toString()).toBe(one);
        expect((await source.facts(one))?.sizeBytes).toBe(Buffer.byteLength(one));
        const answer = await fetch(await source.readUrl(one, 60));
        expect({ one, status: answer.status, text: await answer.text() }).toEqual({ one, status: 200, text: one });
      }
    });

    it("sorts by bytes and pages through many files, also across a restart", async () => {
      const paths = manyPaths(manyKeys);
      await (place.putMany?.(paths) ?? inTurns(paths, (path) => place.put(path, Buffer.from("x"))));
      const found: SourceEntry[] = [];
      let cursor: string | undefined;
      let pages = 0;
      for (let reader: Source = source, hasMore = true; hasMore; pages++) {
        const page = await reader.list({ prefix: "many/", limit: Math.ceil(manyKeys / 4.5), ...(cursor !== undefined && { cursor }) });
        found.push(...page.entries);
        ({ cursor, hasMore } = page);
        // A new source knows nothing of the old one's walk.
        if (pages % 2 === 0) reader = await place.open();
      }
      const listed = found.map(({ path }) => path);
      const sorted = [...paths].sort(byBytes);
      if (order === "bytes") expect(listed).toEqual(sorted);
      else {
        expect([...listed].sort(byBytes)).toEqual(sorted);
        expect(listed.filter((path) => !path.includes("😀"))).toEqual(sorted.filter((path) => !path.includes("😀")));
      }
      expect(pages).toBeGreaterThanOrEqual(4);
      for (const { sizeBytes, modifiedMs } of found) expect([sizeBytes ?? 1, modifiedMs > 0]).toEqual([1, true]);
    });

    it("lists the same page again for the same cursor, and nothing behind the end", async () => {
      for (const one of ["a", "b", "c"]) await place.put(`twice/${one}`, content);
      const first = await source.list({ prefix: "twice/", limit: 1 });
      expect(first.entries.map(({ path }) => path)).toEqual(["twice/a"]);
      const once = await source.list({ cursor: first.cursor, limit: 1 });
      expect(once.entries.map(({ path }) => path)).toEqual(["twice/b"]);
      expect((await source.list({ cursor: first.cursor, limit: 1 })).entries).toEqual(once.entries);
      let last = once;
      while (last.hasMore) last = await source.list({ cursor: last.cursor, limit: 5 });
      expect(await source.list({ cursor: last.cursor, limit: 5 })).toMatchObject({ entries: [], hasMore: false });
    });

    it("takes a prefix as text, not as a folder", async () => {
      for (const one of ["prefix/ab.jpg", "prefix/abc/d.jpg", "prefix/b.jpg"]) await place.put(one, content);
      expect((await all(source, { prefix: "prefix/ab", limit: 10 })).map(({ path }) => path)).toEqual(["prefix/ab.jpg", "prefix/abc/d.jpg"]);
      expect(await all(source, { prefix: "prefix/none", limit: 10 })).toEqual([]);
    });

    it("leaves names with a leading dot out unless the prefix asks for them", async () => {
      for (const one of ["dots/a.jpg", "dots/.hidden.jpg", "dots/.lightly/metadata/a.json", "dots/b/.c/d.jpg", "dots/z.jpg"]) await place.put(one, content);
      expect((await all(source, { prefix: "dots/", limit: 2 })).map(({ path }) => path)).toEqual(["dots/a.jpg", "dots/z.jpg"]);
      expect((await all(source, { prefix: "dots/.lightly/", limit: 2 })).map(({ path }) => path)).toEqual(["dots/.lightly/metadata/a.json"]);
    });

    it("lists by time of change, both ends included, the end fixed by the first page", async () => {
      await place.put("times/old.jpg", content);
      await sleep(1_100);
      await place.put("times/mid-1.jpg", content);
      await place.put("times/mid-2.jpg", content);
      const seconds = async (path: string) => Math.floor(((await source.facts(path))?.modifiedMs ?? 0) / 1000);
      const [old, mid] = [await seconds("times/old.jpg"), await seconds("times/mid-2.jpg")];
      const names = async (range: { fromSeconds?: number; toSeconds?: number }) => (await all(source, { prefix: "times/", limit: 1, ...range })).map(({ path }) => path);
      expect(await names({ toSeconds: old })).toEqual(["times/old.jpg"]);
      expect(await names({ fromSeconds: old, toSeconds: mid })).toEqual(["times/mid-1.jpg", "times/mid-2.jpg", "times/old.jpg"]);
      expect(await names({ fromSeconds: mid, toSeconds: mid })).toContain("times/mid-2.jpg");
      expect(await names({ fromSeconds: mid + 1 })).toEqual([]);
      expect(await names({ toSeconds: old - 1 })).toEqual([]);
      const first = await source.list({ prefix: "times/", limit: 1 });
      await sleep(1_100);
      await place.put("times/new.jpg", content);
      const rest = await all(source, { cursor: first.cursor, limit: 1 });
      expect([...first.entries, ...rest].map(({ path }) => path)).toEqual(["times/mid-1.jpg", "times/mid-2.jpg", "times/old.jpg"]);
    });

    it.each(["x", "{}", "a cursor", Buffer.from("[1]").toString("base64url"), Buffer.from('[9,"",0,1,null]').toString("base64url")])("refuses the cursor %j", async (cursor) => {
      await expect(source.list({ cursor, limit: 1 })).rejects.toMatchObject({ name: "SourceError", kind: "cursor" });
    });

    it.each([0, -1, 1.5, Number.NaN, 1e9])("refuses the limit %d", async (limit) => {
      await expect(source.list({ limit })).rejects.toThrow(RangeError);
    });

    it("stops at a signal", async () => {
      await expect(source.list({ limit: 1, signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
    });

    it("verifies", async () => {
      const found = await source.verify();
      expect(found).toEqual({ canRead: true, canList: true, canWrite: writes, canOverwrite: writes, ...(writes ? {} : { errors: { canWrite: expect.any(String), canOverwrite: expect.any(String) } }) });
      expect(await all(source, { prefix: ".lightly/.winnow", limit: 10 })).toEqual([]);
      expect(await source.verify({ tryWrite: false })).toMatchObject({ canRead: true, canList: true, canWrite: false, canOverwrite: false });
    });

    it("makes read addresses, and write addresses that take one file", async () => {
      await place.put("urls/a b.bin", content);
      expect(source.urls.neverExpires).toBe(signatures === "none");
      const address = await source.readUrl("urls/a b.bin", 60);
      expect(await (await fetch(address)).text()).toBe(content.toString());
      await expect(source.readUrl("urls/a b.bin", 0)).rejects.toThrow(RangeError);
      await expect(source.readUrl("urls/a b.bin", source.urls.secondsMax + 1)).rejects.toThrow(RangeError);
      if (signatures === "refused") expect((await fetch(address.replace("a%20b.bin", "a.bin"))).status).toBeGreaterThanOrEqual(400);
      if (!writes) return;
      expect(await putTo(source, await source.writeUrl("urls/w é.bin", 60))).toBeLessThan(300);
      expect((await buffer(await source.read("urls/w é.bin"))).toString()).toBe("through the address");
      if (signatures === "refused") {
        expect(await putTo(source, (await source.writeUrl("urls/one.bin", 60)).replace("one.bin", "two.bin"))).toBeGreaterThanOrEqual(400);
        expect(await putTo(source, await source.readUrl("urls/three.bin", 60))).toBeGreaterThanOrEqual(400);
      }
      expect((await all(source, { prefix: "urls/", limit: 10 })).map(({ path }) => path)).toEqual(["urls/a b.bin", "urls/w é.bin"]);
    });

    it.skipIf(signatures === "none")("makes addresses that end", async () => {
      await place.put("ending/a.bin", content);
      const [reading, writing] = [await source.readUrl("ending/a.bin", 1), await source.writeUrl("ending/late.bin", 1)];
      await sleep(2_100);
      expect((await fetch(reading)).status).toBeGreaterThanOrEqual(400);
      expect(await putTo(source, writing)).toBeGreaterThanOrEqual(400);
      expect(await source.facts("ending/late.bin")).toBeUndefined();
    });

    if (!writes) {
      it("says that it can't be written to", async () => {
        await expect(source.write("written.bin", content)).rejects.toMatchObject({ name: "SourceError", kind: "permission" });
      });
      return;
    }

    it("writes bytes and streams, over what is there", async () => {
      await source.write("write/a.bin", content);
      await source.write("write/a.bin", chunks(["new ", "", "content"]));
      expect((await buffer(await source.read("write/a.bin"))).toString()).toBe("new content");
      await source.write("write/empty.bin", new Uint8Array());
      expect((await source.facts("write/empty.bin"))?.sizeBytes).toBe(0);
      expect((await buffer(await source.read("write/empty.bin"))).length).toBe(0);
    });

    it("writes content larger than one part", async () => {
      const block = Buffer.alloc(1 << 20, 7);
      await source.write("write/large.bin", chunks(Array.from({ length: 19 }, () => block)));
      expect((await source.facts("write/large.bin"))?.sizeBytes).toBe(19 << 20);
      const tail = await buffer(await source.read("write/large.bin", { start: (19 << 20) - 2, end: 19 << 20 }));
      expect([...tail]).toEqual([7, 7]);
      await source.remove("write/large.bin");
    });

    it.each([1, 12])("leaves nothing behind when the content breaks off after %d MiB", async (blocks) => {
      await source.write("broken/there.bin", content);
      for (const path of ["broken/there.bin", "broken/new.bin"]) {
        const breaking = async function* () {
          for (let i = 0; i < blocks; i++) yield Buffer.alloc(1 << 20);
          throw new Error("the content broke off");
        };
        await expect(source.write(path, breaking())).rejects.toThrow("the content broke off");
      }
      expect((await buffer(await source.read("broken/there.bin"))).toString()).toBe(content.toString());
      expect(await source.facts("broken/new.bin")).toBeUndefined();
      expect((await all(source, { prefix: "broken/", limit: 10 })).map(({ path }) => path)).toEqual(["broken/there.bin"]);
    });

    it("removes, also what is not there", async () => {
      await source.write("remove/a.bin", content);
      await source.remove("remove/a.bin");
      await source.remove("remove/a.bin");
      expect(await source.facts("remove/a.bin")).toBeUndefined();
    });
  });
}

async function putTo(source: Source, address: string): Promise<number> {
  return (await fetch(address, { method: "PUT", body: "through the address", headers: source.urls.writeHeaders })).status;
}

/** Every entry of a listing. */
export async function all(source: Source, options: Parameters<Source["list"]>[0]): Promise<SourceEntry[]> {
  const entries: SourceEntry[] = [];
  for (let cursor = options.cursor, hasMore = true; hasMore; ) {
    const page = await source.list({ ...options, ...(cursor !== undefined && { cursor }) });
    entries.push(...page.entries);
    ({ cursor, hasMore } = page);
    expect(page.entries.length).toBeLessThanOrEqual(options.limit);
  }
  return entries;
}

/** Runs something for each, some at a time. */
export async function inTurns<T>(items: readonly T[], run: (item: T) => Promise<unknown>, atOnce = 16): Promise<void> {
  for (let start = 0; start < items.length; start += atOnce) await Promise.all(items.slice(start, start + atOnce).map(run));
}

/** Checks that a promise fails with a SourceError of a kind whose message holds none of the secrets. */
export async function failsWith(promise: Promise<unknown>, kind: SourceError["kind"], secrets: readonly string[] = []): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SourceError);
  expect((error as SourceError).kind, (error as SourceError).message).toBe(kind);
  for (const secret of secrets) expect((error as SourceError).message).not.toContain(secret);
  return (error as SourceError).message;
}

/** Names around a folder whose slash sorts between "." and "0", so that order by names and order by paths differ. */
function manyPaths(count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const number = String(i).padStart(6, "0");
    return ["many/", "many/b-c/", "many/b/", "many/b/d/", "many/b.c/"][i % 5] + (i % 7 === 0 ? `\uff5e${number}` : i % 11 === 0 ? `😀${number}` : number);
  });
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

async function* chunks(parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}
