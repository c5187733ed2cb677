import { decodeBytes } from "./decode.ts";
import { ImageError } from "./errors.ts";
import { type ImageLimits, DEFAULT_LIMITS } from "./limits.ts";
import { type PixelStatistics, measurePixels } from "./statistics.ts";
import { type ImageSource, readSource, sizeOf } from "./source.ts";

/** Numbers about an image, under the names of the wire protocol. */
export interface ImageMetaData extends PixelStatistics {
  /** Size of the file. */
  sizeInBytes: number;
  is_corrupted: boolean;
}

/** What is known about an image file after one decode. */
export interface ImageMeasure {
  /** True when the file can't be decoded; then all statistics are 0 or empty. */
  corrupted: boolean;
  /** Why, in a sentence for people; only present when corrupted. */
  reason?: string;
  /** EXIF tag name → text. */
  exif: Record<string, string>;
  metaData: ImageMetaData;
}

/**
 * Decodes an image once and measures it (see {@link measurePixels} for the formulas). What can't be decoded is an
 * answer, not an exception.
 * @throws errors of the file system (missing file, no permission), nothing else.
 */
export async function measureImage(source: ImageSource, limits: ImageLimits = DEFAULT_LIMITS): Promise<ImageMeasure> {
  try {
    const bytes = await readSource(source, limits);
    return measureDecoded(await decodeBytes(bytes, limits), bytes.byteLength);
  } catch (error) {
    return measureBroken(error, await sizeOf(source));
  }
}

/** The measure of an image that was decoded already. */
export function measureDecoded(
  image: { readonly width: number; readonly height: number; readonly data: Uint8Array; readonly exif: Record<string, string> },
  sizeInBytes: number,
): ImageMeasure {
  return { corrupted: false, exif: image.exif, metaData: { ...measurePixels(image), sizeInBytes, is_corrupted: false } };
}

/** The measure of an image that failed to decode; rethrows what doesn't come from the image. */
export function measureBroken(error: unknown, sizeInBytes: number): ImageMeasure {
  if (!(error instanceof ImageError)) throw error;
  return {
    corrupted: true,
    reason: error.message,
    exif: {},
    metaData: {
      sharpness: 0,
      snr: 0,
      mean: [],
      std: [],
      sumOfValues: [],
      sumOfSquares: [],
      shape: [0, 0, 0],
      sizeInBytes,
      is_corrupted: true,
    },
  };
}
