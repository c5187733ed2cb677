import { scaleLinear, scaleLog } from "d3-scale";
import type { LogHistogram } from "../histogram.ts";
import { countText, numberText } from "../wording.ts";
import { axisWidth, bottomAxis, leftAxis } from "./axes.ts";
import type { Figure, Mark, Space } from "./figure.ts";

/** Two histograms below each other on one logarithmic axis of distances, each with its own axis of counts. */
export function distancesFigure(histogram: LogHistogram, medians: readonly (number | null)[], names: readonly [string, string], { width, textSize }: Space): Figure {
  const panel = Math.min(width * 0.19, textSize * 10);
  const title = textSize * 2.3;
  const gap = textSize * 1.1;
  const largest = (which: number): number => Math.max(1, histogram.zeros[which]!, ...histogram.counts[which]!);
  const scales = [0, 1].map((which) => scaleLinear([0, largest(which)], [0, 0]).nice(3));
  const left = Math.max(...scales.map((scale) => axisWidth(scale, textSize, 3, wholeText)));
  const hasZeros = histogram.zeros.some((zeros) => zeros > 0);
  const zeroWidth = hasZeros ? Math.max(textSize * 2.6, (width - left) / 16) : 0;
  const axis = left + (hasZeros ? zeroWidth + textSize * 0.8 : 0);
  const right = width - textSize * 0.6;
  const { edges } = histogram;
  const x = edges.length > 0 ? scaleLog([edges[0]!, edges.at(-1)!], [axis, right]) : undefined;
  const marks: Mark[] = [];
  let bottom = 0;
  for (const which of [0, 1] as const) {
    const top = which * (title + panel + gap) + title;
    bottom = top + panel;
    const frame = { left, top, right, bottom };
    const y = scales[which]!.range([bottom, top]);
    const ink = which === 0 ? "before" : "after";
    marks.push({ kind: "text", x: 0, y: top - textSize * 1.1, text: names[which]!, size: textSize, ink: "text", bold: true });
    marks.push(...leftAxis(y, frame, textSize, 3, wholeText));
    const bar = (from: number, to: number, count: number): void => {
      if (count > 0) marks.push({ kind: "rect", x: from + 0.4, y: Math.min(y(count), bottom - 0.7), width: Math.max(0.5, to - from - 0.8), height: Math.max(0.7, bottom - y(count)), ink });
    };
    if (hasZeros) bar(left + textSize * 0.3, left + zeroWidth, histogram.zeros[which]!);
    if (x) for (const [bin, count] of histogram.counts[which]!.entries()) bar(x(edges[bin]!), x(edges[bin + 1]!), count);
    const median = medians[which];
    if (x && median !== null && median !== undefined && median >= edges[0]! && median <= edges.at(-1)!) {
      const at = x(median);
      marks.push({ kind: "line", at: [at, top - textSize * 0.2, at, bottom], ink: "text", thickness: 0.8, dashed: true });
      const end = at > width * 0.75;
      marks.push({ kind: "text", x: at + (end ? -1 : 1) * textSize * 0.4, y: top - textSize * 0.1, text: `median ${numberText(median)}`, size: textSize * 0.92, ink: "text", anchor: end ? "end" : "start" });
    }
    marks.push({ kind: "line", at: [left, bottom, right, bottom], ink: "muted", thickness: 0.6 });
  }
  if (hasZeros) marks.push({ kind: "text", x: left + zeroWidth / 2, y: bottom + textSize * 1.4, text: "0", size: textSize, ink: "muted", anchor: "middle" });
  if (x) marks.push(...bottomAxis(logTicks(edges[0]!, edges.at(-1)!), x, { left: axis, top: 0, right, bottom }, textSize, numberText, hasZeros ? left + zeroWidth / 2 + textSize : undefined));
  marks.push({ kind: "text", x: right, y: bottom + textSize * 2.8, text: "distance to the nearest neighbour (logarithmic)", size: textSize, ink: "muted", anchor: "end" });
  return { width, height: bottom + textSize * 3.2, marks };
}

/** Half an item is no mark for an axis. */
function wholeText(value: number): string {
  return Number.isInteger(value) ? countText(value) : "";
}

/** 1, 2 and 5 times the powers of ten; finer where that gives fewer than three. */
function logTicks(least: number, most: number): number[] {
  for (const steps of [[1, 2, 5], [1, 1.5, 2, 3, 4, 5, 6, 8], undefined] as const) {
    const ticks: number[] = [];
    if (!steps) return scaleLinear([least, most], [0, 1]).ticks(5);
    for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power++) {
      for (const step of steps) {
        const tick = Number(`${step}e${power}`);
        if (tick >= least && tick <= most) ticks.push(tick);
      }
    }
    if (ticks.length >= 3) return ticks;
  }
  return [];
}
