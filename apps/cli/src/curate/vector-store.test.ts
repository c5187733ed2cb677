import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { VectorStore } from "./vector-store.ts";

const WIDTH = 3;
const RECORD = 32 + 4 * WIDTH + 8;
const hash = (text: string) => createHash("sha256").update(text).digest("hex");

let path: string;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "winnow-vectors-"));
  path = join(folder, "below", "vectors.f32");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function filled(names: readonly string[]): void {
  const store = VectorStore.open(path, WIDTH);
  store.add(names.map(hash), Float32Array.from(names.flatMap((_, i) => [i, i + 0.5, -i])));
  store.close();
}

test("vectors come back in the order asked for, also after it was closed", () => {
  filled(["a", "b", "c"]);
  const store = VectorStore.open(path, WIDTH);
  expect([...store.read([hash("c"), hash("a")])]).toEqual([2, 2.5, -2, 0, 0.5, -0]);
  expect(store.has(hash("b"))).toBe(true);
  expect(store.has(hash("d"))).toBe(false);
  expect(() => store.read([hash("d")])).toThrow(/no vector/);
  store.close();
});

test("a vector that is there isn't added again", () => {
  filled(["a", "b"]);
  filled(["b", "a"]);
  expect(statSync(path).size).toBe(2 * RECORD);
});

test("whatever a kill leaves of the last record is cut off, and the store goes on", () => {
  filled(["a", "b"]);
  const whole = readFileSync(path);
  for (const length of [RECORD + 1, RECORD + 31, RECORD + 40, 2 * RECORD - 1]) {
    writeFileSync(path, whole.subarray(0, length));
    const store = VectorStore.open(path, WIDTH);
    expect(store.has(hash("a"))).toBe(true);
    expect(store.has(hash("b"))).toBe(false);
    store.add([hash("b")], Float32Array.of(1, 1.5, -1));
    store.close();
    expect(readFileSync(path).equals(whole)).toBe(true);
  }
});

test("a record whose bytes are wrong ends what is trusted", () => {
  filled(["a", "b", "c"]);
  const bytes = readFileSync(path);
  bytes[RECORD + 35]! ^= 1;
  writeFileSync(path, bytes);
  const store = VectorStore.open(path, WIDTH);
  expect(["a", "b", "c"].map((name) => store.has(hash(name)))).toEqual([true, false, false]);
  store.close();
});
