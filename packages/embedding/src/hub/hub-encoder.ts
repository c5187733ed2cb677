import { availableParallelism, homedir } from "node:os";
import { join, resolve } from "node:path";
import { cropImage, type ImageSource, type Pixels, resizedPixels } from "@winnow/media";
import type { Encoder, EncoderInput } from "../encoder.ts";
import { toInput } from "../onnx-images.ts";
import { toUnitLength } from "../unit.ts";
import { type HubPreprocessing, readHubPreprocessing } from "./hub-preprocessing.ts";

export interface HubOptions {
  /**
   * Where models are kept, each in a folder of its id; WINNOW_MODELS by default, else `.cache/winnow/models` in the home
   * folder. What is put there by hand is found.
   */
  readonly cacheFolder?: string;
  /** A second folder of that layout, read only and looked at first; none by default. */
  readonly localFolder?: string;
  /** Never ask the network; true by default where HF_HUB_OFFLINE is set. */
  readonly offline?: boolean;
  /** Threads to compute with; as many as the machine runs at once by default. */
  readonly threads?: number;
  /** Told how much of a file has been fetched, while a model is fetched for the first time. */
  readonly onProgress?: (progress: { readonly file: string; readonly loadedBytes: number; readonly totalBytes: number }) => void;
}

/** What of a model's answers makes the vector, best first: the projection, the pooled tokens, the first token. */
const OUTPUTS = ["image_embeds", "pooler_output", "last_hidden_state"] as const;

interface HubTensor {
  readonly dims: readonly number[];
  readonly data: unknown;
}

/**
 * Loads a vision model of the Hugging Face hub (DINOv2, CLIP, SigLIP, and others whose ONNX file takes `pixel_values`)
 * through `@huggingface/transformers`, which is an optional dependency.
 * @param repository full id, `organisation/name`.
 * @throws Error saying what is missing and how to put it there.
 */
export async function createHubEncoder(repository: string, options: HubOptions = {}): Promise<Encoder> {
  const library = await importLibrary();
  const cacheFolder = resolve(options.cacheFolder ?? process.env.WINNOW_MODELS ?? join(homedir(), ".cache", "winnow", "models"));
  const offline = options.offline ?? !["", "0", undefined].includes(process.env.HF_HUB_OFFLINE);
  const { env } = library;
  env.logLevel = library.LogLevel.ERROR;
  // The folder of fetched models has the layout of local ones, so that one message explains both.
  env.localModelPath = `${resolve(options.localFolder ?? cacheFolder)}/`;
  const settings = {
    cache_dir: cacheFolder,
    local_files_only: offline,
    dtype: "fp32",
    device: "cpu",
    session_options: { intraOpNumThreads: options.threads ?? availableParallelism(), interOpNumThreads: 1, logSeverityLevel: 3 },
    ...(options.onProgress === undefined ? {} : { progress_callback: reportTo(options.onProgress) }),
  } as const;

  let preprocessing: HubPreprocessing;
  let model: HubModel;
  try {
    const config = await library.AutoConfig.from_pretrained(repository, settings);
    const processor = await library.AutoImageProcessor.from_pretrained(repository, settings);
    preprocessing = readHubPreprocessing(processor.config);
    model = await visionClass(library, String(config.model_type)).from_pretrained(repository, settings);
  } catch (cause) {
    throw new Error(missing(repository, cacheFolder, offline, options.localFolder, cause), { cause });
  }

  const { width, height, resized } = preprocessing;
  let closed = false;
  /** One image at a time: transformers gain nothing from batches on a CPU, and a vector can't depend on its neighbours. */
  const run = async (image: Pixels): Promise<Float32Array> => {
    if (closed) throw new Error(`the encoder ${repository} is closed`);
    const pixels = new library.Tensor("float32", toInput([image], preprocessing), [1, 3, height, width]);
    return vectorOf(await model({ pixel_values: pixels }), repository);
  };
  const prepare = async (image: ImageSource | Pixels): Promise<Pixels> => {
    const whole = await resizedPixels(image, { ...resized, fit: preprocessing.fit, kernel: preprocessing.kernel });
    if (resized.width === width && resized.height === height) return whole;
    const [middle] = await cropImage(whole, [[(resized.width - width) >> 1, (resized.height - height) >> 1, width, height]]);
    return middle!;
  };
  // How wide vectors are stands in no field that all models have; the model itself says.
  const { length: dimensions } = await run({ width, height, data: new Uint8Array(width * height * 3) }).catch(async (cause: unknown) => {
    await model.dispose();
    throw new Error(`the model ${repository} can't be used as an encoder: ${sentence(cause)}`, { cause });
  });

  return {
    name: repository,
    dimensions,
    prepare,
    encode: async (images: readonly EncoderInput[]) => {
      const data = new Float32Array(images.length * dimensions);
      for (const [i, image] of images.entries()) {
        data.set(await run(typeof image === "string" || image instanceof Uint8Array ? await prepare(image) : image), i * dimensions);
      }
      return { data, rows: images.length, columns: dimensions };
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await model.dispose();
    },
  };
}

