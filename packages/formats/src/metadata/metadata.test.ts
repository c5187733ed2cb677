import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MetadataFileError } from "../side-files/side-file-error.ts";
import { CustomMetadata, metadataConfiguration } from "./custom-metadata.ts";
import { readMetadataFile } from "./metadata-file.ts";
import { type MetadataEntry, readMetadataSchema } from "./metadata-schema.ts";
import { parseValuePath, setAtPath, valueAtPath } from "./value-path.ts";

const entry = (path: string, defaultValue: MetadataEntry["defaultValue"] = "none", valueDataType: MetadataEntry["valueDataType"] = "CATEGORICAL_STRING"): MetadataEntry => ({ name: path, path, defaultValue, valueDataType });

describe("paths into metadata", () => {
  it("have names and indices", () => {
    expect(parseValuePath("a[0].b")).toEqual(["a", 0, "b"]);
    expect(parseValuePath("a[1][2]")).toEqual(["a", 1, 2]);
    expect(parseValuePath("[3].x y")).toEqual([3, "x y"]);
    for (const path of ["", ".", "a.", "a..b", "a[", "a[]", "a[-1]", "a[x]", "a[0]b", "a.[0]", "__proto__.x", "a[999999999]", "a.".repeat(99) + "a"]) expect(() => parseValuePath(path), path).toThrow(RangeError);
  });

  it("follow own properties only", () => {
    const from = { a: [{ b: 0 }, null], "": 1, s: "text" };
    expect(valueAtPath(from, ["a", 0, "b"])).toBe(0);
    for (const path of [["a", 2], ["a", 1, "b"], ["a", "length"], ["s", "length"], ["s", 0], ["toString"], ["constructor", "name"], ["a", 0, 0]]) expect(valueAtPath(from, path), String(path)).toBeUndefined();
  });

  it("give back what was put there", () => {
    const step = fc.oneof(fc.constantFrom("a", "b", "constructor", "toString"), fc.constant(0));
    fc.assert(
      fc.property(fc.constantFrom("a", "b"), fc.array(step, { maxLength: 6 }), (first, rest) => {
        const target = {};
        setAtPath(target, [first, ...rest], 7);
        expect(valueAtPath(target, [first, ...rest])).toBe(7);
      }),
    );
    const target = { s: 1, a: [1] };
    for (const path of [["s", "x"], ["a", 5], ["a", "x"]]) setAtPath(target, path, 9);
    expect(target).toEqual({ s: 1, a: [1] });
  });
});

describe("a metadata schema", () => {
  it("is read with every kind of value", () => {
    const entries = [entry("a", 0, "NUMERIC_INT"), entry("b", -0.5, "NUMERIC_FLOAT"), entry("c[0].d", ""), entry("e", false, "CATEGORICAL_BOOLEAN"), entry("f", 0, "CATEGORICAL_INT"), entry("g", "2026-01-01", "CATEGORICAL_DATETIME"), entry("h", 1700000000, "CATEGORICAL_TIMESTAMP"), entry("i", "", "OTHER_STRING")];
    const read = readMetadataSchema(JSON.stringify(entries), "schema.json");
    expect(read).toEqual(entries);
    expect(metadataConfiguration("run", read as MetadataEntry[])).toEqual({ name: "run", configs: entries });
  });

  it.each([
    [{}, ""],
    [[{ ...entry("a"), name: undefined }], "[0].name"],
    [[entry("a"), entry("a")], "[1].name"],
    [[entry("a..b")], "[0].path"],
    [[{ ...entry("a"), defaultValue: null }], "[0].defaultValue"],
    [[{ ...entry("a"), defaultValue: 1 }], "[0].defaultValue"],
    [[entry("a", 1.5, "NUMERIC_INT")], "[0].defaultValue"],
    [[entry("a", "1", "NUMERIC_FLOAT")], "[0].defaultValue"],
    [[entry("a", 0, "CATEGORICAL_BOOLEAN")], "[0].defaultValue"],
    [[{ ...entry("a"), valueDataType: "STRING" }], "[0].valueDataType"],
    [[{ ...entry("a"), valueDataType: "toString" }], "[0].valueDataType"],
  ])("%j is refused at %s", (value, field) => {
    expect(readMetadataSchema(JSON.stringify(value), "schema.json")).toMatchObject({ name: "MetadataFileError", file: "schema.json", field });
  });
});

describe("a metadata file", () => {
  const file = ".lightly/metadata/a/b.json";
  it("is read", () => {
    const value = { file_name: "a/b.jpg", type: "image", metadata: { weather: { clouds: [1, null] } } };
    expect(readMetadataFile(JSON.stringify(value), { file, fileName: "a/b.jpg" })).toEqual({ fileName: "a/b.jpg", type: "image", metadata: value.metadata });
    expect(readMetadataFile(JSON.stringify(value), { file })).toMatchObject({ fileName: "a/b.jpg" });
  });

  it.each([
    [{ file_name: "b.jpg", type: "image", metadata: {} }, "file_name"],
    [{ type: "image", metadata: {} }, "file_name"],
    [{ file_name: "a/b.jpg", type: "picture", metadata: {} }, "type"],
    [{ file_name: "a/b.jpg", type: "image" }, "metadata"],
    [{ file_name: "a/b.jpg", type: "image", metadata: [] }, "metadata"],
    [{ file_name: "a/b.jpg", type: "image", metadata: { a: "\ud800" } }, "metadata"],
    [null, ""],
  ])("%j is refused at %s", (value, field) => {
    expect(readMetadataFile(JSON.stringify(value), { file })).toMatchObject({ file, field });
  });

  it("that is hostile is an error", () => {
    const around = (text: string) => `{"file_name":"a/b.jpg","type":"image","metadata":${text}}`;
    for (const text of [around(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`), around('{"x":{"__proto__":{"y":1}}}'), around('{"a":1e999}'), "[".repeat(100_000), around("{")]) {
      expect(readMetadataFile(text, { file }), text.slice(0, 80)).toBeInstanceOf(MetadataFileError);
    }
  });
});

describe("custom metadata of a sample", () => {
  const made = new CustomMetadata([entry("weather.sky"), entry("people", 0, "NUMERIC_INT"), entry("lamps[0].on", false, "CATEGORICAL_BOOLEAN")]);

  it("has defaults where nothing is known, and only there", () => {
    const own = { weather: { sky: null, wind: 3 }, people: 4, extra: [1] };
    expect(made.of(own)).toEqual({ weather: { sky: "none", wind: 3 }, people: 4, extra: [1], lamps: [{ on: false }] });
    expect(own.weather.sky).toBeNull();
    expect(made.of(undefined)).toEqual({ weather: { sky: "none" }, people: 0, lamps: [{ on: false }] });
    expect([...made.values({ people: 0, weather: "?" })]).toEqual([["weather.sky", "none"], ["people", 0], ["lamps[0].on", false]]);
  });

  it("of a frame is its video's, save what it says itself", () => {
    expect(made.of({ people: 2 }, { people: 9, weather: { sky: "blue" } })).toMatchObject({ people: 2, weather: { sky: "blue" } });
  });
});
