import { describe, expect, it } from "vitest";
import type { Pixels } from "../pixels.ts";
import { corruptionScore } from "./corruption.ts";

const WIDTH = 64;

/** A picture made row by row: a colour for a uniform row, undefined for one with content. */
function rows(colours: readonly (readonly [number, number, number] | undefined)[], noise = 0): Pixels {
  const data = new Uint8Array(WIDTH * colours.length * 3);
  for (const [y, colour] of colours.entries()) {
    for (let x = 0; x < WIDTH; x++) {
      for (let c = 0; c < 3; c++) data[(y * WIDTH + x) * 3 + c] = colour ? colour[c]! + ((x * 5 + y) % (noise + 1)) : (x * 5 + y * 3 + c * 40) % 200;
    }
  }
  return { width: WIDTH, height: colours.length, data };
}
const content = (count: number) => Array.from({ length: count }, () => undefined);
const filled = (count: number, colour: readonly [number, number, number]) => Array.from({ length: count }, () => colour);

describe("corruptionScore", () => {
  it("is 0 for a picture, 1 for nothing at all, and the share of the rows that are missing", () => {
    expect(corruptionScore(rows(content(100)))).toBe(0);
    expect(corruptionScore(rows(filled(100, [128, 128, 128])))).toBe(1);
    expect(corruptionScore(rows(filled(100, [0, 0, 0])))).toBe(1);
    expect(corruptionScore(rows([...content(70), ...filled(30, [128, 128, 128])]))).toBeCloseTo(0.3);
    expect(corruptionScore(rows([...content(70), ...filled(30, [0, 135, 0])]))).toBeCloseTo(0.3);
    expect(corruptionScore(rows([...content(70), ...filled(30, [10, 10, 10])]))).toBeCloseTo(0.3);
  });

  it("takes what coding does to flat colour for flat colour, and no more than that", () => {
    expect(corruptionScore(rows([...content(50), ...filled(50, [128, 128, 128])], 3))).toBeCloseTo(0.5);
    expect(corruptionScore(rows([...content(50), ...filled(50, [128, 128, 128])], 6))).toBe(0);
  });

  it("doesn't count the bars of a wide film, but what is missing within it", () => {
    const bars = filled(12, [16, 16, 16]);
    expect(corruptionScore(rows([...bars, ...content(76), ...bars]))).toBe(0);
    expect(corruptionScore(rows([...bars, ...content(56), ...filled(20, [128, 128, 128]), ...bars]))).toBeCloseTo(0.2);
    expect(corruptionScore(rows([...filled(12, [200, 200, 200]), ...content(76), ...filled(12, [200, 200, 200])]))).toBeCloseTo(0.24); // light is no bar
    expect(corruptionScore(rows([...filled(3, [0, 0, 0]), ...content(67), ...filled(30, [0, 0, 0])]))).toBeCloseTo(0.33);
  });

  it("has an answer for pictures without rows or columns to compare", () => {
    expect(corruptionScore({ width: 1, height: 5, data: new Uint8Array(15) })).toBe(0);
    expect(corruptionScore({ width: 0, height: 0, data: new Uint8Array(0) })).toBe(0);
  });
});
