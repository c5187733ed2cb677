import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Encoder } from "./encoder.ts";
import { type OutputSlice, type Preprocessing, createOnnxEncoder } from "./onnx-encoder.ts";
import { toUnitLength } from "./unit.ts";

/** What stands in `NAME.json` beside `NAME.onnx`. All but width, height and dimensions may be left out. */
export interface EncoderFile {
  /** Name of the vector space; the file's name without its extension by default. */
  readonly name: string;
  /** Width of the vectors, which the model's output must have. */
  readonly dimensions: number;
  readonly width: number;
  readonly height: number;
  /** `cover` by default. */
  readonly fit: Preprocessing["fit"];
  /** `cubic` by default. */
  readonly kernel: Preprocessing["kernel"];
  /** Per channel R, G, B of values in 0…1; ImageNet's by default. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** Names of the input and output to use; the first ones by default. */
  readonly input?: string;
  readonly output?: string;
  /**
   * How an output with more dimensions than one becomes a vector. Of tokens × width (transformers): the `first` token or
   * the `mean` of all. Feature maps (channels × height × width) are always averaged. `mean` by default.
   */
  readonly pooling: "first" | "mean";
}

/**
 * Loads an encoder from an ONNX file with an {@link EncoderFile} beside it. The model must take float32
 * batch × 3 × height × width.
 * @throws Error naming the file and what is wrong with it.
 */
export async function createFileEncoder(path: string, options: { readonly threads?: number } = {}): Promise<Encoder> {
  const description = `${path.replace(/\.onnx$/i, "")}.json`;
  const file = await readDescription(description, basename(path).replace(/\.onnx$/i, ""));
  try {
    return await createOnnxEncoder({
      name: file.name,
      model: path,
      dimensions: file.dimensions,
      preprocessing: file,
      describe: (outputs, target) => pool(outputs[0]!, file.pooling, target),
      ...(file.input === undefined ? {} : { input: file.input }),
      ...(file.output === undefined ? {} : { outputs: [file.output] }),
      ...options,
    });
  } catch (cause) {
    throw new Error(`the model ${path} can't be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

async function readDescription(path: string, name: string): Promise<EncoderFile> {
  let given: Partial<EncoderFile>;
  try {
    given = JSON.parse(await readFile(path, "utf8")) as Partial<EncoderFile>;
  } catch (cause) {
    throw new Error(`${path}, which describes the model's input, can't be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const file: EncoderFile = {
    name,
    fit: "cover",
    kernel: "cubic",
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    pooling: "mean",
    ...(given as Pick<EncoderFile, "dimensions" | "width" | "height">),
  };
  const wrong = (what: string): never => {
    throw new Error(`${path}: ${what}`);
  };
  for (const field of ["dimensions", "width", "height"] as const) {
    if (!Number.isInteger(file[field]) || file[field] < 1 || file[field] > 65_536) wrong(`${field} must be a whole number from 1 to 65536`);
  }
  for (const field of ["mean", "std"] as const) {
    const values: unknown = file[field];
    if (!Array.isArray(values) || values.length !== 3 || !values.every((value) => Number.isFinite(value))) wrong(`${field} must be three numbers`);
  }
  if (file.std.some((value) => value <= 0)) wrong("std must be above 0");
  if (!["fill", "cover", "contain", "between"].includes(file.fit)) wrong("fit must be fill, cover, contain or between");
  if (!["linear", "cubic", "lanczos3"].includes(file.kernel)) wrong("kernel must be linear, cubic or lanczos3");
  if (!["first", "mean"].includes(file.pooling)) wrong("pooling must be first or mean");
  return file;
}

function pool({ data, shape }: OutputSlice, pooling: "first" | "mean", target: Float32Array): void {
  const map = shape.length === 3;
  const width = map ? shape[0]! : (shape[shape.length - 1] ?? 0);
  if (width !== target.length || shape.length === 0 || shape.length > 3) {
    throw new Error(`the model's output is ${shape.join(" × ")} per image, which gives no vector of ${target.length} values`);
  }
  const count = data.length / width;
  const used = pooling === "first" && !map ? 1 : count;
  for (let j = 0; j < width; j++) {
    let sum = 0;
    for (let i = 0; i < used; i++) sum += map ? data[j * count + i]! : data[i * width + j]!;
    target[j] = sum / used;
  }
  toUnitLength(target);
}
