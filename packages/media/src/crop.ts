import type { ImageLimits } from "./limits.ts";
import type { Pixels } from "./pixels.ts";
import type { ImageSource } from "./source.ts";
import { isPixels, uprightPixels } from "./upright.ts";

/** A box in pixels of the upright image: its left upper corner and its size. Fractions are allowed. */
export type Box = readonly [x: number, y: number, width: number, height: number];

export interface CropOptions {
  /** By which share of its width and height a box grows, half of it on each side; 0 by default, 0.1 is a tenth. */
  readonly padding?: number;
  readonly limits?: ImageLimits;
}

/** A part of an image, and where it was cut out. */
export interface Crop extends Pixels {
  /** Whole pixels: left, top, width, height. */
  readonly region: readonly [x: number, y: number, width: number, height: number];
}

/**
 * Cuts boxes out of an image, decoded once for all of them. Boxes are clipped to the image; undefined stands for one of
 * which nothing is left. The image is turned upright first, as who drew the boxes saw it.
 * @throws ImageError when the image can't be decoded; RangeError for a box or a padding that is no such thing.
 */
export async function cropImage(source: ImageSource | Pixels, boxes: readonly Box[], options: CropOptions = {}): Promise<(Crop | undefined)[]> {
  const image = isPixels(source) ? source : await uprightPixels(source, options.limits);
  return boxes.map((box) => {
    const region = cropRegion(box, image, options.padding);
    return region && cut(image, region);
  });
}

/**
 * The whole pixels that a box covers when it has grown by the padding, within an image of that size; undefined when there
 * are none.
 * @throws RangeError
 */
export function cropRegion([x, y, width, height]: Box, image: { readonly width: number; readonly height: number }, padding = 0): Crop["region"] | undefined {
  if (![x, y, width, height].every(Number.isFinite)) throw new RangeError(`a box is four numbers (x, y, width, height), got ${[x, y, width, height].join(", ")}`);
  if (!Number.isFinite(padding) || padding < 0) throw new RangeError(`padding must be a number from 0, got ${padding}`);
  if (width <= 0 || height <= 0) return undefined;
  const [left, right] = span(x, width, padding, image.width);
  const [top, bottom] = span(y, height, padding, image.height);
  return right > left && bottom > top ? [left, top, right - left, bottom - top] : undefined;
}

/** Outwards to whole pixels, save for what is only an error of arithmetic. */
function span(start: number, size: number, padding: number, limit: number): [number, number] {
  const grown = (size * padding) / 2;
  return [Math.max(0, Math.floor(start - grown + 1e-6)), Math.min(limit, Math.ceil(start + size + grown - 1e-6))];
}

function cut(image: Pixels, region: Crop["region"]): Crop {
  const [left, top, width, height] = region;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * 3;
    data.set(image.data.subarray(from, from + width * 3), y * width * 3);
  }
  return { region, width, height, data };
}
