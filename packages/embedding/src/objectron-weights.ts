import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { readTflite, type TfliteGraph } from "./tflite.ts";

const ASSETS = "@mediapipe/objectron/objectron_solution_packed_assets.data";
const ASSETS_SHA256 = "470986ca5df183f41698da6de74b027d838fe289d77b5ab094497d350bee664e";
/** The assets are files one behind the other; this many bytes of class names stand before the model. */
const MODEL_START = 184;

export interface ObjectronWeights {
  readonly graph: TfliteGraph;
  /** The detector's classes in its order; the first stands for background. */
  readonly classes: readonly string[];
}

/**
 * Reads the detector that the npm package `@mediapipe/objectron` carries (see NOTICE). The built-in encoder uses its trunk,
 * the built-in detector all of it.
 * @throws Error saying what to install.
 */
export async function readObjectron(): Promise<ObjectronWeights> {
  let assets: Buffer;
  try {
    assets = await readFile(createRequire(import.meta.url).resolve(ASSETS));
  } catch (cause) {
    throw new Error("the built-in model's weights are missing: install the npm package @mediapipe/objectron", { cause });
  }
  // Other weights would give vectors of another space under the same name.
  if (createHash("sha256").update(assets).digest("hex") !== ASSETS_SHA256) {
    throw new Error("the built-in model's weights are not the expected ones: install @mediapipe/objectron 0.4.1675468480");
  }
  return {
    graph: readTflite(assets.subarray(MODEL_START)),
    classes: assets.subarray(0, MODEL_START).toString("utf8").split("\n").filter((name) => name !== ""),
  };
}
