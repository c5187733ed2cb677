import { matrix } from "@winnow/curation";
import { expect, it } from "vitest";
import { firstEqualRows, preparePoints } from "./points.ts";

function points(...rows: number[][]) {
  const made = matrix(rows.length, rows[0]!.length);
  made.data.set(rows.flat());
  return made;
}

it("rows become of length 1, around their mean where wanted; zeros stay", () => {
  expect([...preparePoints(points([3, 4], [0, 0]), { normalize: true, centre: false }).data].map((value) => Number(value.toFixed(6)))).toEqual([0.6, 0.8, 0, 0]);
  expect([...preparePoints(points([1, 10], [3, 10]), { normalize: true, centre: true }).data]).toEqual([-1, 0, 1, 0]);
  expect([...preparePoints(points([3, 4]), { normalize: false, centre: true }).data]).toEqual([3, 4]);
});

it("folders set rows apart, the same folder the same way", () => {
  const made = preparePoints(points([1, 0], [1, 0], [1, 0]), { normalize: true, centre: false, folders: ["a", "a", "b"] });
  const row = (i: number) => [...made.data.subarray(i * made.columns, (i + 1) * made.columns)];
  expect(row(0)).toEqual(row(1));
  expect(row(0)).not.toEqual(row(2));
  for (const i of [0, 2]) expect(row(i).reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1);
});

it("the first of equal rows is found by every bit", () => {
  expect([...firstEqualRows(points([1, 2], [3, 4], [1, 2], [1, 2.0000002384185791], [3, 4]))]).toEqual([0, 1, 0, 3, 1]);
});
