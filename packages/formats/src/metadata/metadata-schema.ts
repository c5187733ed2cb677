import type { JsonField } from "../side-files/json-field.ts";
import { parseJson } from "../side-files/json-field.ts";
import { MetadataFileError, orError } from "../side-files/side-file-error.ts";
import { parseValuePath } from "./value-path.ts";

/** Kinds of values, and what a default of that kind must be. */
const VALUE_TYPES = {
  NUMERIC_INT: (field: JsonField) => field.integer(),
  NUMERIC_FLOAT: (field: JsonField) => field.number(),
  CATEGORICAL_STRING: textual,
  CATEGORICAL_INT: (field: JsonField) => field.integer(),
  CATEGORICAL_BOOLEAN: (field: JsonField) => (typeof field.value === "boolean" ? field.value : field.refuse("true or false")),
  CATEGORICAL_DATETIME: (field: JsonField) => (typeof field.value === "number" ? field.number() : textual(field)),
  CATEGORICAL_TIMESTAMP: (field: JsonField) => (typeof field.value === "number" ? field.number() : textual(field)),
  OTHER_STRING: textual,
} as const;

export type MetadataValueType = keyof typeof VALUE_TYPES;

/** One entry of a metadata schema: a value to show, sort and select by. */
export interface MetadataEntry {
  readonly name: string;
  /** Where the value stands in the metadata: `a[0].b`. */
  readonly path: string;
  /** Stands for a value that is missing or null. */
  readonly defaultValue: string | number | boolean;
  readonly valueDataType: MetadataValueType;
}

const ENTRIES_MAX = 10_000;

/** Reads the `schema.json` of the metadata. */
export function readMetadataSchema(text: string, file: string): MetadataEntry[] | MetadataFileError {
  return orError(MetadataFileError, file, () => {
    const names = new Set<string>();
    return parseJson(text, failing(file))
      .list(ENTRIES_MAX)
      .map((entry): MetadataEntry => {
        const name = entry.get("name").text();
        if (names.has(name)) entry.get("name").refuse("a name that no other entry has");
        names.add(name);
        const path = entry.get("path").text();
        try {
          parseValuePath(path);
        } catch (error) {
          entry.get("path").refuse("a path of names and indices such as a[0].b", (error as Error).message);
        }
        const type = entry.get("valueDataType");
        const valueDataType = type.text(100);
        if (!Object.hasOwn(VALUE_TYPES, valueDataType)) type.refuse(`one of ${Object.keys(VALUE_TYPES).join(", ")}`);
        const defaultValue = VALUE_TYPES[valueDataType as MetadataValueType](entry.get("defaultValue"));
        return { name, path, defaultValue, valueDataType: valueDataType as MetadataValueType };
      });
  });
}

function textual(field: JsonField): string {
  // An empty text is a good default.
  return field.value === "" ? "" : field.text();
}

export function failing(file: string) {
  return (field: string, expected: string, got: string) => new MetadataFileError(file, field, expected, got);
}
