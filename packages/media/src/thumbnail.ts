import sharp, { type Sharp } from "sharp";
import { type DecodedImage, decodeBytes, decoderOptions, requireFormat } from "./decode.ts";
import { explainDecodeError } from "./errors.ts";
import { type ImageLimits, DEFAULT_LIMITS } from "./limits.ts";
import { type ImageSource, readSource } from "./source.ts";

export interface ThumbnailOptions {
  /** Longest side in pixels, 512 by default. Smaller images keep their size. */
  readonly longestSide?: number;
  /** WebP quality in 1…100, 80 by default. */
  readonly quality?: number;
}

/**
 * A small WebP of an image. It is turned upright by the EXIF orientation and converted to sRGB, so that it looks like
 * the original does in a browser (the Python client's thumbnails lie on their side for such photographs).
 * @throws ImageError when the image can't be decoded; errors of the file system as they are.
 */
export async function thumbnail(
  source: ImageSource,
  options: ThumbnailOptions = {},
  limits: ImageLimits = DEFAULT_LIMITS,
): Promise<Buffer> {
  const bytes = await readSource(source, limits);
  const format = requireFormat(bytes);
  if (format === "pnm" || format === "bmp") return thumbnailOfPixels(await decodeBytes(bytes, limits), options);
  try {
    // Straight from the file: JPEGs are then decoded at a fraction of their size.
    return await shrink(sharp(bytes, decoderOptions(limits)).autoOrient(), options);
  } catch (error) {
    throw explainDecodeError(error, bytes, format, limits);
  }
}

/** The thumbnail of an image that was decoded already. */
export function thumbnailOfPixels(image: Omit<DecodedImage, "format" | "exif" | "wideColours">, options: ThumbnailOptions = {}): Promise<Buffer> {
  const { width, height, data, orientation } = image;
  return shrink(upright(sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false }), orientation), options);
}

function shrink(image: Sharp, options: ThumbnailOptions): Promise<Buffer> {
  const side = options.longestSide ?? 512;
  return image
    .resize(side, side, { fit: "inside", withoutEnlargement: true })
    .removeAlpha()
    // Twice as fast as the default effort, for files a quarter larger.
    .webp({ quality: options.quality ?? 80, effort: 1 })
    .toBuffer();
}

/** What the library does by itself for files; mirroring comes before turning. */
function upright(image: Sharp, orientation: number): Sharp {
  if (orientation === 2 || orientation === 7) image = image.flop();
  if (orientation === 4 || orientation === 5) image = image.flip();
  if (orientation === 3) return image.rotate(180);
  if (orientation >= 5 && orientation <= 7) return image.rotate(90);
  return orientation === 8 ? image.rotate(270) : image;
}
