import type { Pixels } from "./pixels.ts";

/** Statistics of pixels with channels in 0…1, in the order R, G, B. Standard deviations are those of the population. */
export interface PixelStatistics {
  /** Standard deviation of the grey image's Laplacian (4 × centre − 4 neighbours) inside the border; 0 below 3 × 3 pixels. */
  sharpness: number;
  /** Mean of the grey image (the mean of the three channels) by its standard deviation; 0 when it is flat. */
  snr: number;
  mean: number[];
  std: number[];
  sumOfValues: number[];
  sumOfSquares: number[];
  /** [height, width, 3] */
  shape: number[];
}

/**
 * Measures pixels in one pass. All sums are whole numbers (channels in 0…255, grey as R + G + B in 0…765), exact up to
 * 10⁹ pixels, so that a flat image has a deviation of exactly 0 and the order of summation doesn't matter.
 */
export function measurePixels(image: Pixels): PixelStatistics {
  const { width, height, data } = image;
  const count = width * height;
  let r1 = 0, g1 = 0, b1 = 0, r2 = 0, g2 = 0, b2 = 0, grey2 = 0, edge1 = 0, edge2 = 0;
  // Three rows of grey are enough for the Laplacian of the middle one.
  let above = new Int32Array(width);
  let middle = new Int32Array(width);
  let below = new Int32Array(width);
  for (let y = 0, at = 0; y < height; y++) {
    [above, middle, below] = [middle, below, above];
    for (let x = 0; x < width; x++, at += 3) {
      const r = data[at]!;
      const g = data[at + 1]!;
      const b = data[at + 2]!;
      const grey = r + g + b;
      r1 += r;
      g1 += g;
      b1 += b;
      r2 += r * r;
      g2 += g * g;
      b2 += b * b;
      grey2 += grey * grey;
      below[x] = grey;
    }
    if (y < 2) continue;
    for (let x = 1; x < width - 1; x++) {
      const edge = 4 * middle[x]! - above[x]! - below[x]! - middle[x - 1]! - middle[x + 1]!;
      edge1 += edge;
      edge2 += edge * edge;
    }
  }
  const inside = Math.max(0, width - 2) * Math.max(0, height - 2);
  const sums = [r1, g1, b1];
  const squares = [r2, g2, b2];
  const greySum = r1 + g1 + b1;
  const greyStd = deviation(greySum, grey2, count) / 765;
  return {
    sharpness: deviation(edge1, edge2, inside) / 765,
    snr: greyStd === 0 ? 0 : greySum / (765 * count) / greyStd,
    mean: sums.map((sum) => (count === 0 ? 0 : sum / (255 * count))),
    std: sums.map((sum, i) => deviation(sum, squares[i]!, count) / 255),
    sumOfValues: sums.map((sum) => sum / 255),
    sumOfSquares: squares.map((sum) => sum / 65_025),
    shape: [height, width, 3],
  };
}

/** √(n·Σx² − (Σx)²) / n; the difference is taken in whole numbers because its two terms are nearly equal. */
function deviation(sum: number, squares: number, count: number): number {
  if (count === 0) return 0;
  const difference = BigInt(count) * BigInt(squares) - BigInt(sum) * BigInt(sum);
  return Math.sqrt(Number(difference)) / count;
}
