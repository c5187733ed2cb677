/** A prior box in shares of the image: centre and size. */
export interface Anchor {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How many anchors each cell of a map has: the finest map has fewer. */
export const ANCHORS_PER_CELL = [3, 6, 6, 6, 6, 6] as const;
/** Sides of the six maps at 300 × 300 pixels. */
export const MAP_SIDES = [19, 10, 5, 3, 2, 1] as const;

const SMALLEST = 0.2;
const LARGEST = 0.95;

/**
 * The anchors of one map of a single-shot detector, row by row, all of a cell together. Source: Liu et al., "SSD: Single
 * Shot MultiBox Detector" (2016), section 2.2, with the values of the MobileNet detectors that the model was trained as:
 * sizes from 0.2 to 0.95 in even steps over six maps, shapes 1, 2, 1/2, 3, 1/3 and a square between this size and the
 * next; on the finest map only a small square and the shapes 2 and 1/2.
 */
export function mapAnchors(layer: number): Anchor[] {
  const size = sizeOf(layer);
  const shapes: [size: number, ratio: number][] =
    layer === 0
      ? [[0.1, 1], [size, 2], [size, 1 / 2]]
      : [[size, 1], [size, 2], [size, 1 / 2], [size, 3], [size, 1 / 3], [Math.sqrt(size * sizeOf(layer + 1)), 1]];
  const side = MAP_SIDES[layer]!;
  const anchors: Anchor[] = [];
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      for (const [scale, ratio] of shapes) {
        anchors.push({ x: (column + 0.5) / side, y: (row + 0.5) / side, width: scale * Math.sqrt(ratio), height: scale / Math.sqrt(ratio) });
      }
    }
  }
  return anchors;
}

function sizeOf(layer: number): number {
  return layer >= MAP_SIDES.length ? 1 : SMALLEST + ((LARGEST - SMALLEST) * layer) / (MAP_SIDES.length - 1);
}
