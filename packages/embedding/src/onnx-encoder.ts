import type { ImageSource, Pixels } from "@winnow/media";
import type { Encoder, EncoderInput } from "./encoder.ts";
import type { Matrix } from "./matrix.ts";
import { type ImageModelOptions, openImageModel, type OutputSlice, TOGETHER } from "./onnx-images.ts";

export type { OutputSlice, Preprocessing } from "./onnx-images.ts";

/** `name` names the vector space; `outputs` are those that `describe` wants. */
export interface OnnxEncoderOptions extends ImageModelOptions {
  readonly dimensions: number;
  /** Writes one image's vector, of unit length, into `target` (of `dimensions` values). */
  readonly describe: (outputs: readonly OutputSlice[], target: Float32Array) => void;
}

/** An encoder that runs an ONNX model on the CPU. */
export async function createOnnxEncoder(options: OnnxEncoderOptions): Promise<Encoder> {
  const { name, dimensions, describe } = options;
  const model = await openImageModel(options);

  const prepare = (image: ImageSource | Pixels): Promise<Pixels> => model.prepare(image);

  const encode = async (images: readonly EncoderInput[]): Promise<Matrix> => {
    const data = new Float32Array(images.length * dimensions);
    for (let start = 0; start < images.length; start += TOGETHER) {
      const batch = await Promise.all(
        images.slice(start, start + TOGETHER).map((image) => (typeof image === "string" || image instanceof Uint8Array ? prepare(image) : image)),
      );
      for (const [i, outputs] of (await model.run(batch)).entries()) {
        const row = (start + i) * dimensions;
        describe(outputs, data.subarray(row, row + dimensions));
      }
    }
    return { data, rows: images.length, columns: dimensions };
  };

  return { name, dimensions, prepare, encode, close: model.close };
}
