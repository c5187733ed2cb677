import fc from "fast-check";
import { expect, test } from "vitest";
import { readNpy, writeNpy } from "./index.ts";

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

test("what is written is read back, bit for bit, however it is portioned", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.infiniteStream(fc.float({ noNaN: true })), async (rows, columns, together, numbers) => {
      const data = Float32Array.from({ length: rows * columns }, () => numbers.next().value!);
      function* portions() {
        for (let row = 0; row < rows; row += together) yield data.subarray(row * columns, (row + together) * columns);
      }
      const read = await readNpy(writeNpy(portions(), { rows, columns }));
      expect([read.rows, read.columns]).toEqual([rows, columns]);
      expect(new Uint8Array(read.data.buffer, read.data.byteOffset, read.data.byteLength)).toEqual(new Uint8Array(data.buffer));
    }),
  );
});

test("the header is numpy's, and the numbers begin at a multiple of 64 bytes", async () => {
  const [header] = await all(writeNpy([new Float32Array(6)], { rows: 3, columns: 2 }));
  expect(header!.length % 64).toBe(0);
  expect([...header!.subarray(0, 8)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  expect(new TextDecoder().decode(header!.subarray(10))).toMatch(/^\{'descr': '<f4', 'fortran_order': False, 'shape': \(3, 2\), \} *\n$/);
});

test("another number of values than the shape's is refused", async () => {
  await expect(all(writeNpy([new Float32Array(5)], { rows: 3, columns: 2 }))).rejects.toThrow(RangeError);
  await expect(all(writeNpy([new Float32Array(7)], { rows: 3, columns: 2 }))).rejects.toThrow(RangeError);
});
