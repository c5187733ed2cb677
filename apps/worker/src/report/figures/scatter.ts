import type { Figure, Mark, Space } from "./figure.ts";

/** More points than these are drawn as shaded cells, and of the selected so many at most are drawn. */
export const POINTS_MAX = 3000;
const CELLS = 72;
const SHADES = 6;

/** A map of the items: removed ones grey, retained ones coloured on top of them. */
export function scatterFigure(coordinates: Float32Array, selected: Uint8Array, { width, textSize }: Space): Figure {
  const height = width * 0.8;
  const margin = textSize * 0.7;
  const place = placing(coordinates, width, height, margin);
  const removed: number[] = [];
  const retained: number[] = [];
  for (let i = 0; i < selected.length; i++) if (place(i)) (selected[i] ? retained : removed).push(i);
  const marks: Mark[] = [
    { kind: "line", at: [0.3, 0.3, width - 0.3, 0.3, width - 0.3, height - 0.3, 0.3, height - 0.3, 0.3, 0.3], ink: "grid", thickness: 0.6 },
  ];
  const at = (items: readonly number[]): number[] => items.flatMap((i) => place(i)!);
  const crowd = Math.max(0.55, Math.min(1.9, 26 / Math.sqrt(selected.length + 1)));
  if (removed.length <= POINTS_MAX) {
    if (removed.length > 0) marks.push({ kind: "dots", at: at(removed), radius: (crowd * width) / 245, ink: "before", opacity: 0.6 });
  } else marks.push(...shades(removed, place, width, height));
  const step = Math.ceil(retained.length / POINTS_MAX);
  const drawn = step <= 1 ? retained : retained.filter((_, i) => i % step === 0);
  if (drawn.length > 0) marks.push({ kind: "dots", at: at(drawn), radius: (Math.max(0.9, Math.min(2.1, 40 / Math.sqrt(drawn.length + 1))) * width) / 245, ink: "after", opacity: 0.9 });
  return { width, height, marks };
}

/** Fits the points into the figure; a few far ones (beyond the outermost 0.1 %) are put at the rim instead of squeezing all others. */
function placing(coordinates: Float32Array, width: number, height: number, margin: number): (item: number) => [number, number] | undefined {
  const range = (offset: 0 | 1): [number, number] => {
    const values = coordinates.filter((value, i) => i % 2 === offset && Number.isFinite(value)).sort();
    if (values.length === 0) return [0, 1];
    const cut = Math.floor(values.length / 1000);
    const low = values[cut]!;
    const high = values[values.length - 1 - cut]!;
    return [low, high];
  };
  const [left, right] = range(0);
  const [bottom, top] = range(1);
  const into = (value: number, low: number, high: number, length: number): number => margin + (high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5) * (length - 2 * margin);
  return (item) => {
    const x = coordinates[2 * item]!;
    const y = coordinates[2 * item + 1]!;
    return Number.isFinite(x) && Number.isFinite(y) ? [into(x, left, right, width), height - into(y, bottom, top, height)] : undefined;
  };
}

function shades(items: readonly number[], place: (item: number) => [number, number] | undefined, width: number, height: number): Mark[] {
  const size = width / CELLS;
  const rows = Math.ceil(height / size);
  const counts = new Uint32Array(CELLS * rows);
  let most = 0;
  for (const item of items) {
    const [x, y] = place(item)!;
    const cell = Math.min(rows - 1, Math.floor(y / size)) * CELLS + Math.min(CELLS - 1, Math.floor(x / size));
    most = Math.max(most, ++counts[cell]!);
  }
  const marks: Mark[] = [];
  for (let shade = 1; shade <= SHADES; shade++) {
    const at: number[] = [];
    for (let cell = 0; cell < counts.length; cell++) {
      if (counts[cell] === 0) continue;
      // By the logarithm: a dense middle must not make everything else invisible.
      const level = Math.max(1, Math.ceil((SHADES * Math.log1p(counts[cell]!)) / Math.log1p(most)));
      if (level === shade) at.push((cell % CELLS) * size, Math.floor(cell / CELLS) * size);
    }
    if (at.length > 0) marks.push({ kind: "cells", at, width: size, height: Math.min(size, height), ink: "before", opacity: 0.12 + (0.7 * shade) / SHADES });
  }
  return marks;
}
