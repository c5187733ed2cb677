import sharp from "sharp";
import type { Pixels } from "./pixels.ts";

/** Writes pixels as a PNG file, without loss. The same pixels give the same bytes. */
export function encodePng(pixels: Pixels): Promise<Buffer> {
  const { width, height, data } = pixels;
  return sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false }).png().toBuffer();
}
