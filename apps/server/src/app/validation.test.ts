import { Enumeration, Nullable } from "@winnow/contract";
import { Type } from "typebox";
import { expect, test } from "vitest";
import { Validator } from "./validation.ts";

const validator = new Validator(
  Type.Object({
    name: Type.String({ minLength: 2, maxLength: 4, pattern: "^[a-z]+$" }),
    kind: Type.Optional(Nullable(Enumeration(["ONE", "TWO"]))),
    list: Type.Optional(Type.Array(Type.Object({ "odd/name~": Type.Optional(Type.Integer({ minimum: 1, maximum: 3 })) }), { minItems: 1, maxItems: 2 })),
    free: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  }),
  "body",
);

test("good values pass, with what isn't listed", () => {
  for (const value of [{ name: "ab" }, { name: "abcd", kind: null, list: [{}], free: { a: [null] }, more: 1 }]) expect(() => validator.check(value)).not.toThrow();
});

test("each message names the field, what was expected and what came", () => {
  for (const [value, message] of [
    [undefined, "The body must be an object, got undefined."],
    [[], "The body must be an object, got []."],
    [{}, `"name" is missing in the body.`],
    [{ name: null }, `"name" must be a text, got null.`],
    [{ name: 12 }, `"name" must be a text, got 12.`],
    [{ name: "a" }, `"name" must have at least 2 characters, got "a".`],
    [{ name: "abcde" }, `"name" must have at most 4 characters, got 5.`],
    [{ name: "AB" }, `"name" must match ^[a-z]+$, got "AB".`],
    [{ name: "ab", kind: "THREE" }, `"kind" must be one of ONE, TWO, got "THREE".`],
    [{ name: "ab", list: [] }, `"list" must have at least 1 entries, got 0.`],
    [{ name: "ab", list: [{}, {}, {}] }, `"list" must have at most 2 entries, got 3.`],
    [{ name: "ab", list: [{}, { "odd/name~": 0 }] }, `"list[1].odd/name~" must be at least 1, got 0.`],
    [{ name: "ab", list: [{ "odd/name~": 4 }] }, `"list[0].odd/name~" must be at most 3, got 4.`],
    [{ name: "ab", list: [{ "odd/name~": 1.5 }] }, `"list[0].odd/name~" must be a whole number, got 1.5.`],
    [{ name: "ab", list: [null] }, `"list[0]" must be an object, got null.`],
    [{ name: "ab", list: {} }, `"list" must be a list, got {}.`],
    [{ name: "ab", free: [] }, `"free" must be an object, got [].`],
    [{ name: "ab", free: "x".repeat(200) }, `"free" must be an object, got "${"x".repeat(76)}....`],
  ] as const) expect(() => validator.check(value), JSON.stringify(value)).toThrow(expect.objectContaining({ code: "BAD_REQUEST", message }));
});

test("of a union whose members have a type, the error is about the member that was meant", () => {
  const member = (type: string, more: object) => Type.Object({ size: Type.Integer(), type: Type.Literal(type), ...more });
  const union = new Validator(Type.Union([member("A", {}), member("B", { accessKey: Type.String() })]), "body");
  expect(() => union.check({ type: "B", size: 1, accessKey: "x" })).not.toThrow();
  for (const [value, message] of [
    [undefined, `"type" is missing in the body.`],
    [{ size: 1 }, `"type" is missing in the body.`],
    [{ type: "C", size: 1 }, `"type" must be one of A, B, got "C".`],
    [{ type: "constructor", size: 1 }, `"type" must be one of A, B, got "constructor".`],
    [{ type: "B", size: 1 }, `"accessKey" is missing in the body.`],
    [{ type: "A", size: "1" }, `"size" must be a whole number, got "1".`],
    [{ type: "B", size: 1, accessKey: { hidden: "hunter2" } }, `"accessKey" must be a text, got something else.`],
  ] as const) expect(() => union.check(value), JSON.stringify(value)).toThrow(expect.objectContaining({ code: "BAD_REQUEST", message }));
});
