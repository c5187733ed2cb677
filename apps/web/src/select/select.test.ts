import type { TagData } from "@winnow/contract";
import { expect, test } from "vitest";
import { curvePoints, decodePicks, placesOf, reasonsOf } from "./draft.ts";
import { byMethod, byStrategies, freshWish, problemsOf, readWish, wishOf } from "./request.ts";

const tag: TagData = { id: "a".repeat(24), datasetId: "", name: "chosen before", bitMaskData: "0x1", totSize: 1, createdAt: 0 };

test("picks come as columns of bytes", () => {
  const buffer = new ArrayBuffer(4 * 2 * 3);
  new Uint32Array(buffer).set([7, 3]);
  new Float32Array(buffer).set([Number.NaN, 0.5, 2, 1], 2);
  const picks = decodePicks({ picks: 2, columns: ["distance", "radius"] }, buffer);
  expect([...picks.ordinals]).toEqual([7, 3]);
  expect([...placesOf(picks, 8)]).toEqual([4294967295, 4294967295, 4294967295, 1, 4294967295, 4294967295, 4294967295, 0]);
  expect(reasonsOf(picks, 0, String)).toEqual(["The first: nothing was chosen before it.", "After it, no sample is farther than 2 from a chosen one."]);
  expect(reasonsOf(picks, 1, String)).toEqual(["0.5 away from the nearest chosen before it.", "After it, no sample is farther than 1 from a chosen one."]);
  expect(() => decodePicks({ picks: 3, columns: [] }, buffer)).toThrow("12 bytes");
  const byStrategy = { ordinals: Uint32Array.of(1), columns: new Map([["share.0", Float32Array.of(0)], ["share.1", Float32Array.of(0.25)]]) };
  expect(reasonsOf(byStrategy, 0, String, ["Diversity", "Weights"])).toEqual(["Weights contributed 0.25."]);
  expect(reasonsOf({ ordinals: Uint32Array.of(1), columns: new Map() }, 0, String)).toEqual(["Picked by chance."]);
});

test("a curve keeps its ends however many picks there are", () => {
  const values = Float32Array.from({ length: 10_000 }, (_, i) => 10_000 - i);
  const points = curvePoints(values, 100);
  expect([points.length, points[0], points.at(-1)]).toEqual([100, [1, 10_000], [10_000, 1]]);
  expect(curvePoints(Float32Array.of(5), 100)).toEqual([[1, 5]]);
  expect(curvePoints(Float32Array.of(), 100)).toEqual([]);
  expect(curvePoints(Float32Array.of(Number.NaN, 3), 100)).toEqual([[2, 3]]);
});

test("form and JSON say the same", () => {
  const wish = { ...freshWish(5000), preselectedTagId: tag.id };
  expect(readWish(wish, [tag])).toEqual({ wish, problems: [] });
  expect(readWish({ ...wish, preselectedTagId: tag.name }, [tag]).wish).toEqual(wish);
  const strategies = byStrategies(wish, 5000);
  expect(readWish({ ...strategies }, [tag])).toEqual({ wish: strategies, problems: [] });
  expect(byMethod(strategies, "CORESET", 5000)).toEqual(wish);
});

test("what can't be right is told with its place", () => {
  const paths = (value: object) => readWish(value as Record<string, unknown>, [tag]).problems.map(({ path }) => path);
  expect(paths({ method: "CORSET", config: {} })).toEqual(["method"]);
  expect(paths({ method: "RANDOM", config: { stoppingCondition: { nSample: 3, minDistance: "x" } }, extra: 1 })).toEqual(["extra", "config.stoppingCondition.nSample", "config.stoppingCondition.minDistance"]);
  expect(paths({ method: "RANDOM" })).toEqual(["config.stoppingCondition"]);
  expect(paths({ method: "RANDOM", config: { stoppingCondition: { nSamples: 2.5 } }, seed: -1 })).toEqual(["seed"]);
  expect(paths({ method: "RANDOM", config: { stoppingCondition: { nSamples: 2.5 } } })).toEqual(["config.stoppingCondition.nSamples"]);
  expect(paths({ selection: [], queryTagId: "nobody" })).toEqual(["queryTagId", "selection"]);
  expect(problemsOf({ selection: { n_samples: 3, strategies: [{ input: { type: "EMBEDDING" }, strategy: { type: "DIVERSITY" } }] } }).map(({ path }) => path)).toEqual(["selection.strategies[0].input.type"]);
});

test("a draft leads back to what was wished", () => {
  const draft = { id: "", embeddingId: "", seed: 0, stopped: "count", preselected: 0, picks: 3, columns: [], createdAt: 0 } as const;
  expect(wishOf({ ...draft, columns: [], method: "CORAL", nSamples: 3, minDistance: 0.5, scoreType: "x", queryTagId: tag.id })).toEqual({ method: "CORAL", config: { stoppingCondition: { nSamples: 3, minDistance: 0.5 } }, scoreType: "x", queryTagId: tag.id });
  const selection = { nSamples: 3, proportionSamples: null, strategies: [{ input: { type: "EMBEDDINGS", task: null, datasetId: null, tagName: null }, strategy: { type: "DIVERSITY", stoppingConditionMinimumDistance: null, strength: 1 } }] };
  const wish = wishOf({ ...draft, columns: [], method: "STRATEGIES", selection, seed: 5 });
  expect(wish).toEqual({ selection, seed: 5 });
  expect(problemsOf(wish)).toEqual([]);
});
