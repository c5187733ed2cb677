import { expect, it } from "vitest";
import { cellDimensions, describeCells } from "./cells.ts";

it("averages cells and counts left and right as one", () => {
  // One channel, 6 × 6; each 2 × 2 cell holds its number 1 … 9, by rows.
  const data = Float32Array.from({ length: 36 }, (_, i) => Math.floor(i / 12) * 3 + Math.floor((i % 6) / 2) + 1);
  const target = new Float32Array(cellDimensions(1));
  describeCells({ data, channels: 1, side: 6 }, target);
  const expected = [2, 2, 5, 5, 8, 8];
  const length = Math.hypot(...expected);
  for (const [i, value] of target.entries()) expect(value).toBeCloseTo(expected[i]! / length, 6);
});

it("gives a map and its mirror image the same values, and keeps channels apart", () => {
  const side = 6;
  const data = Float32Array.from({ length: 2 * 36 }, (_, i) => ((i * 29) % 17) - 5);
  const mirrored = data.map((_, i) => data[i - (i % side) + side - 1 - (i % side)]!);
  const [a, b] = [new Float32Array(cellDimensions(2)), new Float32Array(cellDimensions(2))];
  describeCells({ data, channels: 2, side }, a);
  describeCells({ data: mirrored, channels: 2, side }, b);
  for (const [i, value] of a.entries()) expect(b[i]).toBeCloseTo(value, 6);
  expect(a[0]).not.toBeCloseTo(a[1]!, 3);
});

it("refuses a map that can't be cut evenly, and leaves an empty one at zero", () => {
  expect(() => describeCells({ data: new Float32Array(100), channels: 1, side: 10 }, new Float32Array(6))).toThrow(/side 10/);
  const target = new Float32Array(6);
  describeCells({ data: new Float32Array(9), channels: 1, side: 3 }, target);
  expect([...target]).toEqual([0, 0, 0, 0, 0, 0]);
});
