import { createHash } from "node:crypto";
import { type Matrix, matrix } from "@winnow/curation";

export interface PointOptions {
  /** Bring every row to length 1. */
  readonly normalize: boolean;
  /** Take the mean of all rows away first: what photographs have in common says nothing about how they differ. */
  readonly centre: boolean;
  /** Folder of each row; appended to the vectors, so that rows of different folders lie farther apart. */
  readonly folders?: readonly string[];
}

/** Numbers that stand for a folder. Enough that two folders hardly ever come to lie side by side. */
const FOLDER_COLUMNS = 16;

/** Vectors as distances are measured between them. Works in place unless columns are added. */
export function preparePoints(points: Matrix, { normalize, centre, folders }: PointOptions): Matrix {
  const { rows, columns, data } = points;
  if (centre && normalize && rows > 1) {
    const mean = new Float64Array(columns);
    for (let row = 0, at = 0; row < rows; row++) for (let column = 0; column < columns; column++, at++) mean[column]! += data[at]!;
    for (let column = 0; column < columns; column++) mean[column]! /= rows;
    for (let row = 0, at = 0; row < rows; row++) for (let column = 0; column < columns; column++, at++) data[at] = data[at]! - mean[column]!;
  }
  if (normalize) for (let row = 0; row < rows; row++) toUnit(data.subarray(row * columns, (row + 1) * columns));
  if (folders === undefined) return points;
  const width = columns + FOLDER_COLUMNS;
  const wider = matrix(rows, width);
  const known = new Map<string, Float32Array>();
  for (let row = 0; row < rows; row++) {
    const folder = folders[row]!;
    let direction = known.get(folder);
    if (direction === undefined) known.set(folder, (direction = directionOf(folder)));
    wider.data.set(data.subarray(row * columns, (row + 1) * columns), row * width);
    wider.data.set(direction, row * width + columns);
    if (normalize) toUnit(wider.data.subarray(row * width, (row + 1) * width));
  }
  return wider;
}

/** A direction of length 1 that depends on the name alone. */
function directionOf(folder: string): Float32Array {
  const digest = createHash("sha512").update(folder).digest();
  const direction = Float32Array.from({ length: FOLDER_COLUMNS }, (_, i) => digest.readInt32LE(4 * i) / 2 ** 31);
  toUnit(direction);
  return direction;
}

function toUnit(vector: Float32Array): void {
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (squares === 0) return;
  const scale = 1 / Math.sqrt(squares);
  for (let i = 0; i < vector.length; i++) vector[i] = vector[i]! * scale;
}

/** For each row the first row with exactly the same values, or its own index. */
export function firstEqualRows({ data, rows, columns }: Matrix): Uint32Array {
  const firsts = new Uint32Array(rows);
  const seen = new Map<string, number>();
  for (let row = 0; row < rows; row++) {
    const values = data.subarray(row * columns, (row + 1) * columns);
    const key = createHash("sha256").update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)).digest("base64");
    const first = seen.get(key);
    if (first === undefined) seen.set(key, row);
    firsts[row] = first ?? row;
  }
  return firsts;
}
