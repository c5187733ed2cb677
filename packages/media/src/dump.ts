import { requireFormat } from "./decode.ts";
import { explainDecodeError, ImageError } from "./errors.ts";
import { type ImageLimits, DEFAULT_LIMITS } from "./limits.ts";
import type { Pixels } from "./pixels.ts";
import { type ImageSource, readSource } from "./source.ts";
import { isPixels, openPixels, openUpright, type Upright } from "./upright.ts";

/** Size of dumped images: −1 leaves them as they are, a number is the length of the shortest edge, `[height, width]` exact. */
export type DumpSize = -1 | number | readonly [height: number, width: number];

/** Formats that images can be dumped in, by the extension of their files. */
export const DUMP_FORMATS = Object.freeze(["png", "jpg", "jpeg", "webp", "tif", "tiff"] as const);
export type DumpFormat = (typeof DUMP_FORMATS)[number];

export interface DumpOptions {
  /** −1 by default. */
  readonly size?: DumpSize;
  /** `png` by default. An image file that keeps its size keeps its bytes, whatever stands here. */
  readonly format?: DumpFormat;
  readonly limits?: ImageLimits;
}

export interface DumpedImage {
  readonly bytes: Uint8Array;
  /** What the file's extension has to be; undefined when it is the file as it was. */
  readonly extension: DumpFormat | undefined;
}

const JPEG_QUALITY = 95;

/**
 * An image as the file that is dumped: resized (smaller or larger, upright) and written in the format, or untouched.
 * @throws ImageError; RangeError for a size or format that isn't one.
 */
export async function dumpImage(source: ImageSource | Pixels, options: DumpOptions = {}): Promise<DumpedImage> {
  const { size = -1, format = "png", limits = DEFAULT_LIMITS } = options;
  checkSize(size);
  if (!DUMP_FORMATS.includes(format)) throw new RangeError(`the format must be one of ${DUMP_FORMATS.join(", ")}, got ${String(format)}`);
  if (isPixels(source)) return { bytes: await write(openPixels(source), size, format, limits), extension: format };
  const bytes = await readSource(source, limits);
  if (size === -1) return { bytes, extension: undefined };
  const own = requireFormat(bytes);
  try {
    return { bytes: await write(await openUpright(bytes, own, limits), size, format, limits), extension: format };
  } catch (error) {
    throw explainDecodeError(error, bytes, own, limits);
  }
}

function write({ pipeline, width, height }: Upright, size: DumpSize, format: DumpFormat, limits: ImageLimits): Promise<Buffer> {
  const scale = typeof size === "number" ? size / Math.min(width, height) : 1;
  const [high, wide] = typeof size === "number" ? (size === -1 ? [height, width] : [Math.max(1, Math.round(height * scale)), Math.max(1, Math.round(width * scale))]) : size;
  if (high * wide > limits.pixelsMax) throw new ImageError("too-large", `resized to ${wide} × ${high}, the image would have more than the ${limits.pixelsMax} pixels allowed`);
  const resized = (high === height && wide === width ? pipeline : pipeline.resize(wide, high, { fit: "fill", kernel: "lanczos3" })).toColourspace("srgb");
  switch (format) {
    case "jpg":
    case "jpeg":
      return resized.flatten({ background: "#ffffff" }).jpeg({ quality: JPEG_QUALITY, chromaSubsampling: "4:4:4" }).toBuffer();
    case "webp":
      return resized.webp({ quality: JPEG_QUALITY }).toBuffer();
    case "tif":
    case "tiff":
      return resized.tiff({ compression: "lzw" }).toBuffer();
    case "png":
      return resized.png().toBuffer();
  }
}

function checkSize(size: DumpSize): void {
  const fits = (value: number) => Number.isInteger(value) && value >= 1 && value <= 65_535;
  if (typeof size === "number" ? size === -1 || fits(size) : size.length === 2 && size.every(fits)) return;
  throw new RangeError(`the size must be -1, the length of the shortest edge or [height, width], in whole pixels from 1 to 65535; got ${JSON.stringify(size)}`);
}
