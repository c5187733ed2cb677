import type { FileMetaData, SchemaTree } from "hyparquet";
import { parquetSchema } from "hyparquet";
import { ParquetError } from "./parquet-error.ts";

/** Which columns hold the vectors and their names. */
export interface ChosenColumns {
  /** A column of text or whole numbers; undefined when there is none. */
  readonly name: string | undefined;
  /** One column of lists, or one column for each dimension. */
  readonly vectors: { readonly list: string } | { readonly each: readonly string[] };
}

/** The first of these that is there names the rows. */
const NAMES = ["filenames", "filename", "file_name", "fileName", "file", "path", "name", "id"];
const LISTS = ["embedding", "embeddings", "vector", "vectors", "emb"];

/**
 * Chooses by type and name: vectors are the column of lists of numbers (of several the one called embedding, embeddings,
 * vector, vectors or emb), or else the columns embedding_0, embedding_1, …, or else all columns of floating point numbers.
 * Names are the column called filenames, filename, file_name, file, path, name or id, or else the only column of text.
 * @throws ParquetError listing the columns when there are no vectors, or which of several is meant is unclear
 */
export function chosenColumns(metadata: FileMetaData): ChosenColumns {
  const columns = parquetSchema(metadata).children;
  const called = (name: string): SchemaTree | undefined => columns.find(({ element }) => element.name === name);
  const named = NAMES.map(called).find((column) => column !== undefined && (isText(column) || isWhole(column)));
  const texts = columns.filter(isText);
  const name = named ?? (texts.length === 1 ? texts[0] : undefined);
  return { name: name?.element.name, vectors: vectorsAmong(columns) };
}

function vectorsAmong(columns: readonly SchemaTree[]): ChosenColumns["vectors"] {
  const lists = columns.filter(isList);
  const list = LISTS.map((name) => lists.find(({ element }) => element.name === name)).find((column) => column !== undefined) ?? (lists.length === 1 ? lists[0] : undefined);
  if (list !== undefined) return { list: list.element.name };
  if (lists.length > 1) throw new ParquetError(`there are several columns of lists (${listed(lists)}); the one with the vectors must be called embedding`);
  const floats = columns.filter(isFloat);
  const numbered = floats.filter(({ element }) => /^embedding_\d+$/.test(element.name));
  if (numbered.length > 0) {
    const each = numbered.map(({ element }) => element.name).sort((a, b) => Number(a.slice(10)) - Number(b.slice(10)));
    const gap = each.findIndex((name, index) => name !== `embedding_${index}`);
    if (gap >= 0) throw new ParquetError(`the columns of the vectors must be embedding_0, embedding_1, … without gap; embedding_${gap} isn't there`);
    return { each };
  }
  if (floats.length === 0) throw new ParquetError(`there are no vectors: a column of lists of numbers is needed, or columns of floating point numbers; the file has ${listed(columns) || "no columns"}`);
  return { each: floats.map(({ element }) => element.name) };
}

function isFloat({ element: { type, logical_type: logical }, children }: SchemaTree): boolean {
  return children.length === 0 && (type === "FLOAT" || type === "DOUBLE" || logical?.type === "FLOAT16");
}

function isWhole({ element: { type, converted_type: converted, logical_type: logical }, children }: SchemaTree): boolean {
  const plain = (converted === undefined || /^U?INT_/.test(converted)) && (logical === undefined || logical.type === "INTEGER");
  return children.length === 0 && plain && (type === "INT32" || type === "INT64");
}

function isText({ element: { type, converted_type: converted, logical_type: logical }, children }: SchemaTree): boolean {
  return children.length === 0 && type === "BYTE_ARRAY" && (converted === "UTF8" || logical?.type === "STRING" || (converted === undefined && logical === undefined));
}

/** A list in the form of the format (a group of one repeated group of one element), or a field that is repeated itself. */
function isList(column: SchemaTree): boolean {
  if (column.element.repetition_type === "REPEATED") return isFloat(column);
  const [repeated, ...others] = column.children;
  if (repeated === undefined || others.length > 0 || repeated.element.repetition_type !== "REPEATED") return false;
  if (repeated.children.length === 0) return isFloat(repeated);
  return repeated.children.length === 1 && isFloat(repeated.children[0]!);
}

function listed(columns: readonly SchemaTree[]): string {
  const names = columns.slice(0, 20).map(({ element }) => element.name).join(", ");
  return columns.length > 20 ? `${names} and ${columns.length - 20} more` : names;
}
