import { ProtobufWriter } from "./protobuf.ts";

/** An attribute of an ONNX node. Whole numbers are written as integers: give floats as `{ float }`. */
export type OnnxAttribute = number | readonly number[] | string | { readonly float: number };

export interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | BigInt64Array;
}

/** A value that goes in or out: float32; a dimension by name is open until run time. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly name: string;
  /** In order of computation. */
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

const FLOAT = 1;
const INT64 = 7;
/** Operator set 13 has all we use; intermediate representation 7 belongs to it. */
const OPERATOR_SET = 13;
const REPRESENTATION = 7;

/** Writes a graph as an ONNX file. Source of field numbers: onnx.proto of the ONNX project. */
export function writeOnnx(graph: OnnxGraph): Uint8Array {
  const body = new ProtobufWriter();
  for (const node of graph.nodes) body.message(1, writeNode(node));
  body.text(2, graph.name);
  for (const constant of graph.constants) body.message(5, writeConstant(constant));
  for (const value of graph.inputs) body.message(11, writeValue(value));
  for (const value of graph.outputs) body.message(12, writeValue(value));
  return new ProtobufWriter()
    .integer(1, REPRESENTATION)
    .text(2, "winnow")
    .message(7, body)
    .message(8, new ProtobufWriter().text(1, "").integer(2, OPERATOR_SET))
    .finish();
}

function writeNode(node: OnnxNode): ProtobufWriter {
  const out = new ProtobufWriter();
  for (const name of node.inputs) out.text(1, name);
  for (const name of node.outputs) out.text(2, name);
  out.text(4, node.operator);
  for (const [name, value] of Object.entries(node.attributes ?? {})) out.message(5, writeAttribute(name, value));
  return out;
}

/** Attributes carry a number for their type: float 1, integer 2, text 3, integers 7. */
function writeAttribute(name: string, value: OnnxAttribute): ProtobufWriter {
  const out = new ProtobufWriter().text(1, name);
  if (typeof value === "number") return out.integer(3, value).integer(20, 2);
  if (typeof value === "string") return out.text(4, value).integer(20, 3);
  if ("float" in value) return out.float(2, value.float).integer(20, 1);
  for (const item of value) out.integer(8, item);
  return out.integer(20, 7);
}

function writeConstant({ name, shape, values }: OnnxConstant): ProtobufWriter {
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements !== values.length) {
    throw new Error(`the constant ${name} has ${values.length} values where its shape [${shape}] needs ${elements}`);
  }
  return new ProtobufWriter()
    .integers(1, shape)
    .integer(2, values instanceof Float32Array ? FLOAT : INT64)
    .text(8, name)
    .bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

function writeValue({ name, shape }: OnnxValue): ProtobufWriter {
  const dimensions = new ProtobufWriter();
  for (const size of shape) {
    const dimension = new ProtobufWriter();
    dimensions.message(1, typeof size === "number" ? dimension.integer(1, size) : dimension.text(2, size));
  }
  const tensor = new ProtobufWriter().integer(1, FLOAT).message(2, dimensions);
  return new ProtobufWriter().text(1, name).message(2, new ProtobufWriter().message(1, tensor));
}
