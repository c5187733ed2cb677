import sharp, { type Sharp } from "sharp";
import { decodeBytes, decoderOptions, requireFormat } from "./decode.ts";
import { explainDecodeError } from "./errors.ts";
import { type ImageLimits, DEFAULT_LIMITS } from "./limits.ts";
import type { Pixels } from "./pixels.ts";
import { type ImageSource, readSource } from "./source.ts";

export interface ResizeOptions {
  readonly width: number;
  readonly height: number;
  /**
   * `fill` stretches to exactly width × height, `cover` fills it and cuts off what stands over, centred, `contain` fits
   * the whole image in and surrounds it with `background`.
   */
  readonly fit: "fill" | "cover" | "contain";
  /** R, G, B in 0…255 around the image with `contain`; mid grey by default. */
  readonly background?: readonly [number, number, number];
  /** Resampling kernel; `linear` (area-weighted when shrinking) by default, as image models are trained. */
  readonly kernel?: "nearest" | "linear" | "cubic" | "lanczos3";
  readonly limits?: ImageLimits;
}

/**
 * An image's pixels at a given size, as models want them: upright by EXIF orientation, sRGB, no alpha. Decodes on the
 * library's threads, JPEGs at a fraction of their size where that is enough.
 * @throws ImageError when the image can't be decoded; errors of the file system as they are.
 */
export async function resizedPixels(source: ImageSource, options: ResizeOptions): Promise<Pixels> {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const bytes = await readSource(source, limits);
  const format = requireFormat(bytes);
  let image: Sharp;
  if (format === "pnm" || format === "bmp") {
    const { width, height, data } = await decodeBytes(bytes, limits);
    image = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
  } else image = sharp(bytes, decoderOptions(limits)).autoOrient();
  const [r, g, b] = options.background ?? [128, 128, 128];
  try {
    const { data, info } = await image
      .removeAlpha()
      .resize(options.width, options.height, { fit: options.fit, kernel: options.kernel ?? "linear", background: { r, g, b } })
      .toColourspace("srgb")
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`decoded to ${info.channels} channels where 3 were expected`);
    return { width: info.width, height: info.height, data };
  } catch (error) {
    throw explainDecodeError(error, format, limits);
  }
}
