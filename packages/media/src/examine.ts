import { decodeBytes } from "./decode.ts";
import { contentHash } from "./hash.ts";
import { type ImageLimits, DEFAULT_LIMITS } from "./limits.ts";
import { type ImageMeasure, measureBroken, measureDecoded } from "./measure.ts";
import { type ImageSource, readSource, sizeOf } from "./source.ts";
import { type ThumbnailOptions, thumbnail, thumbnailOfPixels } from "./thumbnail.ts";

/** All that an upload needs to know about an image file. */
export interface ImageExamination extends ImageMeasure {
  /** SHA-256 of the file, 64 hex digits; also of a file that can't be decoded. */
  hash: string;
  /** WebP thumbnail; absent when not asked for, and when the image is corrupted. */
  thumbnail?: Buffer;
}

export interface ExamineOptions extends ThumbnailOptions {
  /** Whether to make a thumbnail; false by default. */
  readonly thumbnail?: boolean;
  readonly limits?: ImageLimits;
}

/**
 * Measures an image file, hashes it and makes its thumbnail, reading it once and decoding it once (twice only when a
 * thumbnail is asked for and the file has a colour profile other than sRGB: statistics are of the stored colours,
 * thumbnails show the converted ones).
 * @throws errors of the file system (missing file, no permission), nothing else.
 */
export async function examineImage(source: ImageSource, options: ExamineOptions = {}): Promise<ImageExamination> {
  const limits = options.limits ?? DEFAULT_LIMITS;
  let bytes: Uint8Array;
  try {
    bytes = await readSource(source, limits);
  } catch (error) {
    return { ...measureBroken(error, await sizeOf(source)), hash: await contentHash(source) };
  }
  const hash = await contentHash(bytes);
  try {
    const image = await decodeBytes(bytes, limits);
    if (options.thumbnail !== true) return { ...measureDecoded(image, bytes.byteLength), hash };
    // Begun before measuring: the library works on its own threads meanwhile.
    const small = image.wideColours ? thumbnail(bytes, options, limits) : thumbnailOfPixels(image, options);
    small.catch(() => undefined); // awaited below; an exception while measuring must not leave it unhandled
    const measure = measureDecoded(image, bytes.byteLength);
    return { ...measure, hash, thumbnail: await small };
  } catch (error) {
    return { ...measureBroken(error, bytes.byteLength), hash };
  }
}
