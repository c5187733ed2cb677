import { cellDimensions, describeCells } from "./cells.ts";
import { type Converted, convertTflite } from "./convert.ts";
import type { Encoder } from "./encoder.ts";
import { type OutputSlice, createOnnxEncoder } from "./onnx-encoder.ts";
import { readObjectron } from "./objectron-weights.ts";
import { toUnitLength } from "./unit.ts";

/**
 * The two places of the trunk that are read, by the beginning of their names: mid-level forms (stride 16) and what the
 * detector's classes are made of (stride 32). Both are sums of a residual block, which told classes of photographs apart
 * better than the blocks' own outputs did.
 */
const LAYERS = [
  { name: "FeatureExtractor/MobilenetV2/expanded_conv_12/add", channels: 96 },
  { name: "FeatureExtractor/MobilenetV2/expanded_conv_15/add", channels: 160 },
] as const;

/** At 192 pixels the two maps are 12 × 12 and 6 × 6: whole numbers of values in each of 3 × 3 cells. */
const SIDE = 192;

/**
 * The built-in encoder: the trunk of a MobileNetV2 that was trained to detect objects in Open Images V4 photographs, read
 * from an npm package (see NOTICE); nothing is downloaded. Two layers are averaged over 3 × 3 cells (see
 * {@link describeCells}), each made unit length, and put side by side: 1,536 values.
 *
 * Vectors have a large part in common; centre them by the collection's mean before comparing (`fitState`).
 * Choices and measurements: the README of this package.
 */
export async function createObjectronEncoder(options: { readonly threads?: number } = {}): Promise<Encoder> {
  const { model, input, outputs } = await loadTrunk();
  return createOnnxEncoder({
    name: "mobilenetv2-openimages-192-v1",
    model,
    input,
    outputs,
    dimensions: LAYERS.reduce((sum, layer) => sum + cellDimensions(layer.channels), 0),
    preprocessing: { width: SIDE, height: SIDE, fit: "between", kernel: "linear", mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    describe,
    ...options,
  });
}

function describe(maps: readonly OutputSlice[], target: Float32Array): void {
  let at = 0;
  for (const { data, shape } of maps) {
    const [channels, side] = shape as [number, number, number];
    const end = at + cellDimensions(channels);
    describeCells({ data, channels, side }, target.subarray(at, end));
    at = end;
  }
  toUnitLength(target);
}

let trunk: Promise<Converted> | undefined;

/** The trunk as an ONNX model; made once per process, in a tenth of a second. */
export function loadTrunk(): Promise<Converted> {
  trunk ??= makeTrunk().catch((error: unknown) => {
    trunk = undefined; // the next call may find the package installed
    throw error;
  });
  return trunk;
}

async function makeTrunk(): Promise<Converted> {
  const { graph } = await readObjectron();
  const outputs = LAYERS.map((layer) => {
    const tensor = graph.tensors.find(({ name }) => name.startsWith(layer.name));
    if (tensor === undefined) throw new Error(`the model has no tensor ${layer.name}`);
    return tensor.name;
  });
  return convertTflite(graph, outputs);
}
