import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { generator } from "../random/generator.ts";
import { freshArena } from "./arena.ts";
import { squaredDistance } from "./distance.plain.ts";
import { bindKernels, kernelModule } from "./kernels.ts";

test("the compiled kernels are those of the sources", async () => {
  const builder = new URL("../../kernels/build.mjs", import.meta.url);
  expect(existsSync(builder)).toBe(true);
  const { compiled } = (await import(/* @vite-ignore */ builder.href)) as { compiled: () => Promise<string> };
  expect(await readFile(new URL("./compiled.ts", import.meta.url), "utf8"), "run `node kernels/build.mjs` in packages/curation").toBe(await compiled());
  // The compiler runs twice.
}, 240_000);

describe("squares against the plain twin", () => {
  test("for every length from 0 to 70 and more, at unaligned offsets", async () => {
    const arena = freshArena();
    try {
      const address = arena.take(1 << 16);
      const kernels = bindKernels(await kernelModule(true), arena.memory);
      const { normal } = generator(11);
      for (const columns of [...Array.from({ length: 71 }, (_, index) => index), 127, 128, 129, 512, 1000]) {
        for (const offset of [0, 4, 12]) {
          const x = address + offset;
          const y = address + 8192 + 2 * offset;
          const data = new Float32Array(2 * columns);
          for (let index = 0; index < data.length; index++) data[index] = normal();
          new Float32Array(arena.memory.buffer, x, columns).set(data.subarray(0, columns));
          new Float32Array(arena.memory.buffer, y, columns).set(data.subarray(columns));
          const truth = squaredDistance({ data, rows: 2, columns }, "euclidean")(0, 1);
          expect(kernels.exactSquare(x, y, columns)).toBe(truth);
          // The bound that selection relies on, see farthest.ts.
          const allowed = truth * (columns / 16 + 32) * 2 ** -24;
          const square = kernels.squareUpTo(x, y, columns, Infinity);
          expect(Math.abs(square - truth), `${columns} columns at ${offset}: ${square}, not ${truth}`).toBeLessThanOrEqual(allowed);
          expect(kernels.squareUpTo(x, y, columns, truth / 2)).toBeGreaterThanOrEqual(columns === 0 ? 0 : truth / 2);
        }
      }
    } finally {
      arena.release();
    }
  });
});
