// The readers and writers of model files: small graphs made here, computed by the runtime, held against plain loops.
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { convertTflite } from "./convert.ts";
import { readHalf } from "./half.ts";
import { writeOnnx } from "./onnx.ts";
import { ProtobufWriter } from "./protobuf.ts";
import { readTflite, type TfliteGraph, type TfliteOperator } from "./tflite.ts";

describe("ProtobufWriter", () => {
  it("writes what the documentation's examples show", () => {
    expect([...new ProtobufWriter().integer(1, 150).finish()]).toEqual([0x08, 0x96, 0x01]);
    expect([...new ProtobufWriter().text(2, "testing").finish()]).toEqual([0x12, 0x07, ...Buffer.from("testing")]);
    expect([...new ProtobufWriter().integers(6, [3, 270, 86942]).finish()]).toEqual([0x32, 0x06, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05]);
    expect([...new ProtobufWriter().message(3, new ProtobufWriter().integer(1, 150)).finish()]).toEqual([0x1a, 0x03, 0x08, 0x96, 0x01]);
    expect([...new ProtobufWriter().integer(1, 2 ** 40).finish()]).toEqual([0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]);
  });
});

describe("readHalf", () => {
  it("reads every kind of number", () => {
    const bits = [0x0000, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x3555, 0x7c00, 0xfc00, 0x7e00];
    const bytes = Uint8Array.from(bits.flatMap((value) => [value & 255, value >> 8]));
    expect([...readHalf(bytes)]).toEqual([0, -0, 1, -2, 65504, 2 ** -24, 2 ** -14, 0.333251953125, Infinity, -Infinity, NaN]);
  });
});

describe("writeOnnx", () => {
  it("refuses a constant whose values don't fill its shape", () => {
    const constants = [{ name: "c", shape: [2, 2], values: Float32Array.of(1) }];
    expect(() => writeOnnx({ name: "g", nodes: [], constants, inputs: [], outputs: [] })).toThrow(/c has 1 values where its shape \[2,2\] needs 4/);
  });
});

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const operator = (fields: Partial<TfliteOperator>): TfliteOperator => ({
  kind: "conv", code: 3, inputs: [], outputs: [], padding: "same", strides: [1, 1], dilations: [1, 1], activation: "none", ...fields,
});

/** Two layers and a sum: a 3 × 3 convolution 2 → 3, a depthwise one on it, both added. */
function smallGraph(padding: "same" | "valid", stride: number, weights: () => number): TfliteGraph {
  const tensor = (name: string, shape: number[], data?: Uint8Array) => ({ name, shape, element: "float32" as const, data: data ?? new Uint8Array(0) });
  const some = (count: number) => floats(...Array.from({ length: count }, weights));
  return {
    tensors: [
      tensor("image", [1, 7, 6, 2]),
      tensor("kernel", [3, 3, 3, 2], some(54)),
      tensor("bias", [3], some(3)),
      tensor("first", [1, 7, 6, 3]),
      tensor("deep", [1, 3, 3, 3], some(27)),
      tensor("second", [1, 7, 6, 3]),
      tensor("sum", [1, 7, 6, 3]),
      tensor("never computed", [1, 1, 1, 1]),
    ],
    operators: [
      operator({ inputs: [0, 1, 2], outputs: [3], padding, strides: [stride, stride], activation: "relu6" }),
      operator({ kind: "depthwise", inputs: [3, 4], outputs: [5] }),
      operator({ kind: "add", inputs: [3, 5], outputs: [6], activation: "relu" }),
      operator({ kind: "other", code: 99, inputs: [6], outputs: [7] }),
    ],
    inputs: [0],
    outputs: [7],
  };
}

