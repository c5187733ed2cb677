import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJsonBody, writeJson } from "./json-body.ts";

const words = ["NaN", "Infinity", "-Infinity"] as const;

/** Writes a value as JSON, with a word in place of each null. */
function withWords(value: unknown, word: () => string): string {
  if (value === null) return word();
  if (Array.isArray(value)) return `[${value.map((item) => withWords(item, word)).join(" , ")}]`;
  if (typeof value === "object") return `{${Object.entries(value as object).map(([key, item]) => `${JSON.stringify(key)}: ${withWords(item, word)}`).join(",")}}`;
  return JSON.stringify(value);
}

test("JSON is read as JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = JSON.stringify(value);
      expect(parseJsonBody(text)).toEqual({ value: JSON.parse(text), notNumbers: [] });
    }),
  );
});

test("words of Python become null and are counted, wherever they stand and whatever the texts around them hold", () => {
  const texts = fc.oneof(fc.string(), fc.constantFrom("NaN", "-Infinity", `"NaN"`, `\\`, `\\"`, `a"NaN`, "\u0001", "\u2028"));
  const values = fc.letrec((tie) => ({
    any: fc.oneof({ maxDepth: 4 }, texts, fc.constant(null), fc.integer(), fc.array(tie("any"), { maxLength: 4 }), fc.dictionary(texts.filter((key) => key !== "__proto__"), tie("any"), { maxKeys: 4 })),
  })).any;
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 2 }), (value, first) => {
      let count = 0;
      const text = withWords(value, () => words[(first + count++) % 3]!);
      const parsed = parseJsonBody(text);
      expect(parsed.value).toEqual(JSON.parse(JSON.stringify(value)));
      expect(parsed.notNumbers).toHaveLength(count);
    }),
  );
});

test("paths say where they stood", () => {
  expect(parseJsonBody(`{"a":{"b":[1,NaN,{"c":-Infinity}]},"d":"NaN","e":Infinity}`)).toEqual({ value: { a: { b: [1, null, { c: null }] }, d: "NaN", e: null }, notNumbers: ["a.b[1]", "a.b[2].c", "e"] });
  expect(parseJsonBody("NaN")).toEqual({ value: null, notNumbers: [""] });
});

test("no other word passes, and none as the name of a property", () => {
  for (const text of ["nan", "-NaN", "+Infinity", "Inf", "NaN NaN", "NaN1", "1NaN", "{NaN:1}", `{"a":1,Infinity:2}`, "[NaN", `"NaN`, "undefined", "None", "True", ""]) expect(() => parseJsonBody(text), text).toThrow("not valid JSON");
});

test("own names stay own", () => {
  const { value } = parseJsonBody(`{"__proto__":{"a":NaN},"b":1}`);
  expect(Object.keys(value as object)).toEqual(["__proto__", "b"]);
  expect((value as { a?: unknown }).a).toBeUndefined();
});

test("whole numbers written as decimals are found, and written as such again", () => {
  const text = `{"a":1.0,"b":[1,2.0,{"c d":-3.0}],"e":{"f":5,"g":0.5,"h":"1.0","i":null,"j":true}}`;
  const { value, decimals } = parseJsonBody(text, { keepsDecimals: true });
  expect(decimals).toEqual(["a", "b[1]", "b[2].c d"]);
  expect(writeJson(value, decimals!)).toBe(text);
  expect(parseJsonBody(text).decimals).toBeUndefined();
});

test("without decimals JSON is written as ever", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    expect(writeJson(value, [])).toBe(JSON.stringify(value));
  }));
});
