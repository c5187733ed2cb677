import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { datasetNameFrom, planUpload } from "./upload-plan.ts";

const file = (size: number) => ({ size }) as File;

describe("what is uploaded", () => {
  test("images with names that everything else can handle", () => {
    const { files, left } = planUpload([
      { name: "a/1.JPG", file: file(5) },
      { name: "a/notes.txt", file: file(5) },
      { name: "a/empty.png", file: file(0) },
      { name: "a/x,y.png", file: file(5) },
      { name: `${"n".repeat(260)}.png`, file: file(5) },
      { name: "a/line\nbreak.png", file: file(5) },
    ]);
    expect(files.map(({ name }) => name)).toEqual(["a/1.JPG"]);
    expect(left.map(({ reason }) => reason)).toEqual(["no image that browsers can read", "empty", "a comma in its path", "a path of more than 255 characters", "a control character in its path"]);
  });
});

test("any folder's name becomes one that the server takes, and that no other dataset has", () => {
  fc.assert(
    fc.property(fc.option(fc.string({ unit: "binary" }), { nil: undefined }), (folder) => {
      const first = datasetNameFrom(folder, new Set());
      const second = datasetNameFrom(folder, new Set([first]));
      for (const name of [first, second]) expect(name).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9 _-]{2,254}$/);
      expect(second).not.toBe(first);
    }),
  );
  expect(datasetNameFrom("Été à Paris", new Set())).toBe("E-te- a- Paris");
});
