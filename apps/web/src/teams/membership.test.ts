import { describe, expect, test } from "vitest";
import { membersProblem, withMember, withoutMember } from "./membership.ts";

const admin = { email: "a@example.org", isAdmin: true };
const plain = { email: "b@example.org", isAdmin: false };

describe("members of a team", () => {
  test("one is added, or changed in place", () => {
    expect(withMember([admin], plain)).toEqual([admin, plain]);
    expect(withMember([admin, plain], { ...admin, isAdmin: false })).toEqual([{ ...admin, isAdmin: false }, plain]);
  });

  test("one is taken out", () => {
    expect(withoutMember([admin, plain], plain.email)).toEqual([admin]);
    expect(withoutMember([admin], "nobody@example.org")).toEqual([admin]);
  });

  test("an admin has to be left", () => {
    expect(membersProblem([admin, plain])).toBeUndefined();
    expect(membersProblem([plain])).toMatch(/admin/);
    expect(membersProblem([])).toMatch(/admin/);
  });
});
