import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logHistogram, summariseDistances } from "../histogram.ts";
import { escaped, svgText } from "../svg.ts";
import { coverageFigure } from "./coverage.ts";
import { distancesFigure } from "./distances.ts";
import { distributionFigure } from "./distribution.ts";
import { type Figure, type Space, estimatedWidth, fitted } from "./figure.ts";
import { flowFigure } from "./flow.ts";
import { POINTS_MAX, scatterFigure } from "./scatter.ts";
import { timelinesFigure } from "./timelines.ts";

/** From half a page of the PDF to the whole width of the page in a browser. */
const spaces: fc.Arbitrary<Space> = fc.constantFrom({ width: 240, textSize: 7.6 }, { width: 499, textSize: 7.6 }, { width: 350, textSize: 11.5 }, { width: 370, textSize: 11.5 }, { width: 760, textSize: 12 });
const count = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 2_000_000_000 }));
const name = fc.oneof(fc.string({ unit: "binary", maxLength: 300 }), fc.constantFrom("a", "写".repeat(80), "W".repeat(200)));

/** Nothing is drawn outside the figure, nothing at a place that isn't a number, and no text runs over an edge. */
function inside({ width, height, marks }: Figure): void {
  expect(Number.isFinite(height) && height > 0).toBe(true);
  const within = (x: number, y: number, slack = 0.6): void => {
    expect(x).toBeGreaterThanOrEqual(-slack);
    expect(x).toBeLessThanOrEqual(width + slack);
    expect(y).toBeGreaterThanOrEqual(-slack);
    expect(y).toBeLessThanOrEqual(height + slack);
  };
  for (const mark of marks) {
    if (mark.kind === "rect") {
      within(mark.x, mark.y);
      within(mark.x + mark.width, mark.y + mark.height);
      expect(mark.width >= 0 && mark.height >= 0).toBe(true);
    } else if (mark.kind === "text") {
      within(mark.x, mark.y);
      const length = estimatedWidth(mark.text, mark.size);
      // Half a tick's label may stand over the end of its axis; the frame leaves room for it.
      if (mark.anchor === "end") expect(mark.x - length).toBeGreaterThanOrEqual(-mark.size * 2.5);
      else if (mark.anchor !== "middle") expect(mark.x + length).toBeLessThanOrEqual(width + mark.size * 0.5);
    } else for (let i = 0; i < mark.at.length; i += 2) within(mark.at[i]!, mark.at[i + 1]!, mark.kind === "cells" ? 1 : 0.6);
  }
}

describe("figures stay inside their frames", () => {
  it("the flow", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ label: name, count, lost: fc.boolean() }), { minLength: 1, maxLength: 8 }), count, spaces, (steps, whole, space) => inside(flowFigure(steps, whole, space))),
      { numRuns: 60 },
    );
  });

  it("the distances", () => {
    const distance = fc.oneof(fc.constant(0), fc.constant(NaN), fc.double({ min: 1e-5, max: 1e4, noNaN: true }));
    fc.assert(
      fc.property(fc.array(distance, { maxLength: 60 }), fc.array(distance, { maxLength: 60 }), spaces, (before, after, space) => {
        inside(distancesFigure(logHistogram([before, after]), [summariseDistances(before).median, summariseDistances(after).median], ["Before: all candidates", "After: the selected"], space));
      }),
      { numRuns: 80 },
    );
  });

  it("the map, with points that are all the same, missing or many", () => {
    const coordinate = fc.oneof(fc.constant(0), fc.constant(NaN), fc.float({ noDefaultInfinity: true, noNaN: true }));
    fc.assert(
      fc.property(fc.array(fc.tuple(coordinate, coordinate, fc.boolean()), { maxLength: 80 }), spaces, (points, space) => {
        inside(scatterFigure(Float32Array.from(points.flatMap(([x, y]) => [x, y])), Uint8Array.from(points, ([, , selected]) => Number(selected)), space));
      }),
      { numRuns: 80 },
    );
    const many = 4 * POINTS_MAX;
    const crowd = scatterFigure(Float32Array.from({ length: 2 * many }, (_, i) => Math.sin(i * i)), Uint8Array.from({ length: many }, (_, i) => Number(i % 2 === 0)), { width: 242, textSize: 7.6 });
    inside(crowd);
    const drawn = crowd.marks.flatMap((mark) => (mark.kind === "dots" ? [mark.at.length / 2] : []));
    expect(drawn).toEqual([POINTS_MAX]);
    expect(crowd.marks.some(({ kind }) => kind === "cells")).toBe(true);
  });

  it("the coverage curve", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant(NaN), fc.double({ min: 0, max: 1e6, noNaN: true })), { maxLength: 1200 }), spaces, (radii, space) => inside(coverageFigure(Float64Array.from(radii), space))),
      { numRuns: 60 },
    );
  });

  it("distributions", () => {
    fc.assert(
      fc.property(fc.constantFrom("categories" as const, "numbers" as const), fc.array(fc.tuple(name, fc.double({ min: -1e6, max: 1e6, noNaN: true }), count, count), { minLength: 1, maxLength: 40 }), spaces, (kind, rows, space) => {
        const edges = [...new Set(rows.map(([, edge]) => edge))].sort((a, b) => a - b);
        const labels = kind === "categories" ? rows.map(([label]) => label) : edges;
        inside(distributionFigure({ name: "x", kind, labels, before: labels.map((_, i) => rows[i]![2]), after: labels.map((_, i) => rows[i]![3]) }, space));
      }),
      { numRuns: 80 },
    );
    inside(distributionFigure({ name: "x", kind: "numbers", labels: [5e-324, 1e-323], before: [1, 2], after: [0, 1] }, { width: 240, textSize: 7.6 }));
  });

  it("timelines", () => {
    const video = fc.record({ fileName: name, frames: fc.integer({ min: 0, max: 1e6 }), seconds: fc.double({ min: 0, max: 1e5 }), selected: fc.array(fc.nat(2e6), { maxLength: 50 }) });
    fc.assert(
      fc.property(fc.array(video, { maxLength: 6 }), spaces, (videos, space) => inside(timelinesFigure(videos.map((one) => ({ ...one, selected: one.selected.filter((frame) => frame < one.frames) })), space))),
      { numRuns: 60 },
    );
  });
});

describe("texts in figures", () => {
  it("are cut in the middle to a width", () => {
    fc.assert(
      fc.property(name, fc.integer({ min: 20, max: 400 }), (text, width) => {
        const cut = fitted(text, 10, width);
        if (estimatedWidth(text, 10) <= width) expect(cut).toBe(text);
        else if ([...cut].length > 1) expect(estimatedWidth(cut, 10)).toBeLessThanOrEqual(width);
      }),
    );
  });

  it("can't break out of the SVG", () => {
    const figure: Figure = { width: 10, height: 10, marks: [{ kind: "text", x: 0, y: 9, size: 9, ink: "text", text: '</text><script>"\u0000\ud800' }] };
    expect(svgText(figure, { description: '"><script>', standalone: true })).toContain('>&lt;/text&gt;&lt;script&gt;&quot;\ufffd</text>');
    expect(svgText(figure, { description: '"><script>' })).not.toContain("<script>");
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => !/[<>"']|\p{Surrogate}/u.test(escaped(text))));
  });
});
