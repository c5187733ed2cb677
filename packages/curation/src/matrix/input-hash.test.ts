import { expect, test } from "vitest";
import { generator } from "../random/generator.ts";
import { inspectMatrix } from "./check-matrix.ts";
import { hashBlocks, inputHash } from "./input-hash.ts";
import { matrix } from "./matrix.ts";

test("the kernel's look at a matrix is that of the plain twin", async () => {
  for (const [rows, columns] of [[4099, 67], [1 << 12, 1 << 7], [262_145, 1]] as const) {
    const points = matrix(rows, columns);
    const { unit } = generator(rows);
    for (let index = 0; index < points.data.length; index++) points.data[index] = 10 * unit() - 5;
    points.data[points.data.length - 1] = -77;
    for (const threads of [1, 2]) {
      const seen = await inspectMatrix(points, { threads });
      expect(seen.largest).toBe(77);
      expect(seen.blocks).toEqual(hashBlocks(points.data));
      expect(inputHash([seen])).toBe(inputHash([points.data]));
    }
    points.data[points.data.length - 1] = Number.NaN;
    await expect(inspectMatrix(points, {})).rejects.toThrow(`row ${rows - 1}, column ${columns - 1} is NaN`);
  }
});

test("one changed value changes the hash; missing and empty differ", () => {
  const data = new Float32Array(1000);
  const before = inputHash([data]);
  data[999] = 1e-30;
  expect(inputHash([data])).not.toBe(before);
  expect(inputHash([undefined])).not.toBe(inputHash([new Uint32Array()]));
  expect(before).toMatch(/^[0-9a-f]{16}$/);
});
