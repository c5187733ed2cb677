import { numberText } from "../wording.ts";
import { type Mark, estimatedWidth } from "./figure.ts";

/** Where the plot lies inside its figure. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A scale as d3 has them: a function with ticks. */
export interface AxisScale {
  (value: number): number;
  ticks(count?: number): number[];
}

/** Lines of a grid and their values at the left. Ticks without a text are left out. */
export function leftAxis(scale: AxisScale, frame: Frame, textSize: number, count: number, text: (value: number) => string = numberText): Mark[] {
  const marks: Mark[] = [];
  for (const tick of scale.ticks(count)) {
    if (text(tick) === "") continue;
    const y = scale(tick);
    marks.push({ kind: "line", at: [frame.left, y, frame.right, y], ink: "grid", thickness: 0.5 });
    marks.push({ kind: "text", x: frame.left - textSize * 0.5, y: y + textSize * 0.35, text: text(tick), size: textSize, ink: "muted", anchor: "end" });
  }
  return marks;
}

/** Values below the plot, left out where they would run into each other or into what ends at `free`. */
export function bottomAxis(ticks: readonly number[], scale: (value: number) => number, frame: Frame, textSize: number, text: (value: number) => string = numberText, free = -Infinity): Mark[] {
  const marks: Mark[] = [{ kind: "line", at: [frame.left, frame.bottom, frame.right, frame.bottom], ink: "muted", thickness: 0.6 }];
  for (const tick of ticks) {
    const x = scale(tick);
    if (x < frame.left - 0.5 || x > frame.right + 0.5) continue;
    marks.push({ kind: "line", at: [x, frame.bottom, x, frame.bottom + textSize * 0.35], ink: "muted", thickness: 0.6 });
    const half = estimatedWidth(text(tick), textSize) / 2;
    if (x - half < free) continue;
    free = x + half + textSize * 0.5;
    marks.push({ kind: "text", x, y: frame.bottom + textSize * 1.4, text: text(tick), size: textSize, ink: "muted", anchor: "middle" });
  }
  return marks;
}

/** Width that the values of an axis need. */
export function axisWidth(scale: AxisScale, textSize: number, count: number, text: (value: number) => string = numberText): number {
  return Math.max(0, ...scale.ticks(count).map((tick) => estimatedWidth(text(tick), textSize))) + textSize * 0.7;
}

/** A coloured square and its word, one after the other, from `x` on. */
export function legend(entries: readonly { readonly ink: "before" | "after" | "loss"; readonly text: string }[], x: number, y: number, textSize: number): Mark[] {
  const marks: Mark[] = [];
  for (const { ink, text } of entries) {
    marks.push({ kind: "rect", x, y: y - textSize * 0.75, width: textSize * 0.8, height: textSize * 0.8, ink });
    marks.push({ kind: "text", x: x + textSize * 1.2, y, text, size: textSize, ink: "text" });
    x += textSize * 2.6 + estimatedWidth(text, textSize);
  }
  return marks;
}
