import fc from "fast-check";
import { expect, test } from "vitest";
import { NotationError, jsonWithDecimals, lineOf, parseNotation, writeNotation } from "./notation.ts";

const value = (text: string) => parseNotation(text).value;
const refusal = (text: string): NotationError => {
  try {
    parseNotation(text);
  } catch (error) {
    if (error instanceof NotationError) return error;
    throw error;
  }
  throw new Error(`${text} was taken`);
};

test("object notation, JSON and Python dictionaries are read, with or without the outer braces", () => {
  const expected = { a: true, b: "x", c: { d: -1, e: [0.5, null] } };
  for (const text of ["{a: true, b: 'x', c: {d: -1, e: [.5, null,],},}", `{"a":true,"b":"x","c":{"d":-1,"e":[0.5,null]}}`, "{'a': True, 'b': 'x', 'c': {'d': -1, 'e': [0.5, None]}}", "a: true, // why\nb: `x`, /* and */ c: {d: -1, e: [5e-1, null]}"]) expect(value(text), text).toEqual(expected);
  expect(value("")).toEqual({});
  expect(value("  // nothing\n")).toEqual({});
});

test("where keys stand, and which whole numbers were written as decimals", () => {
  const text = "method: 'coreset',\nstopping_condition: {\n  n_samples: 1.0, min_distance: -1 }, list: [{ x: 2e0 }]";
  const { places, decimals } = parseNotation(text);
  const { from, to } = places.get("stopping_condition.n_samples")!;
  expect([text.slice(from, to), lineOf(text, from)]).toEqual(["n_samples: 1.0", 3]);
  expect(decimals).toEqual(["stopping_condition.n_samples", "list[0].x"]);
  expect(parseNotation("{a: 1}").places.get("a")).toEqual({ from: 1, value: 4, to: 5 });
});

test("nothing is run, and what can't be read is told with its place", () => {
  for (const text of ["a: f()", "a: b", "a: 1 + 1", "[a]: 1", "...a", "a() {}", "a", "a: `${b}`", "get a() { return 1 }", "a: /x/", "a: 10n"]) expect(refusal(text).message, text).not.toBe("");
  expect(refusal("{a: 1,\nb: }").at).toBe(10);
  expect(refusal("a: 1 b: 2").message).toContain("can't stand here");
  expect(refusal("{a: 1").message).toContain("ends too early");
  expect(refusal("a: 1, a: 2").message).toContain("twice");
  expect(refusal("a: yes").message).toContain("quotes");
  expect(refusal("{a: 1}, 2").message).not.toBe("");
  expect(refusal("[1]").message).not.toBe("");
  expect(Object.keys(value("__proto__: {x: 1}"))).toEqual(["__proto__"]);
});

test("what is written is read again as the same", () => {
  const anything = fc.dictionary(fc.string(), fc.letrec((tie) => ({ value: fc.oneof({ maxDepth: 3 }, fc.string(), fc.boolean(), fc.constant(null), fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)), fc.array(tie("value"), { maxLength: 3 }), fc.dictionary(fc.string(), tie("value"), { maxKeys: 3, noNullPrototype: true })) })).value, { maxKeys: 4, noNullPrototype: true });
  fc.assert(
    fc.property(anything, (written) => {
      expect(JSON.stringify(value(writeNotation(written as Record<string, unknown>)))).toBe(JSON.stringify(written));
    }),
  );
});

test("decimals survive the way to the server and back into the text", () => {
  const { value: parsed, decimals } = parseNotation("a: 1.0, b: [2.0, 3], c: 1");
  expect(jsonWithDecimals(parsed, decimals)).toBe('{"a":1.0,"b":[2.0,3],"c":1}');
  expect(parseNotation(writeNotation(parsed, decimals)).decimals).toEqual(decimals);
});
