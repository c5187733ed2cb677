import { availableParallelism } from "node:os";
import { type ImageSource, type Pixels, resizedPixels } from "@winnow/media";
import ort from "onnxruntime-node";
import type { Encoder, EncoderInput } from "./encoder.ts";
import type { Matrix } from "./matrix.ts";

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

export interface OnnxEncoderOptions {
  readonly name: string;
  /** The ONNX file's bytes, or its path (needed when weights lie in files beside it). */
  readonly model: Uint8Array | string;
  readonly dimensions: number;
  readonly preprocessing: Preprocessing;
  /** Input to feed; the model's first by default. */
  readonly input?: string;
  /** Outputs that `describe` wants, in this order; the model's first by default. */
  readonly outputs?: readonly string[];
  /** Writes one image's vector, of unit length, into `target` (of `dimensions` values). */
  readonly describe: (outputs: readonly OutputSlice[], target: Float32Array) => void;
  /** Threads to compute with; as many as the machine runs at once by default. Does not change results. */
  readonly threads?: number;
}

/** How many images go through the model together: more does not make it faster, and the event loop waits meanwhile. */
const TOGETHER = 4;

/** An encoder that runs an ONNX model on the CPU. */
export async function createOnnxEncoder(options: OnnxEncoderOptions): Promise<Encoder> {
  const { name, dimensions, preprocessing, describe } = options;
  const session = await openSession(options.model, options.threads ?? availableParallelism());
  const input = options.input ?? session.inputNames[0]!;
  const outputs = options.outputs ?? session.outputNames.slice(0, 1);
  for (const output of outputs) {
    if (!session.outputNames.includes(output)) throw new Error(`the model of ${name} has no output ${output}; it has ${session.outputNames.join(", ")}`);
  }
  let closed = false;

  const prepare = (image: ImageSource): Promise<Pixels> =>
    resizedPixels(image, {
      width: preprocessing.width,
      height: preprocessing.height,
      fit: preprocessing.fit,
      kernel: preprocessing.kernel,
    });

  const encode = async (images: readonly EncoderInput[]): Promise<Matrix> => {
    const data = new Float32Array(images.length * dimensions);
    for (let start = 0; start < images.length; start += TOGETHER) {
      const batch = await Promise.all(
        images.slice(start, start + TOGETHER).map((image) => (typeof image === "string" || image instanceof Uint8Array ? prepare(image) : image)),
      );
      if (closed) throw new Error(`the encoder ${name} is closed`);
      const tensor = new ort.Tensor("float32", toInput(batch, preprocessing), [batch.length, 3, preprocessing.height, preprocessing.width]);
      const results = await session.run({ [input]: tensor }, [...outputs]);
      for (let i = 0; i < batch.length; i++) {
        const slices = outputs.map((output) => slice(results[output]!, i, batch.length, output));
        const row = (start + i) * dimensions;
        describe(slices, data.subarray(row, row + dimensions));
      }
    }
    return { data, rows: images.length, columns: dimensions };
  };

  return {
    name,
    dimensions,
    prepare,
    encode,
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
function toInput(batch: readonly Pixels[], { width, height, mean, std }: Preprocessing): Float32Array<ArrayBuffer> {
  const size = width * height;
  const out = new Float32Array(batch.length * 3 * size);
  for (const [i, image] of batch.entries()) {
    if (image.width !== width || image.height !== height) {
      throw new Error(`the encoder takes images of ${width} × ${height} pixels, got ${image.width} × ${image.height}: use its prepare`);
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