/** What is used of the library, in our words: it is an optional package, and the build must not need it. */
interface Library {
  readonly env: { logLevel: number; localModelPath: string };
  readonly LogLevel: { readonly ERROR: number };
  readonly AutoConfig: Loader<{ readonly model_type?: unknown }>;
  readonly AutoImageProcessor: Loader<{ readonly config: Readonly<Record<string, unknown>> }>;
  readonly AutoModel: Loader<HubModel>;
  readonly CLIPVisionModelWithProjection: Loader<HubModel>;
  readonly SiglipVisionModel: Loader<HubModel>;
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => HubTensor;
}

interface Loader<T> {
  from_pretrained(repository: string, settings: object): Promise<T>;
}

interface HubModel {
  (inputs: { readonly pixel_values: HubTensor }): Promise<Readonly<Record<string, HubTensor | undefined>>>;
  dispose(): Promise<unknown>;
}

const LIBRARY: string = "@huggingface/transformers";

async function importLibrary(): Promise<Library> {
  try {
    return (await import(LIBRARY)) as Library;
  } catch (cause) {
    throw new Error(`models of the Hugging Face hub need the npm package ${LIBRARY}, which is not installed here: npm install ${LIBRARY}`, { cause });
  }
}

/** Models that read texts too keep their eye in a file of its own. */
function visionClass(library: Library, type: string) {
  if (type === "clip" || type === "clip_vision_model") return library.CLIPVisionModelWithProjection;
  if (type === "siglip" || type === "siglip_vision_model") return library.SiglipVisionModel;
  return library.AutoModel;
}

function vectorOf(answer: Readonly<Record<string, HubTensor | undefined>>, repository: string): Float32Array {
  for (const name of OUTPUTS) {
    const tensor = answer[name];
    if (tensor === undefined) continue;
    const [rows, columns] = tensor.dims.length === 2 ? [1, tensor.dims[1]!] : [tensor.dims[1]!, tensor.dims[2]!];
    if (!(tensor.data instanceof Float32Array) || tensor.dims.length > 3 || tensor.data.length !== rows * columns) break;
    const vector = tensor.data.slice(0, columns); // the first token
    toUnitLength(vector);
    return vector;
  }
  throw new Error(`${repository} gives ${Object.entries(answer).map(([name, tensor]) => `${name} (${tensor?.dims.join(" × ")})`).join(", ")}, and none of ${OUTPUTS.join(", ")} as float32`);
}

function missing(repository: string, cacheFolder: string, offline: boolean, localFolder: string | undefined, cause: unknown): string {
  const looked = localFolder === undefined ? cacheFolder : `${resolve(localFolder)} and ${cacheFolder}`;
  const asked = offline ? "the network was not asked (offline)" : "huggingface.co was asked where something was missing";
  return (
    `the model ${repository} can't be loaded: ${sentence(cause)}. Looked for it in ${looked}; ${asked}. ` +
    `Without network, copy config.json, preprocessor_config.json and the folder onnx (model.onnx, for CLIP and SigLIP vision_model.onnx) of https://huggingface.co/${repository} into ${join(cacheFolder, repository)}`
  );
}

function sentence(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return (inner instanceof Error ? inner.message : String(inner)).split("\n")[0]!.replace(/\.$/, "");
}

function reportTo(onProgress: NonNullable<HubOptions["onProgress"]>) {
  return (info: { readonly status: string; readonly file?: string; readonly loaded?: number; readonly total?: number }) => {
    if (info.status === "progress" && info.file !== undefined) onProgress({ file: info.file, loadedBytes: info.loaded ?? 0, totalBytes: info.total ?? 0 });
  };
}
