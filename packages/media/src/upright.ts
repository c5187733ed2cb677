import sharp, { type Sharp } from "sharp";
import { decodeBytes, decoderOptions, requireFormat } from "./decode.ts";
import { explainDecodeError } from "./errors.ts";
import type { ImageFormat } from "./format.ts";
import { type ImageLimits, DEFAULT_LIMITS } from "./limits.ts";
import type { Pixels } from "./pixels.ts";
import { type ImageSource, readSource } from "./source.ts";

export interface Upright {
  readonly pipeline: Sharp;
  /** Size after turning upright. */
  readonly width: number;
  readonly height: number;
}

/** Begins to read an image, turned by its EXIF orientation. What the library throws later is not explained yet. */
export async function openUpright(bytes: Uint8Array, format: ImageFormat, limits: ImageLimits): Promise<Upright> {
  if (format === "pnm" || format === "bmp") return openPixels(await decodeBytes(bytes, limits));
  const pipeline = sharp(bytes, decoderOptions(limits)).autoOrient();
  const { autoOrient } = await pipeline.metadata();
  return { pipeline, width: autoOrient.width, height: autoOrient.height };
}

/** The same of pixels that are decoded already. */
export function openPixels({ width, height, data }: Pixels): Upright {
  return { pipeline: sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false }), width, height };
}

/** Whether something is decoded pixels rather than a file's path or bytes. */
export function isPixels(image: ImageSource | Pixels): image is Pixels {
  return typeof image !== "string" && !(image instanceof Uint8Array);
}

/**
 * An image's pixels as people see it: in full, upright by its EXIF orientation, sRGB, without alpha. (`decodeImage` gives
 * them as they are stored.)
 * @throws ImageError when the image can't be decoded; errors of the file system as they are.
 */
export async function uprightPixels(source: ImageSource, limits: ImageLimits = DEFAULT_LIMITS): Promise<Pixels> {
  const bytes = await readSource(source, limits);
  const format = requireFormat(bytes);
  try {
    return await rawPixels((await openUpright(bytes, format, limits)).pipeline);
  } catch (error) {
    throw explainDecodeError(error, bytes, format, limits);
  }
}

/**
 * An image's size as people see it: upright by its EXIF orientation. Only its header is read, save for formats that are
 * decoded here (BMP, PPM, PGM).
 * @throws ImageError when it is no image; errors of the file system as they are.
 */
export async function uprightSize(source: ImageSource, limits: ImageLimits = DEFAULT_LIMITS): Promise<{ width: number; height: number }> {
  const bytes = await readSource(source, limits);
  const format = requireFormat(bytes);
  try {
    const { width, height } = await openUpright(bytes, format, limits);
    return { width, height };
  } catch (error) {
    throw explainDecodeError(error, bytes, format, limits);
  }
}

/** Runs a pipeline to its pixels. */
export async function rawPixels(pipeline: Sharp): Promise<Pixels> {
  const { data, info } = await pipeline.removeAlpha().toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`decoded to ${info.channels} channels where 3 were expected`);
  return { width: info.width, height: info.height, data };
}
