import type { Io } from "../io.ts";
import { paintFor } from "./colour.ts";
import { visible } from "./visible.ts";

/** Rows as a table with a heading, which stands out on a terminal. */
export function table(io: Io, rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => visible(cell).replaceAll("\n", " ")));
  const widths = cells[0]!.map((_, column) => cells.reduce((most, row) => Math.max(most, row[column]!.length), 0));
  const lines = cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd());
  return `${[paintFor(io, "stdout").bold(lines[0]!), ...lines.slice(1)].join("\n")}\n`;
}

/** A moment in UTC, to the minute. */
export function moment(atMs: number | null): string {
  return atMs === null ? "never" : new Date(Number(atMs)).toISOString().slice(0, 16).replace("T", " ");
}
