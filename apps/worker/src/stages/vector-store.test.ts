import { appendFileSync, readFileSync, truncateSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Entry, VectorStore } from "./vector-store.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-vectors-"));
});
afterEach(() => rm(folder, { recursive: true }));

const item = (name: string): Entry => ({ kind: "item", item: { fileName: name }, hash: `hash of ${name}` });

it("keeps what was appended, and gives rows back in any order", () => {
  const store = new VectorStore(folder, "space", 2);
  store.append([item("a"), { kind: "broken", name: "b", reason: "so" }, item("c")], Float32Array.of(1, 2, 3, 4));
  store.append([item("d")], Float32Array.of(5, 6));
  expect(() => store.append([item("e")], new Float32Array(4))).toThrow("1 items need 2 values, got 4");
  const read = new Float32Array(10);
  store.read([2, 0, 1], read, 1);
  expect([...read]).toEqual([0, 0, 5, 6, 1, 2, 3, 4, 0, 0]);
  store.close();
  const again = new VectorStore(folder, "space", 2);
  expect(again.entries).toHaveLength(4);
  expect(again.rows).toBe(3);
  again.close();
  expect(VectorStore.existing(folder, 3)).toBeUndefined();
  const found = VectorStore.existing(folder, 2)!;
  expect(found.rows).toBe(3);
  found.close();
});

it("begins anew for another space", () => {
  const store = new VectorStore(folder, "one", 2);
  store.append([item("a")], Float32Array.of(1, 2));
  store.close();
  const other = new VectorStore(folder, "two", 2);
  expect(other.entries).toEqual([]);
  other.close();
});

it("recovers from being cut anywhere: what it lists is whole, and it goes on", () => {
  fc.assert(
    fc.property(fc.nat(400), fc.nat(64), (journal, vectors) => {
      const store = new VectorStore(folder, `space ${journal} ${vectors}`, 2);
      for (let i = 0; i < 6; i++) store.append([item(`ö${i}`), { kind: "duplicate", name: `copy ${i}`, of: `ö${i}` }], Float32Array.of(i, -i));
      store.close();
      for (const [file, bytes] of [["items.jsonl", journal], ["vectors.f32", vectors]] as const) {
        const path = join(folder, file);
        truncateSync(path, Math.max(file === "items.jsonl" ? readFileSync(path).indexOf(10) + 1 : 0, readFileSync(path).length - bytes));
      }
      const cut = new VectorStore(folder, `space ${journal} ${vectors}`, 2);
      const rows = cut.rows;
      expect(cut.entries.filter(({ kind }) => kind === "item")).toHaveLength(rows);
      const read = new Float32Array(2 * rows);
      cut.read(Array.from({ length: rows }, (_, i) => i), read, 0);
      expect([...read]).toEqual(Array.from({ length: rows }, (_, i) => [i, -i]).flat());
      cut.append([item("later")], Float32Array.of(7, 8));
      cut.close();
      const last = new VectorStore(folder, `space ${journal} ${vectors}`, 2);
      expect(last.rows).toBe(rows + 1);
      const one = new Float32Array(2);
      last.read([rows], one, 0);
      expect([...one]).toEqual([7, 8]);
      last.close();
    }),
    { numRuns: 60 },
  );
});

it("a half line at the end is thrown away", () => {
  const store = new VectorStore(folder, "space", 1);
  store.append([item("a")], Float32Array.of(1));
  store.close();
  appendFileSync(join(folder, "items.jsonl"), '{"kind":"bro');
  const again = new VectorStore(folder, "space", 1);
  expect(again.entries).toHaveLength(1);
  again.close();
  expect(readFileSync(join(folder, "items.jsonl"), "utf8").endsWith("}\n")).toBe(true);
});
