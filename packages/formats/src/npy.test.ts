import { describe, expect, it } from "vitest";
import { NpyError, readNpy } from "./npy.ts";

/** A file as numpy.save writes it. */
function file(descr: string, shape: string, body: ArrayBufferView, { fortran = false, version = 1 } = {}): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': ${shape}, }`;
  const start = version === 1 ? 10 : 12;
  const length = Math.ceil((start + text.length + 1) / 64) * 64 - start;
  const bytes = new Uint8Array(start + length + body.byteLength);
  bytes.set([0x93, 78, 85, 77, 80, 89, version, 0]);
  if (version === 1) new DataView(bytes.buffer).setUint16(8, length, true);
  else new DataView(bytes.buffer).setUint32(8, length, true);
  bytes.set(new TextEncoder().encode(`${text.padEnd(length - 1)}\n`), start);
  bytes.set(new Uint8Array(body.buffer, body.byteOffset, body.byteLength), start + length);
  return bytes;
}

const swapped = (view: ArrayBufferView, width: number) => {
  const bytes = new Uint8Array(view.buffer.slice(0));
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
  return bytes;
};
const pieces = function* (bytes: Uint8Array, length: number) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
};
const numbers = [1, 2, 3, -4, 0.5, 65504];

describe("reads", () => {
  it.each([
    ["float32", file("<f4", "(2, 3)", Float32Array.from(numbers))],
    ["float32 of the other byte order", file(">f4", "(2, 3)", swapped(Float32Array.from(numbers), 4))],
    ["float64, version 2", file("<f8", "(2, 3)", Float64Array.from(numbers), { version: 2 })],
    ["float64 of the other byte order, version 3", file(">f8", "(2, 3)", swapped(Float64Array.from(numbers), 8), { version: 3 })],
    ["float16", file("<f2", "(2, 3)", Uint16Array.of(0x3c00, 0x4000, 0x4200, 0xc400, 0x3800, 0x7bff))],
    ["column after column", file("<f4", "(2, 3)", Float32Array.of(1, -4, 2, 0.5, 3, 65504), { fortran: true })],
  ])("%s, in pieces of any length", async (_, bytes) => {
    for (const length of [1, 7, 64, 1000]) {
      const { rows, columns, data } = await readNpy(pieces(bytes, length));
      expect({ rows, columns, data: [...data] }).toEqual({ rows: 2, columns: 3, data: numbers });
    }
  });

  it("integers, nothing", async () => {
    expect(await readNpy([file("<i8", "(3, 1)", BigInt64Array.of(1n, -2n, 3n))])).toEqual({ rows: 3, columns: 1, data: Float32Array.of(1, -2, 3) });
    expect(await readNpy([file("<i4", "(1, 2)", Int32Array.of(7, -8))])).toEqual({ rows: 1, columns: 2, data: Float32Array.of(7, -8) });
    expect(await readNpy([file("<f4", "(0, 5)", new Float32Array())])).toEqual({ rows: 0, columns: 5, data: new Float32Array() });
  });

  it("small and endless halves", async () => {
    const { data } = await readNpy([file("<f2", "(2, 2)", Uint16Array.of(0x0001, 0x83ff, 0x7c00, 0x7e00))]);
    expect([...data]).toEqual([2 ** -24, -1023 * 2 ** -24, Infinity, Number.NaN]);
  });

  it("into room that is given", async () => {
    const room = new Float32Array(10);
    const { data } = await readNpy([file("<f4", "(2, 3)", Float32Array.from(numbers))], { allocate: (rows, columns) => room.subarray(2, 2 + rows * columns) });
    expect(data.buffer).toBe(room.buffer);
    expect([...room]).toEqual([0, 0, ...numbers, 0, 0]);
  });
});

it.each([
  ["not NPY", new TextEncoder().encode("filenames,embedding_0"), "does not begin with"],
  ["an empty file", new Uint8Array(), "ends within its header"],
  ["half a header", file("<f4", "(2, 3)", Float32Array.from(numbers)).subarray(0, 40), "ends within its header"],
  ["too few numbers", file("<f4", "(3, 3)", Float32Array.from(numbers)), "holds 6 numbers, its header announces 3 × 3"],
  ["a number cut short", file("<f4", "(2, 3)", Float32Array.from(numbers)).subarray(0, -1), "holds 5 numbers"],
  ["too many numbers", file("<f4", "(1, 3)", Float32Array.from(numbers)), "more than the 1 × 3"],
  ["texts", file("<U5", "(1,)", new Uint8Array(20)), "only f2, f4, f8, i4, i8"],
  ["three dimensions", file("<f4", "(1, 2, 3)", Float32Array.from(numbers)), "its shape is (1, 2, 3)"],
  ["one dimension", file("<f4", "(6,)", Float32Array.from(numbers)), "its shape is (6,); a single vector is the shape (1, 6), one number per sample (6, 1)"],
  ["a single number", file("<f4", "()", Float32Array.of(1)), "its shape is ()"],
  ["more than there can be", file("<f4", "(2, 99999999999999999999)", Float32Array.from(numbers)), "more than any file holds"],
  ["more than fits", file("<f4", "(9000000, 9000000)", Float32Array.from(numbers)), "don't fit into memory"],
  ["another version", file("<f4", "(1,)", Float32Array.of(1), { version: 9 }), "version 9"],
])("%s is refused", async (_, bytes, sentence) => {
  await expect(readNpy([bytes])).rejects.toThrow(NpyError);
  await expect(readNpy([bytes])).rejects.toThrow(sentence);
});

it("refuses a header that announces another file, before it makes room for it", async () => {
  const bytes = file("<f4", "(30, 1000)", Float32Array.from(numbers));
  const allocate = () => expect.fail("room was made");
  await expect(readNpy([bytes], { allocate, sizeInBytes: bytes.length })).rejects.toThrow(`the file has ${bytes.length} bytes, its header announces 30 × 1000 numbers, which are ${bytes.length - 24 + 120_000}`);
});
