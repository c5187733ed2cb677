import type { Preprocessing } from "../onnx-images.ts";

/** How a hub model wants its images: resized first, then cut to the middle where the model sees less than all of it. */
export interface HubPreprocessing extends Preprocessing {
  /** What is resized to before the middle of {@link Preprocessing} width × height is cut out. */
  readonly resized: { readonly width: number; readonly height: number };
}

/**
 * Reads `preprocessor_config.json` of a vision model. Known are the two ways of DINOv2, CLIP, SigLIP and their like: the
 * shortest edge to a size and then the middle, or stretching to a size.
 * @throws Error naming the field that isn't understood.
 */
export function readHubPreprocessing(config: Readonly<Record<string, unknown>>): HubPreprocessing {
  const whole = config.do_resize === false ? undefined : config.size;
  const middle = config.do_center_crop === true ? dimensions(config.crop_size, "crop_size") : undefined;
  const edge = shortestEdge(whole);
  const resized = edge === undefined ? (whole === undefined ? middle : dimensions(whole, "size")) : { width: edge, height: edge };
  if (resized === undefined) throw new Error("the preprocessor has neither size nor crop_size");
  const seen = middle ?? resized;
  if (seen.width > resized.width || seen.height > resized.height) throw new Error("crop_size is larger than size, which isn't supported");
  return {
    ...seen,
    resized,
    // A shortest edge without a cut would give images of any shape; models take one.
    fit: edge === undefined && config.do_resize !== false && whole !== undefined ? "fill" : "cover",
    kernel: kernelOf(config.resample),
    ...normalisation(config),
  };
}

/** The preprocessor's numbers of the resampling filter; 0, nearest, is no choice for photographs. */
function kernelOf(resample: unknown): Preprocessing["kernel"] {
  return resample === 3 ? "cubic" : resample === 1 ? "lanczos3" : "linear";
}

/** Values of 0…255 become value × factor, less the mean, by the deviation; ours are of value / 255. */
function normalisation(config: Readonly<Record<string, unknown>>): { mean: [number, number, number]; std: [number, number, number] } {
  const factor = config.do_rescale === false ? 1 : typeof config.rescale_factor === "number" ? config.rescale_factor : 1 / 255;
  const scale = 255 * factor;
  const given = (name: string, fallback: number) => (config.do_normalize === false ? [fallback, fallback, fallback] : three(config[name] ?? fallback, name));
  const mean = given("image_mean", 0);
  const std = given("image_std", 1);
  if (!(scale > 0) || std.some((value) => value <= 0)) throw new Error("rescale_factor and image_std must be above 0");
  return { mean: mean.map((value) => value / scale) as [number, number, number], std: std.map((value) => value / scale) as [number, number, number] };
}

function three(value: unknown, name: string): number[] {
  const values = typeof value === "number" ? [value, value, value] : value;
  if (!Array.isArray(values) || values.length !== 3 || !values.every(Number.isFinite)) throw new Error(`${name} must be three numbers`);
  return values as number[];
}

function shortestEdge(size: unknown): number | undefined {
  if (typeof size === "number") return pixels(size, "size");
  const edge = (size as { shortest_edge?: unknown } | undefined)?.shortest_edge;
  return edge === undefined ? undefined : pixels(edge, "size.shortest_edge");
}

function dimensions(size: unknown, name: string): { width: number; height: number } {
  if (typeof size === "number") return { width: pixels(size, name), height: pixels(size, name) };
  const { width, height } = (size ?? {}) as { width?: unknown; height?: unknown };
  return { width: pixels(width, `${name}.width`), height: pixels(height, `${name}.height`) };
}

function pixels(value: unknown, name: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > 4096) throw new Error(`${name} must be a whole number from 1 to 4096`);
  return value;
}
