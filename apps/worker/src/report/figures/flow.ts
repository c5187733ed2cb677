import { countText, shareText } from "../wording.ts";
import { type Figure, type Mark, type Space, estimatedWidth, fitted } from "./figure.ts";

/** A stage of the run: how many were left, or how many were lost on the way there. */
export interface FlowStep {
  readonly label: string;
  readonly count: number;
  readonly lost?: boolean;
}

/** Bars below each other: what comes in at the top and what is left at each stage; losses hang at the end of the bar before. Shares are of `whole`. */
export function flowFigure(steps: readonly FlowStep[], whole: number, { width, textSize }: Space): Figure {
  const row = textSize * 2.1;
  const bar = textSize * 1.25;
  const largest = Math.max(1, ...steps.map(({ count }) => count));
  const labelWidth = Math.min(width * 0.38, Math.max(...steps.map(({ label }) => estimatedWidth(label, textSize)), 0) + textSize);
  const valueOf = (step: FlowStep): string => `${step.lost ? "− " : ""}${countText(step.count)}`;
  const noteOf = (step: FlowStep, index: number): string => (index === 0 || whole === 0 || step.count > whole ? "" : shareText(step.count, whole));
  const valueWidth = Math.max(...steps.map((step, i) => 1.1 * estimatedWidth(valueOf(step), textSize) + estimatedWidth(noteOf(step, i), textSize) + textSize), 0) + textSize * 0.8;
  const room = Math.max(20, width - labelWidth - valueWidth);
  const marks: Mark[] = [];
  let held = 0;
  for (const [index, step] of steps.entries()) {
    const top = index * row;
    const base = top + bar / 2 + textSize * 0.36;
    const length = (room * step.count) / largest;
    if (!step.lost) held = step.count;
    // A loss covers the end of what was there before it.
    const start = labelWidth + (step.lost ? (room * Math.max(0, held - step.count)) / largest : 0);
    marks.push({ kind: "rect", x: labelWidth, y: top, width: room, height: bar, ink: "grid", opacity: 0.45 });
    if (step.count > 0) marks.push({ kind: "rect", x: start, y: top, width: Math.max(length, 0.8), height: bar, ink: step.lost ? "loss" : index === 0 ? "before" : "after" });
    if (step.lost) held -= step.count;
    marks.push({ kind: "text", x: 0, y: base, text: fitted(step.label, textSize, labelWidth - textSize * 0.6), size: textSize, ink: step.lost ? "muted" : "text" });
    const value = valueOf(step);
    marks.push({ kind: "text", x: width - valueWidth + textSize * 0.8, y: base, text: value, size: textSize, ink: step.lost ? "loss" : "text", bold: true });
    const note = noteOf(step, index);
    if (note !== "") marks.push({ kind: "text", x: width, y: base, text: note, size: textSize, ink: "muted", anchor: "end" });
  }
  return { width, height: Math.max(1, steps.length * row - (row - bar)), marks };
}
