import { expect, test } from "vitest";
import { addressProblem } from "./mail-address.ts";

test("an address is one, somebody else's, and new", () => {
  expect(addressProblem(" New@Example.org ", ["old@example.org"], "me@example.org")).toBeUndefined();
  for (const wrong of ["", "a", "a@b@c", "a b@c", "a@b,c@d", `${"a".repeat(255)}@b.c`, "ME@example.org", "Old@example.org"]) expect(addressProblem(wrong, ["old@example.org"], "me@example.org"), wrong).toBeDefined();
});
