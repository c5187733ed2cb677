import type { Bounds } from "./viewport.ts";

/**
 * Points sorted into a grid of cells, so that what is seen, hovered or enclosed is found without looking at all. Points of
 * one cell lie side by side, in the dataset's order.
 */
export interface PointIndex {
  readonly bounds: Bounds;
  /** Cells along each side. */
  readonly side: number;
  /** Ordinals by cell. */
  readonly ordinals: Uint32Array;
  /** Coordinates in the same order, x and y interleaved. */
  readonly points: Float32Array;
  /** Where each cell begins, row by row from the bottom, and the end of the last. */
  readonly starts: Uint32Array;
}

const pointsPerCell = 24;

/** @param coordinates x and y of each sample, interleaved; NaN for samples that are not on the map */
export function indexPoints(coordinates: Float32Array): PointIndex {
  const samples = coordinates.length / 2;
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  let placed = 0;
  for (let i = 0; i < samples; i++) {
    const x = coordinates[2 * i]!;
    const y = coordinates[2 * i + 1]!;
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    placed++;
    if (x < minX) minX = x;
    if (x > maxX) maxX = x;
    if (y < minY) minY = y;
    if (y > maxY) maxY = y;
  }
  if (placed === 0) [minX, minY, maxX, maxY] = [0, 0, 1, 1];
  const bounds = { minX, minY, maxX, maxY };
  const side = Math.max(1, Math.min(1024, Math.ceil(Math.sqrt(placed / pointsPerCell))));
  const cells = new Uint32Array(samples);
  const starts = new Uint32Array(side * side + 1);
  for (let i = 0; i < samples; i++) {
    const x = coordinates[2 * i]!;
    const y = coordinates[2 * i + 1]!;
    if (Number.isNaN(x) || Number.isNaN(y)) {
      cells[i] = side * side;
      continue;
    }
    const cell = cellOf(y, minY, maxY, side) * side + cellOf(x, minX, maxX, side);
    cells[i] = cell;
    starts[cell + 1]!++;
  }
  for (let cell = 0; cell < side * side; cell++) starts[cell + 1]! += starts[cell]!;
  const next = starts.slice();
  const ordinals = new Uint32Array(placed);
  const points = new Float32Array(2 * placed);
  for (let i = 0; i < samples; i++) {
    const cell = cells[i]!;
    if (cell === side * side) continue;
    const at = next[cell]!++;
    ordinals[at] = i;
    points[2 * at] = coordinates[2 * i]!;
    points[2 * at + 1] = coordinates[2 * i + 1]!;
  }
  return { bounds, side, ordinals, points, starts };
}

/** Runs of places (from, to) that cover a rectangle of the map: one run per row of cells. They hold points outside of it as well. */
export function runsWithin({ bounds, side, starts }: PointIndex, wanted: Bounds): [from: number, to: number][] {
  if (wanted.maxX < bounds.minX || wanted.minX > bounds.maxX || wanted.maxY < bounds.minY || wanted.minY > bounds.maxY) return [];
  const left = cellOf(wanted.minX, bounds.minX, bounds.maxX, side);
  const right = cellOf(wanted.maxX, bounds.minX, bounds.maxX, side);
  const bottom = cellOf(wanted.minY, bounds.minY, bounds.maxY, side);
  const top = cellOf(wanted.maxY, bounds.minY, bounds.maxY, side);
  const runs: [number, number][] = [];
  for (let row = bottom; row <= top; row++) {
    const from = starts[row * side + left]!;
    const to = starts[row * side + right + 1]!;
    if (to > from) runs.push([from, to]);
  }
  return runs;
}

/** The place of the point nearest to a position, among those that `accept` takes and that are no farther than `reach`; -1: none. Ties: the first place. */
export function nearestPlace(index: PointIndex, x: number, y: number, reach: number, accept: (ordinal: number) => boolean): number {
  let best = -1;
  let least = reach * reach;
  for (const [from, to] of runsWithin(index, { minX: x - reach, maxX: x + reach, minY: y - reach, maxY: y + reach })) {
    for (let place = from; place < to; place++) {
      const dx = index.points[2 * place]! - x;
      const dy = index.points[2 * place + 1]! - y;
      const distance = dx * dx + dy * dy;
      if ((distance < least || (distance === least && best < 0)) && accept(index.ordinals[place]!)) {
        least = distance;
        best = place;
      }
    }
  }
  return best;
}

function cellOf(value: number, minimum: number, maximum: number, side: number): number {
  const cell = Math.floor(((value - minimum) / (maximum - minimum || 1)) * side);
  return cell < 0 ? 0 : cell >= side ? side - 1 : cell;
}
