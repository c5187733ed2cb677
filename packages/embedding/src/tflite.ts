import { FlatTable } from "./flatbuffer.ts";

/** Types of tensor elements that we read; the numbers are the file format's. */
export type TfliteElement = "float32" | "float16" | "int32" | "other";

export interface TfliteTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly element: TfliteElement;
  /** Constant content, little-endian; empty for what is computed. */
  readonly data: Uint8Array;
}

export interface TfliteOperator {
  readonly kind: "add" | "concatenation" | "conv" | "depthwise" | "dequantize" | "reshape" | "other";
  /** The format's number of the operator, for messages. */
  readonly code: number;
  /** Indexes into the graph's tensors; −1 for an optional input left out. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly padding: "same" | "valid";
  readonly strides: readonly [height: number, width: number];
  readonly dilations: readonly [height: number, width: number];
  readonly activation: "none" | "relu" | "relu6" | "other";
}

/** The first graph of a TensorFlow Lite model. Images are batch × height × width × channels. */
export interface TfliteGraph {
  readonly tensors: readonly TfliteTensor[];
  /** In order of computation. */
  readonly operators: readonly TfliteOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

const ELEMENTS: Readonly<Record<number, TfliteElement>> = { 0: "float32", 1: "float16", 2: "int32" };
const KINDS: Readonly<Record<number, TfliteOperator["kind"]>> = {
  0: "add",
  2: "concatenation",
  3: "conv",
  4: "depthwise",
  6: "dequantize",
  22: "reshape",
};
const ACTIVATIONS: Readonly<Record<number, TfliteOperator["activation"]>> = { 0: "none", 1: "relu", 3: "relu6" };

/**
 * Reads a TensorFlow Lite model: the tensors and operators of its first graph, constants without a copy.
 * Source of field numbers: TensorFlow's schema.fbs (version 3).
 * @throws Error when the bytes are not such a model or are damaged.
 */
export function readTflite(bytes: Uint8Array): TfliteGraph {
  if (bytes.length < 16 || String.fromCharCode(...bytes.subarray(4, 8)) !== "TFL3") {
    throw new Error("the bytes are not a TensorFlow Lite model (no TFL3 mark)");
  }
  try {
    const model = FlatTable.root(bytes);
    // Newer files have the operator's number in field 3; older ones in the byte of field 0.
    const codes = model.tables(1).map((code) => Math.max(code.byte(0), code.int(3)));
    const graph = model.tables(2)[0];
    if (graph === undefined) throw new Error("it has no graph");
    const buffers = model.tables(4);
    return {
      tensors: graph.tables(0).map((tensor) => ({
        name: tensor.text(3),
        shape: tensor.ints(0),
        element: ELEMENTS[tensor.byte(1)] ?? "other",
        data: buffers[tensor.int(2)]?.bytes(0) ?? new Uint8Array(0),
      })),
      operators: graph.tables(3).map((operator) => readOperator(operator, codes)),
      inputs: graph.ints(1),
      outputs: graph.ints(2),
    };
  } catch (cause) {
    throw new Error(`the TensorFlow Lite model is damaged: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function readOperator(operator: FlatTable, codes: readonly number[]): TfliteOperator {
  const code = codes[operator.int(0)] ?? -1;
  const kind = KINDS[code] ?? "other";
  const options = operator.table(4);
  // The options' fields differ by operator: the activation stands where the kind has it, dilations stand behind it.
  const activation = { conv: 3, depthwise: 4, add: 0, concatenation: 1 }[kind as string];
  const convolves = kind === "conv" || kind === "depthwise";
  return {
    kind,
    code,
    inputs: operator.ints(1),
    outputs: operator.ints(2),
    padding: convolves && options?.byte(0) === 1 ? "valid" : "same",
    strides: convolves ? [options?.int(2) ?? 1, options?.int(1) ?? 1] : [1, 1],
    dilations: convolves ? [options?.int(activation! + 2, 1) ?? 1, options?.int(activation! + 1, 1) ?? 1] : [1, 1],
    activation: activation === undefined ? "none" : (ACTIVATIONS[options?.byte(activation) ?? 0] ?? "other"),
  };
}
