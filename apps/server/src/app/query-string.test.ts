import { Type } from "typebox";
import { expect, test } from "vitest";
import { QueryReader } from "./query-string.ts";

const reader = new QueryReader(
  Type.Object({
    flag: Type.Optional(Type.Boolean()),
    count: Type.Optional(Type.Integer({ minimum: 0 })),
    share: Type.Optional(Type.Number()),
    text: Type.Optional(Type.String()),
  }),
);

test("booleans in any case, numbers, texts; unknown names are left out", () => {
  expect(reader.read({ flag: "True", count: "12", share: "-0.5", text: "12", other: "x", token: "secret" })).toEqual({ flag: true, count: 12, share: -0.5, text: "12" });
  expect(reader.read({ flag: "FALSE", count: "12.0" })).toEqual({ flag: false, count: 12 });
  expect(reader.read({})).toEqual({});
});

test("what is none is refused by name", () => {
  for (const [query, message] of [
    [{ flag: "1" }, `"flag" must be true or false, got "1".`],
    [{ flag: "" }, `"flag" must be true or false, got "".`],
    [{ count: "1.5" }, `"count" must be a whole number, got 1.5.`],
    [{ count: "-1" }, `"count" must be at least 0, got -1.`],
    [{ count: "1e3" }, `"count" must be a whole number, got "1e3".`],
    [{ count: " 1" }, `"count" must be a whole number, got " 1".`],
    [{ count: "0x10" }, `"count" must be a whole number, got "0x10".`],
    [{ share: "NaN" }, `"share" must be a number, got "NaN".`],
    [{ text: ["a", "b"] }, `"text" stands more than once in the query.`],
    [{ text: "a\0" }, `"text" must be well-formed text without NUL characters, got "a\\u0000".`],
  ] as const) expect(() => reader.read(query), JSON.stringify(query)).toThrow(message);
});
