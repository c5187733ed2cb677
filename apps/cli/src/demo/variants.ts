import type { Pixels } from "@winnow/media";
import type { Random } from "./random.ts";

/** What may happen to a photograph between two saves. */
export interface Variant {
  /** In words, for the manifest. */
  readonly change: string;
  /** JPEG quality to save with. */
  readonly quality: number;
  apply(image: Pixels, chance: Random): Pixels;
}

/** The ways in which near-duplicates come about. */
export const VARIANTS: readonly Variant[] = [
  { change: "recompressed", quality: 62, apply: (image) => image },
  { change: "slightly cropped", quality: 88, apply: (image, chance) => crop(image, Math.round(chance(8, 16)), Math.round(chance(6, 12))) },
  { change: "slightly brighter", quality: 88, apply: (image, chance) => brighten(image, chance(1.05, 1.1)) },
  { change: "shifted, as the next of a burst", quality: 90, apply: (image, chance) => shift(image, Math.round(chance(3, 7)), Math.round(chance(-4, 4)), chance) },
];

function crop({ width, height, data }: Pixels, dx: number, dy: number): Pixels {
  const [w, h] = [width - 2 * dx, height - 2 * dy];
  const out = new Uint8Array(w * h * 3);
  for (let y = 0; y < h; y++) {
    const from = ((y + dy) * width + dx) * 3;
    out.set(data.subarray(from, from + w * 3), y * w * 3);
  }
  return { width: w, height: h, data: out };
}

function brighten({ width, height, data }: Pixels, factor: number): Pixels {
  return { width, height, data: data.map((value) => Math.min(255, Math.round(value * factor))) };
}

/** Moved, with the border repeated, and new grain: another exposure of the same thing. */
function shift({ width, height, data }: Pixels, dx: number, dy: number, chance: Random): Pixels {
  const out = new Uint8Array(data.length);
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.min(height - 1, Math.max(0, y + dy)) * width;
    for (let x = 0; x < width; x++) {
      const from = (row + Math.min(width - 1, Math.max(0, x + dx))) * 3;
      const grain = chance(-3, 3);
      for (let channel = 0; channel < 3; channel++, at++) out[at] = Math.min(255, Math.max(0, Math.round(data[from + channel]! + grain)));
    }
  }
  return { width, height, data: out };
}
