import { scaleLinear } from "d3-scale";
import { countText } from "../wording.ts";
import { axisWidth, bottomAxis, leftAxis } from "./axes.ts";
import type { Figure, Mark, Space } from "./figure.ts";

/** The coverage radius against the number of picks. */
export function coverageFigure(coverage: Float64Array, { width, textSize }: Space): Figure {
  const top = textSize * 2.2;
  const height = Math.min(width * 0.3, textSize * 14);
  const bottom = top + height;
  const known = points(coverage);
  const y = scaleLinear([0, Math.max(1e-9, ...known.map(([, radius]) => radius))], [bottom, top]).nice(4);
  const left = axisWidth(y, textSize, 4);
  const right = width - textSize * 1.2;
  const x = scaleLinear([Math.min(1, coverage.length), Math.max(2, coverage.length)], [left, right]);
  const frame = { left, top, right, bottom };
  const ticks = [1, ...x.ticks(6).filter((tick) => Number.isInteger(tick) && tick > 1)];
  const marks: Mark[] = [
    { kind: "text", x: 0, y: textSize, text: "distance within which every item has a selected one", size: textSize, ink: "muted" },
    ...leftAxis(y, frame, textSize, 4),
    ...bottomAxis(ticks, x, frame, textSize, countText),
  ];
  if (known.length > 1) marks.push({ kind: "line", at: known.flatMap(([pick, radius]) => [x(pick), y(radius)]), ink: "after", thickness: 1.6 });
  else if (known.length === 1) marks.push({ kind: "dots", at: [x(known[0]![0]), y(known[0]![1])], radius: 2.5, ink: "after" });
  marks.push({ kind: "text", x: right, y: bottom + textSize * 2.8, text: "picks", size: textSize, ink: "muted", anchor: "end" });
  return { width, height: bottom + textSize * 3.2, marks };
}

/** Up to 400 points of the curve, first and last among them: more can't be seen. */
function points(coverage: Float64Array): [number, number][] {
  const found: [number, number][] = [];
  const step = Math.max(1, coverage.length / 400);
  let next = 0;
  for (let i = 0; i < coverage.length; i++) {
    if (i < next && i !== coverage.length - 1) continue;
    next += step;
    if (Number.isFinite(coverage[i])) found.push([i + 1, coverage[i]!]);
  }
  return found;
}
