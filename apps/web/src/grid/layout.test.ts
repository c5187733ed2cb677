import fc from "fast-check";
import { expect, test } from "vitest";
import type { Group } from "../explore/grouping.ts";
import { type Layout, headingHeight, layout, linesBetween, placeBelow, topOf } from "./layout.ts";

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 6 });
const groupsOf = (of: readonly number[]): Group[] => {
  let at = 0;
  return of.map((size, i) => ({ label: String(i), from: at, to: (at += size) }));
};
const grid = fc.tuple(sizes, fc.integer({ min: 0, max: 40 }), fc.integer({ min: 30, max: 400 })).map(([of, alone, width]): Layout => {
  const groups = groupsOf(of);
  return layout(groups.length > 0 ? groups.at(-1)!.to : alone, groups, width, 50);
});

test("all lines together show every place once, one below the other, and end at the height", () => {
  fc.assert(
    fc.property(grid, (made) => {
      const lines = linesBetween(made, 0, made.height);
      expect(lines.flatMap((line) => ("heading" in line ? [] : Array.from({ length: line.to - line.from }, (_, i) => line.from + i)))).toEqual(Array.from({ length: made.count }, (_, i) => i));
      let bottom = 0;
      for (const line of lines) {
        expect(line.top).toBeCloseTo(bottom, 6);
        bottom = line.top + ("heading" in line ? headingHeight : made.pitch);
      }
      expect(made.height).toBeCloseTo(bottom, 6);
      expect(new Set(lines.map(({ key }) => key)).size).toBe(lines.length);
    }),
  );
});

test("a stretch has the lines that reach into it", () => {
  fc.assert(
    fc.property(grid, fc.nat(800), fc.nat(300), (made, top, length) => {
      const expected = linesBetween(made, 0, made.height).filter((line) => line.top <= top + length && line.top + ("heading" in line ? headingHeight : made.pitch) > top);
      const found = linesBetween(made, top, top + length).map(({ key }) => key);
      for (const { key } of expected) expect(found).toContain(key);
      // At most a line more at either end.
      expect(found.length).toBeLessThanOrEqual(expected.length + 2);
    }),
  );
});

test("a place stands in the line that says so, and keys lead from line to line", () => {
  fc.assert(
    fc.property(grid.filter(({ count }) => count > 0), fc.nat(), (made, which) => {
      const place = which % made.count;
      const lines = linesBetween(made, 0, made.height).flatMap((one) => ("heading" in one ? [] : [one]));
      const at = lines.findIndex(({ from, to }) => from <= place && place < to);
      const line = lines[at]!;
      expect(topOf(made, place)).toBeCloseTo(line.top, 6);
      const below = placeBelow(made, place, 1);
      const above = placeBelow(made, place, -1);
      expect(topOf(made, below)).toBeGreaterThanOrEqual(line.top);
      expect(topOf(made, above)).toBeLessThanOrEqual(line.top);
      if (at + 1 < lines.length) expect(topOf(made, below)).toBeCloseTo(lines[at + 1]!.top, 6);
      if (at > 0) expect(topOf(made, above)).toBeCloseTo(lines[at - 1]!.top, 6);
    }),
  );
});
