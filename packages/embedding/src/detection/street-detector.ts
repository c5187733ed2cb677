import type { ImageSource, Pixels, ResizedPixels } from "@winnow/media";
import { convertTflite } from "../convert.ts";
import { readObjectron } from "../objectron-weights.ts";
import { openImageModel, type OutputSlice, TOGETHER } from "../onnx-images.ts";
import { type Anchor, ANCHORS_PER_CELL, MAP_SIDES, mapAnchors } from "./anchors.ts";
import type { Detection, Detector } from "./detector.ts";
import { KNOWN_STREET_CATEGORIES, STREET_CATEGORIES, streetColumns, streetVerdict } from "./street-categories.ts";
import { type Corners, suppress } from "./suppress.ts";

export interface StreetDetectorOptions {
  /** Threads to compute with; as many as the machine runs at once by default. Does not change results. */
  readonly threads?: number;
  /** Lowest score that is reported, 0…1; 0.4 by default. */
  readonly scoreMin?: number;
  /** Most that two reported boxes of a kind may overlap (common area by union), 0…1; 0.5 by default. */
  readonly overlapMax?: number;
  /** Most boxes of an image; 100 by default. */
  readonly countMax?: number;
}

const SIDE = 300;
/** How the model's numbers for a box are scaled: offsets of the centre, and logarithms of its size. */
const CENTRE_SCALE = 10;
const SIZE_SCALE = 5;

/**
 * The detector behind pretagging: a single-shot detector with a MobileNetV2 trunk, trained on Open Images V4, out of an npm
 * package (see NOTICE). It tells persons, bicycles, cars and vehicles in general. How good it is: the README of this package.
 */
export async function createStreetDetector(options: StreetDetectorOptions = {}): Promise<Detector> {
  const { scoreMin = 0.4, overlapMax = 0.5, countMax = 100 } = options;
  for (const [name, value] of Object.entries({ scoreMin, overlapMax })) if (!(value >= 0 && value <= 1)) throw new RangeError(`${name} must be a number from 0 to 1, got ${value}`);
  const { graph, classes } = await readObjectron();
  const columns = streetColumns(classes);
  const { model, input, outputs } = convertTflite(graph, MAP_SIDES.flatMap((_, layer) => [headOf(graph, layer, "BoxEncodingPredictor"), headOf(graph, layer, "ClassPredictor")]));
  const net = await openImageModel({
    name: "mobilenetv2-ssd-openimages",
    model,
    input,
    outputs,
    preprocessing: { width: SIDE, height: SIDE, fit: "fill", kernel: "linear", mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  });
  const anchors = MAP_SIDES.map((_, layer) => mapAnchors(layer));

  const read = (maps: readonly OutputSlice[], image: ResizedPixels): Detection[] => {
    const candidates = MAP_SIDES.flatMap((side, layer) => {
      const [boxes, scores] = [maps[layer * 2]!.data, maps[layer * 2 + 1]!.data];
      const perCell = ANCHORS_PER_CELL[layer]!;
      const cells = side * side;
      return anchors[layer]!.flatMap((anchor, i) => {
        const [cell, place] = [Math.floor(i / perCell), i % perCell];
        const verdict = streetVerdict((column) => sigmoid(scores[(place * classes.length + column) * cells + cell]!), columns);
        if (verdict.score < scoreMin) return [];
        const box = decodeBox(anchor, (k) => boxes[(place * 4 + k) * cells + cell]!, image.original);
        return box === undefined ? [] : [{ ...verdict, box }];
      });
    });
    return suppress(candidates, overlapMax, countMax).map(({ box, category, score, probabilities }) => ({ box, category, score, probabilities }));
  };

  return {
    name: "mobilenetv2-ssd-openimages-300-v1",
    categories: STREET_CATEGORIES,
    known: KNOWN_STREET_CATEGORIES,
    prepare: net.prepare,
    detect: async (images) => {
      const found: Detection[][] = [];
      for (let start = 0; start < images.length; start += TOGETHER) {
        const batch = await Promise.all(images.slice(start, start + TOGETHER).map((image) => (isPrepared(image) ? image : net.prepare(image))));
        for (const [i, maps] of (await net.run(batch)).entries()) found.push(read(maps, batch[i]!));
      }
      return found;
    },
    close: net.close,
  };
}

function isPrepared(image: ImageSource | Pixels): image is ResizedPixels {
  return typeof image !== "string" && !(image instanceof Uint8Array);
}

/** The map that a head of the detector computes: the output of its convolution, before it is put in another shape. */
function headOf(graph: { readonly tensors: readonly { readonly name: string }[]; readonly operators: readonly { readonly kind: string; readonly outputs: readonly number[]; readonly inputs: readonly number[] }[] }, layer: number, head: "BoxEncodingPredictor" | "ClassPredictor"): string {
  const kernel = `BoxPredictor_${layer}/${head}/Conv2D`;
  const operator = graph.operators.find(({ kind, inputs }) => kind === "conv" && graph.tensors[inputs[1]!]!.name.startsWith(`${kernel}_`));
  if (operator === undefined) throw new Error(`the model has no ${kernel}`);
  return graph.tensors[operator.outputs[0]!]!.name;
}

/** Four numbers (y, x, height, width) relative to an anchor, as a box of the image; undefined for one outside. */
function decodeBox(anchor: Anchor, value: (k: number) => number, image: { readonly width: number; readonly height: number }): Corners | undefined {
  const y = anchor.y + (value(0) / CENTRE_SCALE) * anchor.height;
  const x = anchor.x + (value(1) / CENTRE_SCALE) * anchor.width;
  const height = anchor.height * Math.exp(value(2) / SIZE_SCALE);
  const width = anchor.width * Math.exp(value(3) / SIZE_SCALE);
  const clip = (share: number) => Math.min(1, Math.max(0, share));
  const [left, right] = [clip(x - width / 2) * image.width, clip(x + width / 2) * image.width];
  const [top, bottom] = [clip(y - height / 2) * image.height, clip(y + height / 2) * image.height];
  return right - left > 0 && bottom - top > 0 ? [left, top, right - left, bottom - top] : undefined;
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
