import sharp from "sharp";
import { decodeBmp } from "./bmp.ts";
import { explainDecodeError, ImageError } from "./errors.ts";
import { readExif } from "./exif.ts";
import { type ImageFormat, sniffFormat } from "./format.ts";
import { type ImageLimits, DEFAULT_LIMITS } from "./limits.ts";
import type { Pixels } from "./pixels.ts";
import { decodePnm } from "./pnm.ts";
import { type ImageSource, readSource } from "./source.ts";

/** An image in full, as stored: not turned by its EXIF orientation, colours not converted, alpha left out. */
export interface DecodedImage extends Pixels {
  readonly format: ImageFormat;
  /** EXIF orientation, 1…8; 1 means upright. */
  readonly orientation: number;
  /** EXIF tags as {@link readExif} gives them. */
  readonly exif: Record<string, string>;
  /** True when a colour profile other than sRGB is embedded: shown colours are then not the stored ones. */
  readonly wideColours: boolean;
}

/**
 * What every use of the library has in common. `error` refuses files that are cut off or can't be decoded in part and
 * lets pass what decoders only warn about (stray bytes between segments), as the Python imaging library does.
 */
export function decoderOptions(limits: ImageLimits) {
  return { failOn: "error", limitInputPixels: limits.pixelsMax, sequentialRead: true } as const;
}

/**
 * Decodes an image in full. Only the first page or frame of a file is read.
 * @throws ImageError when it can't be decoded; errors of the file system as they are.
 */
export async function decodeImage(source: ImageSource, limits: ImageLimits = DEFAULT_LIMITS): Promise<DecodedImage> {
  return decodeBytes(await readSource(source, limits), limits);
}

/** {@link decodeImage} of bytes that were read already. */
export async function decodeBytes(bytes: Uint8Array, limits: ImageLimits): Promise<DecodedImage> {
  const format = requireFormat(bytes);
  if (format === "pnm" || format === "bmp") {
    const pixels = format === "pnm" ? decodePnm(bytes, limits.pixelsMax) : decodeBmp(bytes, limits.pixelsMax);
    return { ...pixels, format, orientation: 1, exif: {}, wideColours: false };
  }
  try {
    const options = decoderOptions(limits);
    const header = await sharp(bytes, options).metadata();
    const { data, info } = await sharp(bytes, { ...options, ignoreIcc: true })
      .toColourspace("srgb")
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return {
      format,
      width: info.width,
      height: info.height,
      data: threeChannels(data, info.width * info.height, info.channels),
      orientation: header.orientation ?? 1,
      // A TIFF is its own EXIF block.
      exif: readExif(format === "tiff" ? bytes : header.exif),
      wideColours: header.icc !== undefined && !isSrgbProfile(header.icc),
    };
  } catch (error) {
    throw explainDecodeError(error, bytes, format, limits);
  }
}

/** @throws ImageError `unsupported` */
export function requireFormat(bytes: Uint8Array): ImageFormat {
  const format = sniffFormat(bytes);
  if (format === undefined) {
    throw new ImageError("unsupported", "the file is not an image of a supported format (JPEG, PNG, WebP, TIFF, GIF, BMP, PPM, PGM)");
  }
  return format;
}

function threeChannels(data: Uint8Array, pixels: number, channels: number): Uint8Array {
  if (channels === 3) return data;
  const out = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    const at = i * channels;
    out[i * 3] = data[at]!;
    out[i * 3 + 1] = data[at + (channels > 2 ? 1 : 0)]!;
    out[i * 3 + 2] = data[at + (channels > 2 ? 2 : 0)]!;
  }
  return out;
}

/** The profile's description tells; the many sRGB profiles in use differ in their bytes. */
function isSrgbProfile(icc: Uint8Array): boolean {
  const text = Buffer.from(icc.buffer, icc.byteOffset, Math.min(icc.byteLength, 4096)).toString("latin1").replaceAll("\0", "");
  return text.includes("sRGB");
}
