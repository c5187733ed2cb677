import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { UrlSigner } from "./signature.ts";

const signer = new UrlSigner(new Uint8Array(32).fill(7));
const facts = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer()), { maxKeys: 5 });

test("a signature vouches for its facts, in any order, also when numbers come back as text", () => {
  fc.assert(
    fc.property(fc.string(), facts, (purpose, signed) => {
      const signature = signer.sign(purpose, signed);
      const shuffled = Object.fromEntries(Object.entries(signed).toReversed().map(([name, value]) => [name, String(value)]));
      expect(signature).toMatch(/^[\w-]{43}$/);
      expect(signer.verify(purpose, shuffled, signature)).toBe(true);
    }),
  );
});

test("nothing else passes: other facts, purpose, key or signature", () => {
  fc.assert(
    fc.property(fc.string(), facts, fc.string(), facts, (purpose, signed, otherPurpose, otherFacts) => {
      const signature = signer.sign(purpose, signed);
      const same = (a: object, b: object) => JSON.stringify(Object.entries(a).map(([k, v]) => [k, String(v)]).toSorted()) === JSON.stringify(Object.entries(b).map(([k, v]) => [k, String(v)]).toSorted());
      expect(signer.verify(otherPurpose, otherFacts, signature)).toBe(purpose === otherPurpose && same(signed, otherFacts));
      expect(new UrlSigner(randomBytes(32)).verify(purpose, signed, signature)).toBe(false);
      for (const wrong of ["", signature.slice(1), `${signature}A`, `${signature[0] === "A" ? "B" : "A"}${signature.slice(1)}`, signature.toLowerCase() + signature]) expect(signer.verify(purpose, signed, wrong)).toBe(false);
    }),
  );
});

test("parts of a fact can't move into its neighbour", () => {
  expect(signer.sign("p", { a: "1", b: "2" })).not.toBe(signer.sign("p", { a: "12", b: "" }));
  expect(signer.sign("p", { a: `1","b":"2` })).not.toBe(signer.sign("p", { a: "1", b: "2" }));
  expect(signer.sign("pa", { b: "" })).not.toBe(signer.sign("p", { ab: "" }));
});

test("a token carries its facts, and none but ours is opened", () => {
  const token = signer.token("images", { datasetId: "abc", expires: 12 });
  expect(signer.open("images", token)).toEqual({ datasetId: "abc", expires: 12 });
  expect(signer.open("other", token)).toBeUndefined();
  expect(new UrlSigner(randomBytes(32)).open("images", token)).toBeUndefined();
  const [, signature] = token.split(".");
  const forged = Buffer.from(JSON.stringify({ datasetId: "abd", expires: 99 })).toString("base64url");
  for (const text of ["", ".", "a.b", "a.b.c", `${forged}.${signature}`, `${token}.`, `${token}.x`, `bnVsbA.${signature}`, `W10.${signature}`, `%%%.${signature}`]) expect(signer.open("images", text), text).toBeUndefined();
  fc.assert(fc.property(fc.string(), (text) => void expect(signer.open("images", text)).toBeUndefined()));
});

test("short keys are refused", () => {
  expect(() => new UrlSigner(new Uint8Array(31))).toThrow("at least 32 bytes, got 31");
});
