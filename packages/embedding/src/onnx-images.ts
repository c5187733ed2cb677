import { availableParallelism } from "node:os";
import { type ImageSource, type Pixels, type ResizedPixels, resizedPixels } from "@winnow/media";
import ort from "onnxruntime-node";

/** How images become a model's input: float32 batch × 3 × height × width, `(value / 255 − mean) / std` per channel R, G, B. */
export interface Preprocessing {
  readonly width: number;
  readonly height: number;
  /** See `ResizeOptions.fit` of the media package. */
  readonly fit: "fill" | "cover" | "contain" | "between";
  readonly kernel: "linear" | "cubic" | "lanczos3";
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** One image's share of an output: its values and its dimensions without the batch. */
export interface OutputSlice {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export interface ImageModelOptions {
  /** For messages. */
  readonly name: string;
  /** The ONNX file's bytes, or its path (needed when weights lie in files beside it). */
  readonly model: Uint8Array | string;
  readonly preprocessing: Preprocessing;
  /** Input to feed; the model's first by default. */
  readonly input?: string;
  /** Outputs that are wanted, in this order; the model's first by default. */
  readonly outputs?: readonly string[];
  /** Threads to compute with; as many as the machine runs at once by default. Does not change results. */
  readonly threads?: number;
}

/** A model that takes images. */
export interface ImageModel {
  /** Resizes an image to what the model takes. @throws ImageError; errors of the file system. */
  prepare(image: ImageSource | Pixels): Promise<ResizedPixels>;
  /** Per image its share of each output. @throws Error when pixels are not of the model's size, or after close. */
  run(images: readonly Pixels[]): Promise<OutputSlice[][]>;
  /** Frees the model. Calling it again does nothing. */
  close(): Promise<void>;
}

/** How many images go through a model together: more does not make it faster, and the event loop waits meanwhile. */
export const TOGETHER = 4;

/** Opens a model that runs on the CPU. */
export async function openImageModel(options: ImageModelOptions): Promise<ImageModel> {
  const { name, preprocessing } = options;
  const session = await openSession(options.model, options.threads ?? availableParallelism());
  const input = options.input ?? session.inputNames[0]!;
  const outputs = options.outputs ?? session.outputNames.slice(0, 1);
  for (const output of outputs) {
    if (!session.outputNames.includes(output)) throw new Error(`the model of ${name} has no output ${output}; it has ${session.outputNames.join(", ")}`);
  }
  let closed = false;
  return {
    prepare: (image) => resizedPixels(image, { width: preprocessing.width, height: preprocessing.height, fit: preprocessing.fit, kernel: preprocessing.kernel }),
    run: async (images) => {
      if (closed) throw new Error(`the model ${name} is closed`);
      if (images.length === 0) return [];
      const tensor = new ort.Tensor("float32", toInput(images, preprocessing), [images.length, 3, preprocessing.height, preprocessing.width]);
      const results = await session.run({ [input]: tensor }, [...outputs]);
      return images.map((_, i) => outputs.map((output) => slice(results[output]!, i, images.length, output)));
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await session.release();
    },
  };
}

async function openSession(model: Uint8Array | string, threads: number) {
  const options = {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    // Threads that wait for work must sleep, not spin: decoding needs the cores between two batches.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  } as const;
  // The two kinds of model are two overloads.
  return typeof model === "string" ? ort.InferenceSession.create(model, options) : ort.InferenceSession.create(model, options);
}

/** Pixels side by side by channel, as models of this format want them. */
export function toInput(batch: readonly Pixels[], { width, height, mean, std }: Preprocessing): Float32Array<ArrayBuffer> {
  const size = width * height;
  const out = new Float32Array(batch.length * 3 * size);
  for (const [i, image] of batch.entries()) {
    if (image.width !== width || image.height !== height) {
      throw new Error(`the model takes images of ${width} × ${height} pixels, got ${image.width} × ${image.height}: use its prepare`);
    }
    const { data } = image;
    for (let channel = 0; channel < 3; channel++) {
      const start = (i * 3 + channel) * size;
      const scale = 1 / (255 * std[channel]!);
      const shift = mean[channel]! / std[channel]!;
      for (let at = 0, from = channel; at < size; at++, from += 3) out[start + at] = data[from]! * scale - shift;
    }
  }
  return out;
}

function slice(tensor: ort.Tensor, index: number, batch: number, name: string): OutputSlice {
  if (!(tensor.data instanceof Float32Array) || tensor.dims[0] !== batch) {
    throw new Error(`the output ${name} is not float32 with one entry per image`);
  }
  const length = tensor.data.length / batch;
  return { data: tensor.data.subarray(index * length, (index + 1) * length), shape: tensor.dims.slice(1) };
}
