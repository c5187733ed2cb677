import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logHistogram, summariseDistances } from "./histogram.ts";

describe("logHistogram", () => {
  it("counts every known value once, in the bin whose edges hold it", () => {
    const value = fc.oneof(fc.constant(0), fc.constant(NaN), fc.double({ min: 1e-5, max: 1e3, noNaN: true }));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 80 }), fc.array(value, { maxLength: 80 }), (before, after) => {
        const { edges, counts, zeros } = logHistogram([before, after]);
        for (const [which, values] of [before, after].entries()) {
          const known = values.filter(Number.isFinite);
          expect(zeros[which]! + counts[which]!.reduce((sum, count) => sum + count, 0)).toBe(known.length);
          expect(zeros[which]).toBe(known.filter((one) => one === 0).length);
        }
        expect(edges.every((edge, i) => i === 0 || edge > edges[i - 1]!)).toBe(true);
        if (edges.length > 0) {
          expect(edges).toHaveLength(counts[0]!.length + 1);
          for (const one of [...before, ...after]) if (one > 0) expect(one >= edges[0]! && one <= edges.at(-1)!).toBe(true);
        }
      }),
    );
  });

  it("has bins around a single value and none without", () => {
    const { edges, counts } = logHistogram([[0.5, 0.5], []]);
    expect(edges[0]).toBeLessThan(0.5);
    expect(edges.at(-1)).toBeGreaterThan(0.5);
    expect(Math.max(...counts[0]!)).toBe(2);
    expect(logHistogram([[], [NaN, 0]])).toEqual({ edges: [], counts: [[], []], zeros: [0, 1] });
  });
});

describe("summariseDistances", () => {
  it("passes over what isn't known", () => {
    expect(summariseDistances([3, NaN, 1, 0])).toEqual({ known: 3, zeros: 1, least: 0, median: 1, mean: 4 / 3, most: 3 });
    expect(summariseDistances([2, 4]).median).toBe(3);
    expect(summariseDistances([NaN])).toEqual({ known: 0, zeros: 0, least: null, median: null, mean: null, most: null });
  });
});
