import { readHalf } from "./half.ts";
import { type OnnxConstant, type OnnxNode, writeOnnx } from "./onnx.ts";
import type { TfliteGraph, TfliteOperator } from "./tflite.ts";

export interface Converted {
  /** The ONNX file. Images go in as float32 batch × channels × height × width; batch, height and width are open. */
  readonly model: Uint8Array;
  readonly input: string;
  /** Names of the outputs, in the order asked for: batch × channels × height × width each. */
  readonly outputs: readonly string[];
}

/**
 * Turns a convolutional TensorFlow Lite graph into an ONNX model that computes the tensors named, and leaves out all
 * that they don't need. Understands convolutions, depthwise convolutions, additions and float16 weights: the trunk of a
 * MobileNet. Weights change their order (channels first); nothing is rounded.
 * @throws Error naming what the graph lacks or what operator is not understood.
 */
export function convertTflite(graph: TfliteGraph, outputs: readonly string[]): Converted {
  const producer = new Map<number, TfliteOperator>();
  for (const operator of graph.operators) for (const output of operator.outputs) producer.set(output, operator);
  const wanted = outputs.map((name) => {
    const index = graph.tensors.findIndex((tensor) => tensor.name === name);
    if (index < 0) throw new Error(`the model has no tensor named ${name}`);
    return index;
  });
  const needed = reachable(graph, producer, wanted);
  const nodes: OnnxNode[] = [];
  const constants: OnnxConstant[] = [];
  const nameOf = (index: number) => `t${index}`;

  /** A constant's values: stored, or stored as float16 with a conversion before use. */
  const weights = (index: number): Float32Array => {
    const tensor = graph.tensors[index]!;
    const from = producer.get(index);
    if (from?.kind === "dequantize") return weights(from.inputs[0]!);
    if (tensor.data.length === 0) throw new Error(`the tensor ${tensor.name} has no stored values`);
    if (tensor.element === "float16") return readHalf(tensor.data);
    if (tensor.element !== "float32") throw new Error(`the tensor ${tensor.name} is neither float32 nor float16`);
    return new Float32Array(tensor.data.slice().buffer);
  };

  for (const operator of graph.operators) {
    if (!needed.has(operator) || operator.kind === "dequantize") continue;
    const output = nameOf(operator.outputs[0]!);
    const plain = operator.activation === "none" ? output : `${output}_before`;
    if (operator.kind === "add") {
      nodes.push({ operator: "Add", inputs: operator.inputs.map(nameOf), outputs: [plain] });
    } else if (operator.kind === "conv" || operator.kind === "depthwise") {
      const [image, kernel, bias] = operator.inputs as readonly [number, number, number];
      const shape = graph.tensors[kernel]!.shape;
      if (shape.length !== 4) throw new Error(`the kernel ${graph.tensors[kernel]!.name} does not have four dimensions`);
      const ordered = operator.kind === "conv" ? orderConv(weights(kernel), shape) : orderDepthwise(weights(kernel), shape);
      const groups = operator.kind === "conv" ? 1 : graph.tensors[image]!.shape[3]!;
      constants.push({ name: nameOf(kernel), shape: ordered.shape, values: ordered.values });
      const inputs = [nameOf(image), nameOf(kernel)];
      if (bias !== undefined && bias >= 0) {
        const values = weights(bias);
        constants.push({ name: nameOf(bias), shape: [values.length], values });
        inputs.push(nameOf(bias));
      }
      nodes.push({
        operator: "Conv",
        inputs,
        outputs: [plain],
        attributes: {
          group: groups,
          kernel_shape: [ordered.shape[2]!, ordered.shape[3]!],
          strides: operator.strides,
          dilations: operator.dilations,
          // TensorFlow's SAME puts the odd pixel of padding below and right, which is SAME_UPPER.
          auto_pad: operator.padding === "same" ? "SAME_UPPER" : "VALID",
        },
      });
    } else {
      throw new Error(`the operator ${operator.code} of the model can't be converted`);
    }
    if (operator.activation === "relu") nodes.push({ operator: "Relu", inputs: [plain], outputs: [output] });
    else if (operator.activation === "relu6") nodes.push({ operator: "Clip", inputs: [plain, "zero", "six"], outputs: [output] });
    else if (operator.activation !== "none") throw new Error("an activation of the model can't be converted");
  }
  constants.push({ name: "zero", shape: [], values: Float32Array.of(0) }, { name: "six", shape: [], values: Float32Array.of(6) });

  const input = graph.inputs[0]!;
  const channels = (index: number) => graph.tensors[index]!.shape[3]!;
  const model = writeOnnx({
    name: "trunk",
    nodes,
    constants,
    inputs: [{ name: nameOf(input), shape: ["batch", channels(input), "height", "width"] }],
    outputs: wanted.map((index, i) => ({ name: nameOf(index), shape: ["batch", channels(index), `height${i}`, `width${i}`] })),
  });
  return { model, input: nameOf(input), outputs: wanted.map(nameOf) };
}

/** The operators that the wanted tensors depend on. */
function reachable(graph: TfliteGraph, producer: ReadonlyMap<number, TfliteOperator>, wanted: readonly number[]): Set<TfliteOperator> {
  const found = new Set<TfliteOperator>();
  const open = [...wanted];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const operator = producer.get(index);
    if (operator === undefined || found.has(operator)) continue;
    found.add(operator);
    open.push(...operator.inputs.filter((input) => input >= 0 && input < graph.tensors.length));
  }
  return found;
}

interface Ordered {
  readonly shape: readonly number[];
  readonly values: Float32Array<ArrayBuffer>;
}

/** out × height × width × in → out × in × height × width */
function orderConv(values: Float32Array, [out, height, width, within]: readonly number[]): Ordered {
  const [o, h, w, c] = [out!, height!, width!, within!];
  const ordered = new Float32Array(values.length);
  for (let i = 0; i < o; i++) {
    for (let at = 0; at < h * w; at++) {
      for (let k = 0; k < c; k++) ordered[(i * c + k) * h * w + at] = values[(i * h * w + at) * c + k]!;
    }
  }
  return { shape: [o, c, h, w], values: ordered };
}

/** 1 × height × width × channels → channels × 1 × height × width */
function orderDepthwise(values: Float32Array, [, height, width, channels]: readonly number[]): Ordered {
  const [h, w, c] = [height!, width!, channels!];
  const ordered = new Float32Array(values.length);
  for (let at = 0; at < h * w; at++) {
    for (let k = 0; k < c; k++) ordered[k * h * w + at] = values[at * c + k]!;
  }
  return { shape: [c, 1, h, w], values: ordered };
}
