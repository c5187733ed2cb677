import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type OnnxGraph, writeOnnx } from "../onnx.ts";

/** Side of what the tiny models see, and of the patches that they cut it into. */
export const TINY_SIDE = 8;
const PATCH = 4;

/**
 * Writes a model in the layout of a hub repository, with weights that can be checked by hand: a `tokens` model gives per
 * patch the means of red, green and blue (`last_hidden_state`, as DINOv2 does), a `projection` those of the whole image
 * (`image_embeds`, as CLIP's eye does), `pooled` the same under SigLIP's name.
 */
export async function writeTinyHubModel(folder: string, repository: string, kind: "tokens" | "projection" | "pooled"): Promise<void> {
  const place = join(folder, repository);
  await mkdir(join(place, "onnx"), { recursive: true });
  const type = { tokens: "dinov2", projection: "clip", pooled: "siglip" }[kind];
  await writeFile(join(place, "config.json"), JSON.stringify({ model_type: type, ...(kind === "tokens" ? { hidden_size: 3 } : { vision_config: { hidden_size: 3 } }) }));
  const common = { do_normalize: true, do_rescale: true, do_resize: true, rescale_factor: 1 / 255, resample: 3 };
  const preprocessor =
    kind === "pooled"
      ? { ...common, image_processor_type: "SiglipImageProcessor", size: { height: TINY_SIDE, width: TINY_SIDE }, image_mean: [0, 0, 0], image_std: [1, 1, 1] }
      : { ...common, image_processor_type: kind === "tokens" ? "BitImageProcessor" : "CLIPImageProcessor", size: { shortest_edge: TINY_SIDE * 2 }, do_center_crop: true, crop_size: { height: TINY_SIDE, width: TINY_SIDE }, image_mean: [0, 0, 0], image_std: [1, 1, 1] };
  await writeFile(join(place, "preprocessor_config.json"), JSON.stringify(preprocessor));
  await writeFile(join(place, "onnx", kind === "tokens" ? "model.onnx" : "vision_model.onnx"), writeOnnx(kind === "tokens" ? tokens() : whole(kind === "projection" ? "image_embeds" : "pooler_output")));
}

function tokens(): OnnxGraph {
  const across = TINY_SIDE / PATCH;
  return {
    name: "tokens",
    nodes: [
      { operator: "AveragePool", inputs: ["pixel_values"], outputs: ["patches"], attributes: { kernel_shape: [PATCH, PATCH], strides: [PATCH, PATCH] } },
      { operator: "Reshape", inputs: ["patches", "flat"], outputs: ["channels"] },
      { operator: "Transpose", inputs: ["channels"], outputs: ["last_hidden_state"], attributes: { perm: [0, 2, 1] } },
    ],
    constants: [{ name: "flat", shape: [3], values: BigInt64Array.of(0n, 3n, BigInt(across * across)) }],
    inputs: [{ name: "pixel_values", shape: ["batch", 3, TINY_SIDE, TINY_SIDE] }],
    outputs: [{ name: "last_hidden_state", shape: ["batch", across * across, 3] }],
  };
}

function whole(output: string): OnnxGraph {
  return {
    name: "whole",
    nodes: [
      { operator: "GlobalAveragePool", inputs: ["pixel_values"], outputs: ["means"] },
      { operator: "Flatten", inputs: ["means"], outputs: [output] },
    ],
    constants: [],
    inputs: [{ name: "pixel_values", shape: ["batch", 3, TINY_SIDE, TINY_SIDE] }],
    outputs: [{ name: output, shape: ["batch", 3] }],
  };
}
