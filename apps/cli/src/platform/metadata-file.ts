import { extname } from "node:path";
import type { ApiWorkflowClient, CustomMetadata } from "@winnow/client";
import { type Table, columnsOf } from "../select/table.ts";
import { Problem } from "../problems.ts";

/** Entries of a configuration, which tells the web app what to show. */
type Entries = Parameters<ApiWorkflowClient["createCustomMetadataConfig"]>[1];

export interface ReadMetadata {
  readonly metadata: CustomMetadata;
  /** Known for tables, whose columns say what there is. */
  readonly entries: Entries | undefined;
}

/**
 * Reads custom metadata: a JSON file in the shape of COCO annotations with an additional list `metadata`, or a CSV table
 * with a column `filenames`.
 * @throws Problem naming the file and what is expected
 */
export async function readMetadata(path: string): Promise<ReadMetadata> {
  if (extname(path).toLowerCase() === ".csv") return fromTable(await columnsOf(path));
  const { readFile } = await import("node:fs/promises");
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new Problem(`${path} is not JSON: ${error.message}`, { cause: error });
    throw error;
  }
  const { images, metadata } = (json ?? {}) as Partial<CustomMetadata>;
  const isRow = (key: string) => (row: unknown) => typeof row === "object" && row !== null && key in row;
  if (!Array.isArray(images) || !images.every((row) => isRow("file_name")(row) && isRow("id")(row))) throw new Problem(`${path}: "images" must be a list of {"id": …, "file_name": …}.`);
  if (!Array.isArray(metadata) || !metadata.every(isRow("image_id"))) throw new Problem(`${path}: "metadata" must be a list of {"image_id": …, and what is known of the image}.`);
  return { metadata: { images, metadata }, entries: undefined };
}

function fromTable({ names, table }: { readonly names: readonly string[]; readonly table: Table }): ReadMetadata {
  const columns = [...table].map(([name, texts]) => ({ name, ...typed(texts) }));
  return {
    metadata: {
      images: names.map((file_name, id) => ({ id, file_name })),
      metadata: names.map((_, id) => ({ image_id: id, ...Object.fromEntries(columns.flatMap(({ name, values }) => (values[id] === undefined ? [] : [[name, values[id]]]))) })),
    },
    // A dot in a path would lead into an object that isn't there.
    entries: columns.filter(({ name }) => !/[.[\]]/.test(name)).map(({ name, type, fallback }) => ({ name, path: name, defaultValue: fallback, valueDataType: type })),
  };
}

/** What a column holds: whole numbers, numbers, truth values or text. */
function typed(texts: readonly (string | undefined)[]): { readonly values: readonly (string | number | boolean | undefined)[]; readonly type: Entries[number]["valueDataType"]; readonly fallback: unknown } {
  const there = texts.filter((text) => text !== undefined);
  const all = (pattern: RegExp) => there.length > 0 && there.every((text) => pattern.test(text));
  const mapped = <Value>(of: (text: string) => Value) => texts.map((text) => (text === undefined ? undefined : of(text)));
  if (all(/^-?(0|[1-9]\d{0,14})$/)) return { values: mapped(Number), type: "NUMERIC_INT", fallback: 0 };
  if (all(/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,2})?$/i)) return { values: mapped(Number), type: "NUMERIC_FLOAT", fallback: 0 };
  if (all(/^(true|false)$/i)) return { values: mapped((text) => text.toLowerCase() === "true"), type: "CATEGORICAL_BOOLEAN", fallback: false };
  return { values: texts, type: "CATEGORICAL_STRING", fallback: "" };
}

