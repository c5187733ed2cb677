import { scaleLinear } from "d3-scale";
import type { Distribution } from "../facts.ts";
import { countText, numberText, shown } from "../wording.ts";
import { bottomAxis, legend, axisWidth } from "./axes.ts";
import { type Figure, type Mark, type Space, estimatedWidth, fitted } from "./figure.ts";

/** Categories that are drawn; the rest is summed up in one more. */
export const CATEGORIES_MAX = 12;

/** The most frequent categories before, and what is left of the others as one entry. */
export function leadingCategories(distribution: Distribution): { label: string; before: number; after: number }[] {
  const all = distribution.labels.map((label, i) => ({ label: shown(String(label)), before: distribution.before[i] ?? 0, after: distribution.after[i] ?? 0 }));
  all.sort((a, b) => b.before - a.before || b.after - a.after);
  if (all.length <= CATEGORIES_MAX) return all;
  const rest = all.splice(CATEGORIES_MAX - 1);
  const sum = (part: "before" | "after"): number => rest.reduce((total, entry) => total + entry[part], 0);
  return [...all, { label: `${countText(rest.length)} others`, before: sum("before"), after: sum("after") }];
}

/** Shares before and after, so that a hundred retained of a million can be compared with what they came from. */
export function distributionFigure(distribution: Distribution, space: Space): Figure {
  return distribution.kind === "categories" ? categories(distribution, space) : numbers(distribution, space);
}

const percent = (value: number): string => `${numberText(value)} %`;

function shares(values: readonly number[]): number[] {
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => (total > 0 ? (100 * value) / total : 0));
}

function categories(distribution: Distribution, { width, textSize }: Space): Figure {
  const entries = leadingCategories(distribution);
  const before = shares(entries.map((entry) => entry.before));
  const after = shares(entries.map((entry) => entry.after));
  const bar = textSize * 0.72;
  const row = bar * 2 + textSize * 0.75;
  const top = textSize * 2;
  const labelWidth = Math.min(width * 0.36, Math.max(0, ...entries.map(({ label }) => estimatedWidth(label, textSize))) + textSize * 0.8);
  const left = labelWidth;
  const right = width - textSize * 1.4;
  const bottom = top + entries.length * row;
  const x = scaleLinear([0, Math.max(1e-9, ...before, ...after)], [left, right]).nice(4);
  const marks: Mark[] = legend([{ ink: "before", text: "before" }, { ink: "after", text: "selected" }], 0, textSize, textSize);
  for (const tick of x.ticks(4)) marks.push({ kind: "line", at: [x(tick), top - textSize * 0.3, x(tick), bottom], ink: "grid", thickness: 0.5 });
  for (const [i, entry] of entries.entries()) {
    const y = top + i * row;
    marks.push({ kind: "text", x: 0, y: y + bar + textSize * 0.35, text: fitted(entry.label, textSize, labelWidth - textSize * 0.6), size: textSize, ink: "text" });
    if (before[i]! > 0) marks.push({ kind: "rect", x: left, y, width: Math.max(0.7, x(before[i]!) - left), height: bar, ink: "before" });
    if (after[i]! > 0) marks.push({ kind: "rect", x: left, y: y + bar, width: Math.max(0.7, x(after[i]!) - left), height: bar, ink: "after" });
  }
  marks.push(...bottomAxis(x.ticks(4), x, { left, top, right, bottom }, textSize, percent));
  return { width, height: bottom + textSize * 1.8, marks };
}

function numbers(distribution: Distribution, { width, textSize }: Space): Figure {
  const edges = distribution.labels.map(Number);
  // Labels are lower edges; the last bin is as wide as the one before it.
  const step = edges.length > 1 ? edges.at(-1)! - edges.at(-2)! : 1;
  const ends = [...edges.slice(1), (edges.at(-1) ?? 0) + step];
  const before = shares(distribution.before);
  const after = shares(distribution.after);
  const top = textSize * 2.2;
  const bottom = top + Math.min(width * 0.42, textSize * 14);
  const y = scaleLinear([0, Math.max(1e-9, ...before, ...after)], [bottom, top]).nice(4);
  const left = axisWidth(y, textSize, 4, percent);
  const right = width - textSize * 1.4;
  const [first, last] = [edges[0] ?? 0, ends.at(-1)!];
  const x = scaleLinear([first, last], [left, right]);
  // Where numbers can hardly be divided any more, there are no ticks between them.
  const isNarrow = last - first < Math.max(Math.abs(first), Math.abs(last), 1e-290) * 1e-13;
  const marks: Mark[] = legend([{ ink: "before", text: "before" }, { ink: "after", text: "selected" }], 0, textSize, textSize);
  for (const tick of y.ticks(4)) {
    marks.push({ kind: "line", at: [left, y(tick), right, y(tick)], ink: "grid", thickness: 0.5 });
    marks.push({ kind: "text", x: left - textSize * 0.5, y: y(tick) + textSize * 0.35, text: percent(tick), size: textSize, ink: "muted", anchor: "end" });
  }
  for (const [i, edge] of edges.entries()) {
    const from = x(edge);
    const half = (x(ends[i]!) - from) / 2;
    if (before[i]! > 0) marks.push({ kind: "rect", x: from + half * 0.1, y: y(before[i]!), width: half * 0.9, height: bottom - y(before[i]!), ink: "before" });
    if (after[i]! > 0) marks.push({ kind: "rect", x: from + half, y: y(after[i]!), width: half * 0.9, height: bottom - y(after[i]!), ink: "after" });
  }
  marks.push(...bottomAxis(isNarrow ? [first] : x.ticks(Math.max(2, Math.floor(width / (textSize * 9)))), x, { left, top, right, bottom }, textSize));
  return { width, height: bottom + textSize * 1.8, marks };
}
