import type { Encoder } from "./encoder.ts";
import { createFileEncoder } from "./file-encoder.ts";
import { createHubEncoder, type HubOptions } from "./hub/hub-encoder.ts";
import { HUB_NAMES, hubRepository } from "./hub/hub-names.ts";
import { createObjectronEncoder } from "./objectron.ts";

export interface LoadEncoderOptions {
  /** Threads to compute with; as many as the machine runs at once by default. Does not change results. */
  readonly threads?: number;
  /** Where hub models are kept, and whether the network may be asked. */
  readonly hub?: Omit<HubOptions, "threads">;
  /** Told what the user should know of the choice: that another encoder than the named one is used. */
  readonly onNotice?: (notice: string) => void;
}

/** The encoders that need no file from the user, by name. One more: one line here, one file beside. */
const BUILT_IN: Readonly<Record<string, (options: { readonly threads?: number }) => Promise<Encoder>>> = {
  default: createObjectronEncoder,
  "mobilenetv2-openimages": createObjectronEncoder,
};

/** Names of architectures that configurations of the original carry; their weights exist nowhere for us to load. */
const ORIGINAL = /^resnet-(9|18|34|50|101|152)$/;

/** Which encoder a name leads to: the built-in one also for the names of the original, with a notice that says so. */
export function encoderChoice(name: string): { readonly name: string; readonly notice?: string } {
  if (!ORIGINAL.test(name)) return { name };
  return { name: "default", notice: `there are no weights for ${name} here: the built-in encoder is used (others by name: ${HUB_NAMES.join(", ")}, or organisation/name of the Hugging Face hub)` };
}

/**
 * Loads an encoder: a built-in one by name (`default` is the one to use when nothing is known), an ONNX file by its path,
 * which ends in `.onnx` and has its description beside it (see `EncoderFile`), or a model of the Hugging Face hub by a short
 * name or its full id. Names of the original's architectures give the built-in one (see {@link encoderChoice}).
 * @throws Error naming what is missing or which names there are.
 */
export async function loadEncoder(name = "default", options: LoadEncoderOptions = {}): Promise<Encoder> {
  const choice = encoderChoice(name);
  if (choice.notice !== undefined) options.onNotice?.(choice.notice);
  const threads = options.threads === undefined ? {} : { threads: options.threads };
  if (Object.hasOwn(BUILT_IN, choice.name)) return BUILT_IN[choice.name]!(threads);
  if (/\.onnx$/i.test(choice.name)) return createFileEncoder(choice.name, threads);
  const repository = hubRepository(choice.name);
  if (repository !== undefined) return createHubEncoder(repository, { ...options.hub, ...threads });
  throw new Error(`there is no encoder ${JSON.stringify(name)}: use ${[...Object.keys(BUILT_IN), ...HUB_NAMES].join(", ")}, the id of a model of the Hugging Face hub (organisation/name) or the path of an .onnx file`);
}
