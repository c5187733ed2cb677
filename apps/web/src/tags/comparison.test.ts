import type { ColumnData } from "@winnow/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { missingCategory } from "../columns/column.ts";
import { mapCoverage } from "./coverage.ts";
import { binning, difference, distribution } from "./distribution.ts";

const facts = (more: Partial<ColumnData>): ColumnData => ({ name: "x", title: "X", group: "metadata", kind: "number", ...more });
const category = binning(facts({ kind: "category", labels: ["rare", "often"], counts: [1, 3] }), { kind: "category", values: Uint16Array.of(1, 0, 1, missingCategory, 1) }, String)!;

test("categories come with the most frequent first, and what is missing is counted apart", () => {
  expect(distribution(category, [0, 1, 2, 3])).toEqual({ bins: [{ label: "often", count: 2 }, { label: "rare", count: 1 }], missing: 1, present: 3 });
});

test("many categories: the least frequent share a bin", () => {
  const labels = Array.from({ length: 100 }, (_, i) => `class ${i}`);
  const many = binning(facts({ kind: "category", labels, counts: labels.map((_, i) => 100 - i) }), { kind: "category", values: Uint16Array.from({ length: 100 }, (_, i) => i) }, String)!;
  expect(many.labels).toHaveLength(30);
  expect(many.labels.at(-1)).toBe("71 others");
  expect(distribution(many, Array.from({ length: 100 }, (_, i) => i)).bins.at(-1)!.count).toBe(71);
});

test("numbers: every value is counted once, the largest in the last bin", () => {
  const numbers = fc.array(fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constant(Number.NaN)), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(numbers, (values) => {
      const bins = binning(facts({}), { kind: "number", values: Float32Array.from(values) }, String);
      const present = values.filter((value) => !Number.isNaN(value)).length;
      if (present === 0) {
        expect(bins).toBeUndefined();
        return;
      }
      const found = distribution(bins!, values.keys());
      expect([found.present, found.missing]).toEqual([present, values.length - present]);
      expect(found.bins.reduce((sum, { count }) => sum + count, 0)).toBe(present);
    }),
  );
});

test("distributions differ by 0 when shares are equal and by 1 when nothing is shared", () => {
  expect(difference(distribution(category, [0, 1]), distribution(category, [0, 1, 2, 1]))).toBe(0);
  expect(difference(distribution(category, [0]), distribution(category, [1]))).toBe(1);
  expect(difference(distribution(category, [0, 1]), distribution(category, [0]))).toBe(0.5);
  expect(difference(distribution(category, []), distribution(category, [0]))).toBe(1);
});

test("coverage of the map: a region counts when one of its samples is chosen", () => {
  const points = Float32Array.of(0, 0, 0.001, 0.001, 1, 1, Number.NaN, Number.NaN);
  expect(mapCoverage(points, (ordinal) => ordinal === 1)).toEqual({ regions: 2, reached: 1, samplesReached: 2, samples: 3 });
  expect(mapCoverage(points, (ordinal) => ordinal === 3)).toMatchObject({ reached: 0, samplesReached: 0 });
  expect(mapCoverage(new Float32Array(0), () => true)).toEqual({ regions: 0, reached: 0, samplesReached: 0, samples: 0 });
});
