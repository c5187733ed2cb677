import { fitProjection, matrix, placePoints } from "@winnow/curation";
import { expect, test } from "vitest";
import type { RunContext } from "../run/context.ts";
import { measureItems } from "./measures.ts";

test("of many items a part is fitted, and the others are placed into its maps", { timeout: 240_000 }, async () => {
  const [held, count, columns, fitted] = [50, 5_000, 6, 3_000];
  const points = matrix(held + count, columns);
  for (let i = 0, state = 7; i < points.data.length; i++) points.data[i] = (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const candidates = Array.from({ length: count }, (_, i) => held + i);
  const told: string[] = [];
  const context = { signal: new AbortController().signal, progress: (stage: string, done: number, total: number | null) => void told.push(`${stage} ${done} ${total}`) } as unknown as RunContext;
  const { projections, nearestBefore, nearestAfter } = await measureItems({ context, points, firstUnit: held, candidates, picked: [60, 55], memoryInGB: 1, threads: undefined, seed: 2 });
  expect([nearestBefore?.length, nearestAfter?.length]).toEqual([count, 2]);

  const rows = matrix(count, columns);
  rows.data.set(points.data.subarray(held * columns, (held + count) * columns));
  const some = matrix(fitted, columns);
  for (let i = 0; i < fitted; i++) {
    const from = Math.floor((i * count) / fitted) * columns;
    some.data.set(rows.data.subarray(from, from + columns), i * columns);
  }
  const { model: pca, map: start } = await fitProjection(some, "PCA", { seed: 2 });
  const { model: umap } = await fitProjection(some, "UMAP", { seed: 2, start });
  for (const [method, model] of [["PCA", pca], ["UMAP", umap]] as const) {
    const { coordinates } = projections!.find((one) => one.method === method)!;
    expect(coordinates).toEqual((await placePoints(model, rows)).data.subarray(0, 2 * count));
    expect(told.some((line) => line.startsWith(`drawing ${method} `))).toBe(true);
  }
});
