import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { float32At, float32FromText, float32Text } from "./float32.ts";

const readAt = (text: string) => {
  const cursor = { at: 1 };
  const value = float32At(cursor, new TextEncoder().encode(`,${text},9\n`), text.length + 3);
  return { value, stopped: cursor.at - 1 };
};

describe("float32At", () => {
  it("reads every decimal as the platform does", () => {
    const decimal = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.float({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.tuple(fc.stringMatching(/^[+-]?\d{0,25}(\.\d{0,25})?$/), fc.stringMatching(/^(e[+-]?\d{1,3})?$/)).map((parts) => parts.join("")),
      fc.tuple(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 1, max: 21 })).map(([value, digits]) => value.toPrecision(digits)),
    );
    fc.assert(
      fc.property(decimal, (text) => {
        const { value, stopped } = readAt(text);
        expect(value).toBe(float32FromText(text));
        expect(stopped).toBe(text.length);
      }),
      { numRuns: 5000 },
    );
  });

  it("rounds like float64 and then float32 at and around the halfway points", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(1e-30), max: Math.fround(1e30) }), fc.integer({ min: -3, max: 3 }), (value, steps) => {
        const bits = new Uint32Array(Float32Array.of(value).buffer);
        bits[0]!++;
        const next = new Float32Array(bits.buffer)[0]!;
        const half = (value + next) / 2;
        const view = new BigInt64Array(Float64Array.of(half).buffer);
        view[0]! += BigInt(steps);
        const text = String(new Float64Array(view.buffer)[0]!);
        expect(readAt(text).value).toBe(float32FromText(text));
      }),
      { numRuns: 2000 },
    );
  });

  it("takes what isn't a finite decimal for NaN or infinite", () => {
    for (const text of ["", "-", ".", "abc", "nan", "inf", "-inf", "1e", "1e+", "0x10", "1_000", "1.2.3", "--1", "1 2", "1e5e5"]) expect(readAt(text)).toEqual({ value: NaN, stopped: text.length });
    expect(readAt("1e39").value).toBe(Infinity);
    expect(readAt("-1e999").value).toBe(-Infinity);
    expect(readAt(" 1.5 ").value).toBe(1.5);
    expect(readAt("-0.0").value).toBe(-0);
  });

  it("stops at the end of the record", () => {
    const cursor = { at: 0 };
    expect(float32At(cursor, new TextEncoder().encode("1.25\n6"), 4)).toBe(1.25);
    expect(cursor.at).toBe(4);
  });
});

describe("float32Text", () => {
  it("is what reads back as the same float32", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(readAt(float32Text(value)).value).toBe(value);
      }),
      { numRuns: 5000 },
    );
  });

  it("is short", () => {
    expect([0.1, -0.25, 1, 100, 1e-7, 123456.5, 1 / 3, 16777216].map((value) => float32Text(Math.fround(value)))).toEqual([
      "0.1",
      "-0.25",
      "1",
      "100",
      "1e-7",
      "123456.5",
      "0.33333334",
      "16777216",
    ]);
  });
});
