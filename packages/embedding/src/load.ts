import type { Encoder } from "./encoder.ts";
import { createFileEncoder } from "./file-encoder.ts";
import { createObjectronEncoder } from "./objectron.ts";

export interface LoadEncoderOptions {
  /** Threads to compute with; as many as the machine runs at once by default. Does not change results. */
  readonly threads?: number;
}

/** The encoders that need no file from the user, by name. One more: one line here, one file beside. */
const BUILT_IN: Readonly<Record<string, (options: LoadEncoderOptions) => Promise<Encoder>>> = {
  default: createObjectronEncoder,
  "mobilenetv2-openimages": createObjectronEncoder,
};

/**
 * Loads an encoder: a built-in one by name (`default` is the one to use when nothing is known), or an ONNX file by its
 * path, which ends in `.onnx` and has its description beside it (see `EncoderFile`).
 * @throws Error naming what is missing or which names there are.
 */
export function loadEncoder(name = "default", options: LoadEncoderOptions = {}): Promise<Encoder> {
  if (Object.hasOwn(BUILT_IN, name)) return BUILT_IN[name]!(options);
  if (/\.onnx$/i.test(name)) return createFileEncoder(name, options);
  return Promise.reject(
    new Error(`there is no encoder ${JSON.stringify(name)}: use ${Object.keys(BUILT_IN).join(", ")} or the path of an .onnx file`),
  );
}
