import type { Figure, Mark } from "../figures/figure.ts";
import { PAPER } from "../svg.ts";
import type { Typesetter } from "./typesetter.ts";

type Writer = PDFKit.PDFDocument;

/** Draws a figure with its upper left corner at x, y. */
export function drawFigure(doc: Writer, type: Typesetter, figure: Figure, x: number, y: number): void {
  for (const mark of figure.marks) drawMark(doc, type, mark, x, y);
}

function drawMark(doc: Writer, type: Typesetter, mark: Mark, left: number, top: number): void {
  if (mark.kind === "text") {
    type.line(mark.text, left + mark.x, top + mark.y, { size: mark.size, weight: mark.bold ? "bold" : "regular", colour: PAPER[mark.ink] }, mark.anchor);
    return;
  }
  const colour = PAPER[mark.ink];
  doc.save();
  switch (mark.kind) {
    case "rect":
      doc.fillOpacity(mark.opacity ?? 1).rect(left + mark.x, top + mark.y, mark.width, mark.height).fill(colour);
      break;
    case "cells":
      for (let i = 0; i < mark.at.length; i += 2) doc.rect(left + mark.at[i]!, top + mark.at[i + 1]!, mark.width, mark.height);
      doc.fillOpacity(mark.opacity).fill(colour);
      break;
    case "line":
      for (let i = 0; i < mark.at.length; i += 2) {
        if (i === 0) doc.moveTo(left + mark.at[i]!, top + mark.at[i + 1]!);
        else doc.lineTo(left + mark.at[i]!, top + mark.at[i + 1]!);
      }
      if (mark.dashed) doc.dash(3, { space: 2 });
      doc.lineWidth(mark.thickness).lineJoin("round").stroke(colour);
      break;
    case "segments":
      for (let i = 0; i < mark.at.length; i += 4) doc.moveTo(left + mark.at[i]!, top + mark.at[i + 1]!).lineTo(left + mark.at[i + 2]!, top + mark.at[i + 3]!);
      doc.lineWidth(mark.thickness).stroke(colour);
      break;
    case "dots":
      // Segments without length and with round ends are dots; much shorter than circles.
      for (let i = 0; i < mark.at.length; i += 2) doc.moveTo(left + mark.at[i]!, top + mark.at[i + 1]!).lineTo(left + mark.at[i]!, top + mark.at[i + 1]!);
      doc.strokeOpacity(mark.opacity ?? 1).lineCap("round").lineWidth(2 * mark.radius).stroke(colour);
      break;
  }
  doc.restore();
}
