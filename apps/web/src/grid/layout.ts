import type { Group } from "../explore/grouping.ts";

/** Where everything in a grid of squares stands, in pixels; found by calculation, never by walking through all of it. */
export interface Layout {
  readonly columns: number;
  /** Side of a cell with the gap behind it. */
  readonly pitch: number;
  readonly count: number;
  readonly height: number;
  /** First pixel of each group's heading; empty without groups. */
  readonly tops: Float64Array;
  readonly groups: readonly Group[];
}

export const headingHeight = 38;
export const gap = 4;

/** @param size wanted side of a cell; cells grow so that they fill the width */
export function layout(count: number, groups: readonly Group[], width: number, size: number): Layout {
  const columns = Math.max(1, Math.floor((width + gap) / (size + gap)));
  const pitch = Math.max(8, (width + gap) / columns);
  const tops = new Float64Array(groups.length);
  let height = 0;
  if (groups.length === 0) height = Math.ceil(count / columns) * pitch;
  groups.forEach(({ from, to }, i) => {
    tops[i] = height;
    height += headingHeight + Math.ceil((to - from) / columns) * pitch;
  });
  return { columns, pitch, count, height, tops, groups };
}

/** A line of the grid: a heading, or cells from one place to another. */
export type Line = { readonly key: string; readonly top: number; readonly heading: Group } | { readonly key: string; readonly top: number; readonly from: number; readonly to: number };

/** The lines that reach into a stretch of the grid. */
export function linesBetween({ columns, pitch, count, tops, groups }: Layout, top: number, bottom: number): Line[] {
  const lines: Line[] = [];
  const cells = (from: number, to: number, start: number) => {
    const rows = Math.ceil((to - from) / columns);
    const first = Math.max(0, Math.floor((top - start) / pitch));
    const last = Math.min(rows - 1, Math.floor((bottom - start) / pitch));
    for (let row = first; row <= last; row++) {
      const at = from + row * columns;
      lines.push({ key: `${at}`, top: start + row * pitch, from: at, to: Math.min(to, at + columns) });
    }
  };
  if (groups.length === 0) {
    cells(0, count, 0);
    return lines;
  }
  for (let i = groupAt(tops, top); i < groups.length && tops[i]! <= bottom; i++) {
    const group = groups[i]!;
    if (tops[i]! + headingHeight >= top) lines.push({ key: `h${group.from}`, top: tops[i]!, heading: group });
    cells(group.from, group.to, tops[i]! + headingHeight);
  }
  return lines;
}

/** First pixel of the row that a place stands in. */
export function topOf({ columns, pitch, tops, groups }: Layout, place: number): number {
  if (groups.length === 0) return Math.floor(place / columns) * pitch;
  const i = groupOf(groups, place);
  return tops[i]! + headingHeight + Math.floor((place - groups[i]!.from) / columns) * pitch;
}

/** The place that the arrow keys lead to. `rows` up (negative) or down. */
export function placeBelow({ columns, count, groups }: Layout, place: number, rows: number): number {
  if (groups.length === 0) return clamp(place + rows * columns, place, count, columns);
  let at = place;
  for (let left = Math.abs(rows); left > 0; left--) {
    const group = groups[groupOf(groups, at)]!;
    const column = (at - group.from) % columns;
    const next = at + Math.sign(rows) * columns;
    if (next >= group.from && next < group.to) at = next;
    else if (rows > 0 && Math.floor((at - group.from) / columns) < Math.floor((group.to - 1 - group.from) / columns)) at = group.to - 1;
    else {
      const other = groups[groupOf(groups, at) + Math.sign(rows)];
      if (!other) break;
      const lastRow = other.from + Math.floor((other.to - 1 - other.from) / columns) * columns;
      at = Math.min(other.to - 1, (rows > 0 ? other.from : lastRow) + column);
    }
  }
  return at;
}

function clamp(next: number, place: number, count: number, columns: number): number {
  if (next < 0) return place % columns;
  if (next < count) return next;
  // Into the last row, where it is shorter.
  return Math.floor((count - 1) / columns) > Math.floor(place / columns) ? count - 1 : place;
}

function groupAt(tops: Float64Array, top: number): number {
  let low = 0;
  let high = tops.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (tops[middle]! <= top) low = middle;
    else high = middle;
  }
  return low;
}

function groupOf(groups: readonly Group[], place: number): number {
  let low = 0;
  let high = groups.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (groups[middle]!.from <= place) low = middle;
    else high = middle;
  }
  return low;
}
