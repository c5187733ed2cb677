import { type PointIndex, runsWithin } from "./point-index.ts";
import { type Size, type Viewport, toMap } from "./viewport.ts";

/** How points look, in the order of the index's places. */
export interface PointLook {
  /** Index into the palette; {@link hidden} for points that are not drawn, {@link ghost} for those that only stand where no other does. */
  readonly colours: Uint8Array;
  /** Packed ABGR, opaque, as an image on a little-endian machine holds it. */
  readonly palette: Uint32Array;
}

export const hidden = 255;
/** Colour of what is there but filtered away; never in front of anything else. */
export const ghost = 254;

/**
 * Draws a great many points into an image: one to three pixels for each, denser places more opaque. Where several
 * points share a pixel, its colour is that of one of them picked at random with equal chance (reservoir sampling by a
 * fixed hash), so that a dense place shows its mixture and the same view always looks the same.
 * @param image packed ABGR, width × height, cleared first
 * @returns points drawn
 */
export function drawPoints(image: Uint32Array, scratch: Scratch, index: PointIndex, look: PointLook, view: Viewport, size: Size, pixels: 1 | 2 | 3): number {
  const { width, height } = size;
  const { counts, colours } = scratch.of(width * height);
  const [minX, maxY] = toMap(view, size, 0, 0);
  const [maxX, minY] = toMap(view, size, width, height);
  const offsetX = width / 2 - view.x * view.scale - (pixels - 1) / 2;
  const offsetY = height / 2 + view.y * view.scale - (pixels - 1) / 2;
  const { scale } = view;
  const { points } = index;
  let drawn = 0;
  for (const [from, to] of runsWithin(index, { minX, minY, maxX, maxY })) {
    for (let place = from; place < to; place++) {
      const colour = look.colours[place]!;
      if (colour === hidden) continue;
      const px = Math.round(points[2 * place]! * scale + offsetX);
      const py = Math.round(offsetY - points[2 * place + 1]! * scale);
      if (px < 0 || py < 0 || px + pixels > width || py + pixels > height) continue;
      drawn++;
      // Multiplicative hash of the place: which of a pixel's points gives the colour.
      const chance = Math.imul(place + 1, 0x9e3779b1) >>> 0;
      for (let row = 0; row < pixels; row++) {
        let at = (py + row) * width + px;
        for (let column = 0; column < pixels; column++, at++) {
          const before = counts[at]!;
          if (before > 0 && (colour === ghost) !== (colours[at] === ghost)) {
            if (colour === ghost) continue;
            counts[at] = 1;
            colours[at] = colour;
            continue;
          }
          const count = before + 1;
          if (count < 65_535) counts[at] = count;
          if (count === 1 || chance < 4_294_967_296 / count) colours[at] = colour;
        }
      }
    }
  }
  const { opacity } = scratch;
  for (let at = 0; at < width * height; at++) {
    const count = counts[at]!;
    image[at] = count === 0 ? 0 : ((look.palette[colours[at]!]! & 0xffffff) | (opacity[count < 256 ? count : 255]! << 24)) >>> 0;
  }
  return drawn;
}

/** Working memory of {@link drawPoints}, used again from frame to frame. */
export class Scratch {
  #counts = new Uint16Array(0);
  #colours = new Uint8Array(0);
  /** Alpha by number of points in a pixel: one is well visible, more come closer to opaque. */
  readonly opacity = Uint8Array.from({ length: 256 }, (_, count) => Math.round(255 * (1 - 0.45 * Math.exp(-(count - 1) / 6))));

  of(pixels: number): { counts: Uint16Array; colours: Uint8Array } {
    if (this.#counts.length < pixels) {
      this.#counts = new Uint16Array(pixels);
      this.#colours = new Uint8Array(pixels);
    } else this.#counts.fill(0, 0, pixels);
    return { counts: this.#counts, colours: this.#colours };
  }
}
