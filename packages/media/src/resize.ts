import type { Sharp } from "sharp";
import { requireFormat } from "./decode.ts";
import { explainDecodeError } from "./errors.ts";
import { type ImageLimits, DEFAULT_LIMITS } from "./limits.ts";
import type { Pixels } from "./pixels.ts";
import { type ImageSource, readSource } from "./source.ts";
import { isPixels, openPixels, openUpright, rawPixels, type Upright } from "./upright.ts";

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

/** An image at a given size, and the size that it had, upright. */
export interface ResizedPixels extends Pixels {
  readonly original: { readonly width: number; readonly height: number };
}

/**
 * An image's pixels at a given size, as models want them: upright by EXIF orientation, sRGB, no alpha. Decodes on the
 * library's threads, JPEGs at a fraction of their size where that is enough. Pixels that are decoded already (a frame, a
 * crop) are taken as they are.
 * @throws ImageError when the image can't be decoded; errors of the file system as they are.
 */
export async function resizedPixels(source: ImageSource | Pixels, options: ResizeOptions): Promise<ResizedPixels> {
  if (isPixels(source)) return resize(openPixels(source), options);
  const limits = options.limits ?? DEFAULT_LIMITS;
  const bytes = await readSource(source, limits);
  const format = requireFormat(bytes);
  try {
    return await resize(await openUpright(bytes, format, limits), options);
  } catch (error) {
    throw explainDecodeError(error, bytes, format, limits);
  }
}

async function resize(image: Upright, options: ResizeOptions): Promise<ResizedPixels> {
  const pixels = await rawPixels(resizing(image, options));
  return { ...pixels, original: { width: image.width, height: image.height } };
}

function resizing(image: Upright, options: ResizeOptions): Sharp {
  const kernel = options.kernel ?? "linear";
  if (options.fit === "between") return between(image, options, kernel);
  const [r, g, b] = options.background ?? [128, 128, 128];
  return image.pipeline.resize(options.width, options.height, { fit: options.fit, kernel, background: { r, g, b } });
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
