import { toUnitLength } from "./unit.ts";

/** One image's feature map: `channels × side × side`, row by row. */
export interface FeatureMap {
  readonly data: Float32Array;
  readonly channels: number;
  readonly side: number;
}

/** How many cells stand along a side. */
export const CELLS = 3;
/** Columns left after mirroring: the outer two are one. */
const COLUMNS = 2;

/** Width of what {@link describeCells} writes for a map of so many channels. */
export function cellDimensions(channels: number): number {
  return channels * CELLS * COLUMNS;
}

/**
 * Describes a feature map by the means of its 3 × 3 cells, where the left and the right column are averaged: coarse
 * layout is kept (what is above, in the middle, below, at the sides), but an image and its mirror image count as nearly
 * the same, which is how photographs come. Written as [row][outer, middle][channel], of unit length.
 * @param map its side must be a multiple of 3, so that every value belongs to one cell.
 * @param target where the {@link cellDimensions} values go.
 */
export function describeCells({ data, channels, side }: FeatureMap, target: Float32Array): void {
  if (side % CELLS !== 0) throw new Error(`a feature map of side ${side} can't be cut into ${CELLS} cells per side`);
  const step = side / CELLS;
  for (let row = 0; row < CELLS; row++) {
    for (let channel = 0; channel < channels; channel++) {
      const cells = [0, 0, 0];
      for (let y = row * step; y < (row + 1) * step; y++) {
        const start = (channel * side + y) * side;
        for (let x = 0; x < side; x++) cells[Math.floor(x / step)]! += data[start + x]!;
      }
      const mean = 1 / (step * step);
      target[row * COLUMNS * channels + channel] = ((cells[0]! + cells[2]!) / 2) * mean;
      target[(row * COLUMNS + 1) * channels + channel] = cells[1]! * mean;
    }
  }
  toUnitLength(target);
}
