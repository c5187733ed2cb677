import { mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Plan, readPlan, writePlan } from "./plan-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-plan-"));
});
afterEach(() => rm(folder, { recursive: true }));

const plan = {
  version: 1,
  updates: true,
  dimensions: 3,
  uploads: [{ kind: "images", datasetName: null, picks: [{ fileName: "ä.jpg" }, { fileName: "b.jpg" }], completed: ["old.jpg"], embedding: { before: null, name: "default" } }],
  facts: { items: { selected: Uint8Array.of(1, 0), nearestBefore: Float64Array.of(Number.NaN, 0.1) }, examples: [{ removedJpeg: Buffer.from([1, 2, 3]) }] },
} as unknown as Plan;

it("comes back as it was, typed arrays and every bit of the vectors", async () => {
  const vectors = Float32Array.from({ length: 9 }, (_, i) => Math.fround(i / 7));
  const { path, size } = await writePlan(join(folder, "plan"), { plan, vectors });
  expect(size).toBeGreaterThan(36);
  const read = await readPlan(path);
  expect(read.vectors).toEqual(vectors);
  expect(read.plan.facts.items.nearestBefore).toEqual(Float64Array.of(Number.NaN, 0.1));
  expect(read.plan.facts.items.selected).toEqual(Uint8Array.of(1, 0));
  expect([...read.plan.facts.examples[0]!.removedJpeg]).toEqual([1, 2, 3]);
  expect(read.plan.uploads).toEqual(plan.uploads);
});

it("is refused when it is cut off", async () => {
  const { path, size } = await writePlan(join(folder, "plan"), { plan, vectors: new Float32Array(9) });
  for (const left of [size - 1, 20, 0]) {
    await truncate(path, left);
    await expect(readPlan(path)).rejects.toThrow("cut off");
  }
});
