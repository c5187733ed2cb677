import sharp from "sharp";
import type { Pixels } from "./pixels.ts";

/** Writes pixels as a JPEG file of the given quality (1…100, 90 by default). The same pixels give the same bytes. */
export function encodeJpeg(pixels: Pixels, quality = 90): Promise<Buffer> {
  const { width, height, data } = pixels;
  return sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false }).jpeg({ quality }).toBuffer();
}
