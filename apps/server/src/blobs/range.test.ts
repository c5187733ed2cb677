import fc from "fast-check";
import { expect, test } from "vitest";
import { contentType } from "./content-type.ts";
import { parseRange } from "./range.ts";

test("a range lies inside of the file, and is what was asked for", () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(1200), fc.nat(1200), (size, start, end) => {
      const range = parseRange(`bytes=${start}-${end}`, size);
      if (start >= size) expect(range).toBe("unsatisfiable");
      else if (end < start) expect(range).toBeUndefined();
      else expect(range).toEqual({ start, end: Math.min(end, size - 1) });
      expect(parseRange(`bytes=${start}-`, size)).toEqual(start >= size ? "unsatisfiable" : { start, end: size - 1 });
      expect(parseRange(`bytes=-${end}`, size)).toEqual(size === 0 || end === 0 ? "unsatisfiable" : { start: Math.max(0, size - end), end: size - 1 });
    }),
  );
});

test("anything else is the whole file", () => {
  for (const header of [undefined, "", "bytes", "bytes=", "bytes=-", "bytes=1", "bytes=1-2,4-5", "bytes=--1", "bytes= 1-2", "bytes=1.5-2", "items=1-2", "bytes=1-2x"]) expect(parseRange(header, 10), header).toBeUndefined();
  fc.assert(
    fc.property(fc.string(), (header) => {
      const range = parseRange(header, 10);
      if (range !== undefined && range !== "unsatisfiable") expect(range.start <= range.end && range.end < 10).toBe(true);
    }),
  );
});

test("only images, videos and tables have a type that a browser shows", () => {
  for (const [name, type] of [["a.jpg", "image/jpeg"], ["a.b.PNG", "image/png"], ["dir.png/file", "application/octet-stream"], ["png", "application/octet-stream"], [".webp", "image/webp"], ["a.svg", "application/octet-stream"], ["a.html", "application/octet-stream"], ["a.__proto__", "application/octet-stream"], ["a.constructor", "application/octet-stream"], ["a.tostring", "application/octet-stream"], ["", "application/octet-stream"]] as const) expect(contentType(name), name).toBe(type);
});