/** The same with plain loops, on height × width × channels. */
function plain(graph: TfliteGraph, image: number[], height: number, width: number) {
  const values = (index: number) => new Float32Array(graph.tensors[index]!.data.slice().buffer);
  const convolve = (input: number[], h: number, w: number, within: number, out: number, kernel: Float32Array, bias: Float32Array | undefined, deep: boolean, { padding, strides }: TfliteOperator) => {
    const stride = strides[0];
    const [oh, ow] = [h, w].map((size) => (padding === "same" ? Math.ceil(size / stride) : Math.ceil((size - 2) / stride))) as [number, number];
    const before = (size: number, outSize: number) => (padding === "same" ? Math.floor(Math.max(0, (outSize - 1) * stride + 3 - size) / 2) : 0);
    const result: number[] = [];
    for (let y = 0; y < oh; y++) for (let x = 0; x < ow; x++) for (let o = 0; o < out; o++) {
      let sum = bias?.[o] ?? 0;
      for (let ky = 0; ky < 3; ky++) for (let kx = 0; kx < 3; kx++) {
        const iy = y * stride + ky - before(h, oh);
        const ix = x * stride + kx - before(w, ow);
        if (iy < 0 || ix < 0 || iy >= h || ix >= w) continue;
        if (deep) sum += input[(iy * w + ix) * within + o]! * kernel[(ky * 3 + kx) * out + o]!;
        else for (let c = 0; c < within; c++) sum += input[(iy * w + ix) * within + c]! * kernel[((o * 3 + ky) * 3 + kx) * within + c]!;
      }
      result.push(sum);
    }
    return { values: result, oh, ow };
  };
  const first = convolve(image, height, width, 2, 3, values(1), values(2), false, graph.operators[0]!);
  const clipped = first.values.map((value) => Math.min(6, Math.max(0, value)));
  const second = convolve(clipped, first.oh, first.ow, 3, 3, values(4), undefined, true, graph.operators[1]!);
  return { values: second.values.map((value, i) => Math.max(0, value + clipped[i]!)), height: first.oh, width: first.ow };
}

describe("convertTflite", () => {
  it("computes what plain loops compute, for every padding, stride and odd size", async () => {
    let state = 7;
    const random = () => ((state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 31 - 1) * 2;
    for (const padding of ["same", "valid"] as const) {
      for (const stride of [1, 2]) {
        const graph = smallGraph(padding, stride, random);
        const { model, input, outputs } = convertTflite(graph, ["sum"]);
        const session = await ort.InferenceSession.create(model);
        for (const [height, width] of [[7, 6], [8, 8], [5, 9]] as const) {
          const image = Array.from({ length: height * width * 2 }, random);
          const planes = Float32Array.from(image, (_, i) => image[(i % (height * width)) * 2 + Math.floor(i / (height * width))]!);
          const result = (await session.run({ [input]: new ort.Tensor("float32", planes, [1, 2, height, width]) }))[outputs[0]!]!;
          const expected = plain(graph, image, height, width);
          expect(result.dims).toEqual([1, 3, expected.height, expected.width]);
          const size = expected.height * expected.width;
          for (const [i, value] of (result.data as Float32Array).entries()) {
            expect(value).toBeCloseTo(expected.values[(i % size) * 3 + Math.floor(i / size)]!, 4);
          }
        }
        await session.release();
      }
    }
  });

  it("names what it can't do", () => {
    const graph = smallGraph("same", 1, () => 1);
    expect(() => convertTflite(graph, ["nothing"])).toThrow(/no tensor named nothing/);
    expect(() => convertTflite(graph, ["never computed"])).toThrow(/operator 99/);
  });
});

describe("readTflite", () => {
  it("refuses other bytes and damaged models with an error", async () => {
    expect(() => readTflite(new Uint8Array(0))).toThrow(/not a TensorFlow Lite model/);
    expect(() => readTflite(Buffer.from("\0\0\0\0TFL3____________"))).toThrow(/damaged/);
    const assets = await readFile(createRequire(import.meta.url).resolve("@mediapipe/objectron/objectron_solution_packed_assets.data"));
    const model = Uint8Array.from(assets.subarray(184));
    expect(readTflite(model)).toMatchObject({ inputs: [expect.any(Number)] });
    expect(() => readTflite(model.subarray(0, 2000))).toThrow(/damaged/);
    fc.assert(
      fc.property(fc.nat(3000), fc.nat(255), (at, value) => {
        const was = model[8 + at]!;
        model[8 + at] = value;
        try {
          readTflite(model);
        } catch (error) {
          expect((error as Error).message).toMatch(/damaged/);
        } finally {
          model[8 + at] = was;
        }
      }),
      { numRuns: 100 },
    );
  });
});
