import sharp, { type Sharp } from "sharp";
import { decodeBytes, decoderOptions, requireFormat } from "./decode.ts";
import { explainDecodeError } from "./errors.ts";
import type { ImageFormat } from "./format.ts";
import { type ImageLimits, DEFAULT_LIMITS } from "./limits.ts";
import type { Pixels } from "./pixels.ts";
import { type ImageSource, readSource } from "./source.ts";

export interface ResizeOptions {
  readonly width: number;
  readonly height: number;
  /**
   * `fill` stretches to exactly width × height, `cover` fills it and cuts off what stands over, centred, `contain` fits
   * the whole image in and surrounds it with `background`. `between` stands halfway between `fill` and `cover`: where
   * the shape differs by a factor f, √f of it is cut off and √f squeezed, so that less is lost and less is distorted.
   */
  readonly fit: "fill" | "cover" | "contain" | "between";
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
  const [r, g, b] = options.background ?? [128, 128, 128];
  const kernel = options.kernel ?? "linear";
  try {
    const image = await openUpright(bytes, format, limits);
    const resized =
      options.fit === "between"
        ? between(image, options, kernel)
        : image.pipeline.resize(options.width, options.height, { fit: options.fit, kernel, background: { r, g, b } });
    const { data, info } = await resized
      .removeAlpha()
      .toColourspace("srgb")
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`decoded to ${info.channels} channels where 3 were expected`);
    return { width: info.width, height: info.height, data };
  } catch (error) {
    throw explainDecodeError(error, bytes, format, limits);
  }
}

interface Upright {
  readonly pipeline: Sharp;
  /** Size after turning upright. */
  readonly width: number;
  readonly height: number;
}

async function openUpright(bytes: Uint8Array, format: ImageFormat, limits: ImageLimits): Promise<Upright> {
  if (format === "pnm" || format === "bmp") {
    const { width, height, data } = await decodeBytes(bytes, limits);
    return { pipeline: sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false }), width, height };
  }
  const pipeline = sharp(bytes, decoderOptions(limits)).autoOrient();
  const { autoOrient } = await pipeline.metadata();
  return { pipeline, width: autoOrient.width, height: autoOrient.height };
}

/** Resizes to more than the size wanted, then cuts: cutting first would make the library decode JPEGs in full. */
function between({ pipeline, width, height }: Upright, target: ResizeOptions, kernel: "nearest" | "linear" | "cubic" | "lanczos3"): Sharp {
  const excess = Math.sqrt((width * target.height) / (height * target.width)); // above 1: wider than wanted
  const wide = Math.max(target.width, Math.round(target.width * excess));
  const high = Math.max(target.height, Math.round(target.height / excess));
  return pipeline.resize(wide, high, { fit: "fill", kernel }).extract({
    left: (wide - target.width) >> 1,
    top: (high - target.height) >> 1,
    width: target.width,
    height: target.height,
  });
}
