import type { Table } from "../document.ts";
import { PAPER } from "../svg.ts";
import { PAGE, type Sheet, TEXT_WIDTH } from "./sheet.ts";

const SIZE = 8.2;
const LEADING = 11;
const PADDING = 3.4;
const GAP = 10;
const LINES_MAX = 3;

/** Draws a table over the width of the text; its head stands again on every page. */
export function drawTable(sheet: Sheet, table: Table): void {
  const total = table.columns.reduce((sum, { weight = 1 }) => sum + weight, 0);
  // Gaps stand between columns only: the last one ends where the text does.
  const widths = table.columns.map(({ weight = 1 }) => ((TEXT_WIDTH + GAP) * weight) / total - GAP);
  // The head is heard once; where it stands again it is for the eye.
  const row = (cells: readonly (readonly string[])[], head: "head" | "again" | "no"): void => {
    if (head === "again") sheet.ornament(() => setRow(cells, true, (draw) => draw()));
    else sheet.element("TR", () => setRow(cells, head === "head", (draw, i) => sheet.element(head === "head" || i === 0 ? "TH" : "TD", () => sheet.mark(draw), head === "head" ? { scope: "Column" } : i === 0 ? { scope: "Row" } : {})));
    sheet.y += heightOf(cells);
    sheet.rule(head === "no" ? PAPER.grid : PAPER.before);
  };
  const setRow = (cells: readonly (readonly string[])[], head: boolean, cell: (draw: () => void, column: number) => void): void => {
    const style = { size: SIZE, weight: head ? ("bold" as const) : ("regular" as const), colour: head ? PAPER.muted : PAPER.text };
    let x = PAGE.margin;
    for (const [i, lines] of cells.entries()) {
      const end = table.columns[i]!.align === "end";
      const left = end ? x + widths[i]! : x;
      cell(() => {
        for (const [j, line] of lines.entries()) sheet.type.line(line, left, sheet.y + PADDING + SIZE + j * LEADING, style, end ? "end" : "start");
      }, i);
      x += widths[i]! + GAP;
    }
  };
  const broken = (cells: readonly string[], bold: boolean): string[][] =>
    cells.map((cell, i) => sheet.type.lines(cell, { size: SIZE, weight: bold ? "bold" : "regular", colour: "" }, widths[i]!, LINES_MAX));
  const head = broken(table.columns.map(({ label }) => label), true);
  const rows = table.rows.map((cells) => broken(cells, false));
  sheet.room(heightOf(head) + (rows[0] ? heightOf(rows[0]) : 0) + 4);
  sheet.element("Table", () => {
    row(head, "head");
    for (const cells of rows) {
      if (sheet.y + heightOf(cells) > sheet.bottom) {
        sheet.turn();
        row(head, "again");
      }
      row(cells, "no");
    }
  });
  sheet.y += 4;
  if (table.rest) sheet.paragraph(table.rest, { size: SIZE, colour: PAPER.muted, after: 0 });
  sheet.y += 12;
}

function heightOf(cells: readonly (readonly string[])[]): number {
  return Math.max(1, ...cells.map((lines) => lines.length)) * LEADING + 2 * PADDING - 1;
}
