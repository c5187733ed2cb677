import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { float32FromText } from "../float32.ts";
import { decimalKernel } from "./decimal-kernel.ts";

const kernel = (await decimalKernel())!;

/** What the kernel reads of texts with commas between them, behind some bytes that don't count. */
function read(texts: readonly string[], before = "name.jpg,"): { found: number; values: number[]; rest: string } {
  const bytes = new TextEncoder().encode(`${before}${texts.join(",")}\n9999999999`);
  const end = bytes.length - 11;
  const values = new Float32Array(texts.length);
  kernel.take(bytes, 0, end, texts.length);
  const found = kernel.read(before.length, end, texts.length, values, 0);
  return { found, values: [...values.subarray(0, found)], rest: new TextDecoder().decode(bytes.subarray(kernel.stoppedAt, end)) };
}

test("the compiled kernel is that of the source", async () => {
  const builder = new URL("../../kernels/build.mjs", import.meta.url);
  const { compiled } = (await import(/* @vite-ignore */ builder.href)) as { compiled: () => Promise<string> };
  expect(await readFile(new URL("./compiled.ts", import.meta.url), "utf8"), "run `node kernels/build.mjs` in packages/formats").toBe(await compiled());
});

const digits = (most: number) => fc.stringMatching(new RegExp(`^\\d{0,${most}}$`));
const decimal = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.tuple(fc.float({ min: -4, max: 4, noNaN: true }), fc.integer({ min: 1, max: 20 })).map(([value, places]) => value.toPrecision(places)),
  fc.tuple(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 0, max: 20 })).map(([value, places]) => value.toExponential(places)),
  fc.tuple(fc.constantFrom("", "-", "+"), digits(25), fc.constantFrom("", "."), digits(25), fc.constantFrom("", "e0", "E-3", "e+7", "e-46", "e38", "e-320", "e22", "e-23")).map((parts) => parts.join("")),
  // Halfway between two float32, and as near to it as decimals come.
  fc.tuple(fc.integer({ min: 2 ** 23, max: 2 ** 24 - 1 }), fc.integer({ min: -40, max: 40 }), fc.constantFrom("", "1", "0000001")).map(([mantissa, exponent, more]) => `${2 * mantissa + 1}${more === "" ? "" : `.${more}`}e${exponent - 20}`),
);

test("what it reads is what the plain way reads, to the bit; what it doesn't is left where it stands", () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.array(decimal, { minLength: 1, maxLength: 8 }), (texts) => {
      const { found, values, rest } = read(texts);
      for (let at = 0; at < found; at++) {
        const truth = float32FromText(texts[at]!);
        expect(Object.is(values[at], truth), `${texts[at]}: ${values[at]}, not ${truth}`).toBe(true);
      }
      expect(rest).toBe(texts.slice(found).map((text) => `,${text}`).join("").slice(found === 0 ? 1 : 0));
      taken += found;
    }),
    { numRuns: 2000 },
  );
  expect(taken).toBeGreaterThan(2000);
});

test("the common forms are all taken", () => {
  for (const texts of [["0.12345678", "-0.98765432", "0.012345678", "1", "-2.5", "0", "-0", "+3", "12345678.5", "1e5", "1.5E-7", "0.4149675369262695", "-0.12345678901234567", ".5", "5."]]) {
    expect(read(texts)).toEqual({ found: texts.length, values: texts.map(float32FromText), rest: "" });
  }
});

test.each(["", "-", "x", "1x", "NaN", "inf", "1e", "1e+", " 1", "1 ", "1..2", "1.2.3", "--1", "1e99999", "1e39", "0x10", "1_0", "1e5.", "٣"])("%j is left to who can say what is wrong", (text) => {
  expect(read(["1", text, "2"])).toEqual({ found: 1, values: [1], rest: `,${text},2` });
  expect(read([text, "2"])).toMatchObject({ found: 0 });
});

test("more digits than a whole number holds are left, however many there are", () => {
  const { found } = read([`0.${"1".repeat(40)}`]);
  expect(found).toBe(0);
  // Zeros in front take no room.
  expect(read([`0.${"0".repeat(30)}25`])).toMatchObject({ found: 1, values: [Math.fround(Number(`0.${"0".repeat(30)}25`))] });
});
