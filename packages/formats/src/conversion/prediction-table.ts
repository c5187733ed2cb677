import { type ByteSource, csvRecords, CsvError, splitRecord } from "../csv-records.ts";
import { classification } from "../predictions/writing.ts";
import type { PredictionTask } from "../predictions/task-schema.ts";
import { ConversionError } from "../side-files/side-file-error.ts";
import { ByImage, type ConvertedPredictions } from "./converted.ts";

export interface PredictionTableOptions {
  readonly taskName: string;
  /** For messages. */
  readonly file: string;
}

/** Columns of a table with boxes; those of a table with probabilities are named like the classes. */
const BOX = ["category", "score", "x", "y", "width", "height"] as const;

/**
 * Converts a CSV table, the plain form of a model's arrays. With the columns filename, category, score, x, y, width and height
 * (pixels) a row is a box; an image in which nothing was found has a row with the others empty. With filename and one column
 * per class, a row holds the probabilities of an image's classes.
 * Memory: all rows, to bring those of an image together.
 * @throws ConversionError naming file and line
 */
export async function convertPredictionTable(source: ByteSource, options: PredictionTableOptions): Promise<ConvertedPredictions> {
  const fail = (line: number, expected: string, got: string): never => {
    throw new ConversionError(options.file, `line ${line}`, expected, got);
  };
  let header: string[] | undefined;
  let boxes = false;
  const rows: { readonly line: number; readonly fields: readonly string[] }[] = [];
  try {
    for await (const block of csvRecords(source)) {
      for (let i = 0; i < block.count; i++) {
        const fields = splitRecord(block, i);
        const line = block.line[i]!;
        if (header === undefined) {
          header = fields.map((field) => field.trim());
          if (!header.includes("filename") || header.length < 2) fail(line, "column names: filename with category, score, x, y, width and height, or with the names of the classes", JSON.stringify(header.join(",").slice(0, 100)));
          if (new Set(header).size !== header.length) fail(line, "column names that are each unique", "one twice");
          boxes = BOX.every((name) => header!.includes(name));
          continue;
        }
        if (fields.length === 1 && fields[0] === "") continue;
        if (fields.length !== header.length) fail(line, `${header.length} fields, as the first line has`, `${fields.length}`);
        rows.push({ line, fields });
      }
    }
  } catch (error) {
    if (error instanceof CsvError) throw new ConversionError(options.file, `line ${error.line}`, "CSV", error.message);
    throw error;
  }
  if (header === undefined) return fail(1, "column names", "an empty file");
  const at = (name: string) => header.indexOf(name);
  const images = new ByImage();
  const fileName = at("filename");

  if (!boxes) {
    const classes = header.filter((name) => name !== "filename");
    const task: PredictionTask = { name: options.taskName, type: "CLASSIFICATION", categories: classes.map((name, id) => ({ id, name })) };
    for (const { line, fields } of rows) {
      const probabilities = classes.map((name) => numberOf(fields[at(name)]!, 0, 1) ?? fail(line, `a probability from 0 to 1 of ${name}`, JSON.stringify(fields[at(name)])));
      if (images.has(fields[fileName]!)) fail(line, "an image that has no other line", JSON.stringify(fields[fileName]));
      images.add(fields[fileName]!, classification(task, probabilities));
    }
    return { task, images: images.finish() };
  }

  const [category, score, ...sides] = BOX.map(at) as [number, number, number, number, number, number];
  const names = [...new Set(rows.map(({ fields }) => fields[category]!).filter((name) => name !== ""))].sort();
  const idOf = new Map(names.map((name, id) => [name, id]));
  if (names.length === 0) fail(1, "at least one row with a category", "none");
  for (const { line, fields } of rows) {
    if (fields[category] === "") {
      if (sides.some((side) => fields[side] !== "")) fail(line, "a category", "a box without one");
      images.add(fields[fileName]!);
      continue;
    }
    const box = sides.map((side) => numberOf(fields[side]!, -1e9, 1e9) ?? fail(line, `a number as ${header![side]}`, JSON.stringify(fields[side])));
    const sure = numberOf(fields[score]!, 0, 1) ?? fail(line, "a score from 0 to 1", JSON.stringify(fields[score]));
    images.add(fields[fileName]!, { type: "OBJECT_DETECTION", categoryId: idOf.get(fields[category]!)!, score: sure, bbox: box as [number, number, number, number] });
  }
  return { task: { name: options.taskName, type: "OBJECT_DETECTION", categories: names.map((name, id) => ({ id, name })) }, images: images.finish() };
}

function numberOf(text: string, minimum: number, maximum: number): number | undefined {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return value >= minimum && value <= maximum ? value : undefined;
}
