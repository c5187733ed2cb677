import { expect, test } from "vitest";
import type { MadeSelection } from "./collection-state.ts";
import { allPicks, decide } from "./selection.ts";

const made = (tagName: string, method: string, select: number, total: number, from?: string): MadeSelection => ({
  tagId: tagName,
  tagName,
  method,
  select,
  samples: 100,
  total,
  picks: [{ fileName: `${tagName}.jpg` }],
  ...(from === undefined ? {} : { from }),
});
const coreset = { method: "coreset", select: 0.1 } as const;

test("the first selection is a share or a count of all", () => {
  expect(decide(coreset, 100, [], () => 0)).toEqual({ total: 10, from: undefined });
  expect(decide({ method: "coreset", select: 7 }, 100, [], () => 0)).toEqual({ total: 7, from: undefined });
  expect(decide({ method: "coreset", select: 700 }, 100, [], () => 0)).toEqual({ total: 100, from: undefined });
});

test("nothing new and the same wish: the selection that is there", () => {
  const first = made("first", "coreset", 0.1, 10);
  expect(decide(coreset, 100, [first], () => 0)).toEqual({ made: first });
});

test("new images: earlier picks stay, a share of the new ones is added, or a count more", () => {
  const first = made("first", "coreset", 0.1, 10);
  expect(decide(coreset, 130, [first], () => 30)).toEqual({ total: 13, from: first });
  expect(decide(coreset, 102, [first], () => 2)).toEqual({ total: 11, from: first });
  const count = made("count", "coreset", 20, 20);
  expect(decide({ method: "coreset", select: 20 }, 105, [count], () => 5)).toEqual({ total: 40, from: count });
  expect(decide({ method: "coreset", select: 20 }, 25, [count], () => 5)).toEqual({ total: 25, from: count });
});

test("another wish and nothing new: from scratch; with new images: it continues what was selected last", () => {
  const first = made("first", "coreset", 0.1, 10);
  expect(decide({ method: "random", select: 0.2 }, 100, [first], () => 0)).toEqual({ total: 20, from: undefined });
  expect(decide({ method: "random", select: 0.2 }, 110, [first], () => 10)).toEqual({ total: 12, from: first });
});

test("a wish continues its own selections, though another one was tried in between", () => {
  const first = made("first", "coreset", 0.1, 10);
  const tried = made("tried", "random", 0.5, 50);
  expect(decide(coreset, 120, [first, tried], (one) => (one === first ? 20 : 20))).toEqual({ total: 12, from: first });
  expect(decide(coreset, 100, [first, tried], () => 0)).toEqual({ made: first });
});

test("all picks: those of the earlier selections first", () => {
  const chain = [made("a", "coreset", 1, 1), made("b", "coreset", 1, 2, "a"), made("other", "random", 1, 1), made("c", "coreset", 1, 3, "b")];
  expect(allPicks(chain[3]!, chain).map(({ fileName }) => fileName)).toEqual(["a.jpg", "b.jpg", "c.jpg"]);
});
