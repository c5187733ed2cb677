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
  const row = (cells: readonly (readonly string[])[], head: boolean): void => {
    const style = { size: SIZE, weight: head ? ("bold" as const) : ("regular" as const), colour: head ? PAPER.muted : PAPER.text };
    let x = PAGE.margin;
    for (const [i, lines] of cells.entries()) {
      const end = table.columns[i]!.align === "end";
      for (const [j, line] of lines.entries()) sheet.type.line(line, end ? x + widths[i]! : x, sheet.y + PADDING + SIZE + j * LEADING, style, end ? "end" : "start");
      x += widths[i]! + GAP;
    }
    sheet.y += heightOf(cells);
    sheet.rule(head ? PAPER.before : PAPER.grid);
  };
  const broken = (cells: readonly string[], bold: boolean): string[][] =>
    cells.map((cell, i) => sheet.type.lines(cell, { size: SIZE, weight: bold ? "bold" : "regular", colour: "" }, widths[i]!, LINES_MAX));
  const head = broken(table.columns.map(({ label }) => label), true);
  const rows = table.rows.map((cells) => broken(cells, false));
  sheet.room(heightOf(head) + (rows[0] ? heightOf(rows[0]) : 0) + 4);
  row(head, true);
  for (const cells of rows) {
    if (sheet.y + heightOf(cells) > sheet.bottom) {
      sheet.turn();
      row(head, true);
    }
    row(cells, false);
  }
  sheet.y += 4;
  if (table.rest) sheet.paragraph(table.rest, { size: SIZE, colour: PAPER.muted, after: 0 });
  sheet.y += 12;
}

function heightOf(cells: readonly (readonly string[])[]): number {
  return Math.max(1, ...cells.map((lines) => lines.length)) * LEADING + 2 * PADDING - 1;
}
