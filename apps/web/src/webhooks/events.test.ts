import { expect, test } from "vitest";
import { urlProblem } from "./events.ts";

test("the address of a receiver", () => {
  for (const right of ["https://example.org/winnow", " http://127.0.0.1:9000 ", "HTTPS://EXAMPLE.ORG"]) expect(urlProblem(right), right).toBeUndefined();
  for (const wrong of ["", "example.org", "ftp://example.org", "https://", "https://me:word@example.org", "javascript:alert(1)"]) expect(urlProblem(wrong), wrong).toBeDefined();
});
