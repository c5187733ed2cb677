/**
 * Masks as run lengths: rows of the mask one after another, counts of alternating zeros and ones that begin with the
 * zeros (a count of 0 when the first pixel is 1).
 */

/** Largest mask, in pixels. What claims to be larger is taken for a mistake before memory is asked for. */
export const MASK_PIXELS_MAX = 2 ** 28;

/** Collects spans of ones in ascending order, without ever holding pixels. */
export class RunLengthBuilder {
  readonly #runs: number[] = [];
  #end = 0;

  /** @param start first pixel of the span, at or behind the end of the one before */
  add(start: number, length: number): void {
    if (length <= 0) return;
    if (start < this.#end) throw new RangeError(`a span must begin at ${this.#end} or later, got ${start}`);
    if (start === this.#end && this.#runs.length > 0) this.#runs[this.#runs.length - 1]! += length;
    else this.#runs.push(start - this.#end, length);
    this.#end = start + length;
  }

  /** @param size pixels of the whole mask */
  finish(size: number): number[] {
    if (size < this.#end) throw new RangeError(`the spans reach to pixel ${this.#end}, but the mask has ${size}`);
    if (size > this.#end) this.#runs.push(size - this.#end);
    return this.#runs;
  }
}

/** @param mask one byte a pixel, row by row; anything but 0 counts as 1 */
export function encodeRunLengths(mask: Uint8Array): number[] {
  const runs = new RunLengthBuilder();
  let at = 0;
  while (at < mask.length) {
    if (mask[at] === 0) {
      at++;
      continue;
    }
    const start = at;
    // The end of a run of ones is the next zero, wherever it is.
    const zero = mask.indexOf(0, at);
    at = zero === -1 ? mask.length : zero;
    runs.add(start, at - start);
  }
  return runs.finish(mask.length);
}

/**
 * @param size pixels of the mask, width × height
 * @returns one byte a pixel, 0 or 1, row by row
 * @throws RangeError when a count is no whole number from 0, or the counts don't add up to `size`
 */
export function decodeRunLengths(runLengths: ArrayLike<number>, size: number): Uint8Array {
  requireSize(runLengths, size);
  const mask = new Uint8Array(size);
  for (const [start, end] of spansOf(runLengths)) mask.fill(1, start, end);
  return mask;
}

/** Pixels of a mask, ones and zeros. @throws RangeError when a count is no whole number from 0 */
export function sizeOfRunLengths(runLengths: ArrayLike<number>): number {
  let size = 0;
  for (let i = 0; i < runLengths.length; i++) {
    const count = runLengths[i]!;
    if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`run length ${i} must be a whole number from 0, got ${count}`);
    size += count;
  }
  return size;
}

/** Ones of a mask, in pixels. */
export function areaOfRunLengths(runLengths: ArrayLike<number>): number {
  let area = 0;
  for (let i = 1; i < runLengths.length; i += 2) area += runLengths[i]!;
  return area;
}

/** The smallest box `[x, y, width, height]` around the ones, in pixels; undefined when there are none. */
export function boundsOfRunLengths(runLengths: ArrayLike<number>, width: number): [number, number, number, number] | undefined {
  let [left, top, right, bottom] = [Infinity, Infinity, -1, -1];
  for (const [start, end] of spansOf(runLengths)) {
    const firstRow = Math.floor(start / width);
    const lastRow = Math.floor((end - 1) / width);
    if (top === Infinity) top = firstRow;
    bottom = lastRow;
    // A run that goes on in the next row touches both sides.
    left = Math.min(left, firstRow === lastRow ? start % width : 0);
    right = Math.max(right, firstRow === lastRow ? (end - 1) % width : width - 1);
  }
  return bottom === -1 ? undefined : [left, top, right - left + 1, bottom - top + 1];
}

/**
 * The same mask with rows and columns exchanged: what was column-major becomes row-major. Only the box around the ones
 * is looked at.
 * @param rows, columns of the mask that `runLengths` describes row by row
 * @throws RangeError as {@link decodeRunLengths}, and for more than {@link MASK_PIXELS_MAX} pixels
 */
export function transposeRunLengths(runLengths: ArrayLike<number>, rows: number, columns: number): number[] {
  const size = rows * columns;
  if (!(size <= MASK_PIXELS_MAX)) throw new RangeError(`a mask may have at most ${MASK_PIXELS_MAX} pixels, got ${columns} × ${rows}`);
  requireSize(runLengths, size);
  const transposed = new RunLengthBuilder();
  const bounds = boundsOfRunLengths(runLengths, columns);
  if (bounds === undefined) return transposed.finish(size);
  const [left, top, boxColumns, boxRows] = bounds;
  const box = new Uint8Array(boxColumns * boxRows);
  for (const [start, end] of spansOf(runLengths)) {
    for (let at = start; at < end; ) {
      const row = Math.floor(at / columns);
      const stop = Math.min(end, (row + 1) * columns);
      const offset = (row - top) * boxColumns - left - row * columns;
      box.fill(1, at + offset, stop + offset);
      at = stop;
    }
  }
  for (let x = 0; x < boxColumns; x++) {
    for (let y = 0; y < boxRows; y++) if (box[y * boxColumns + x] === 1) transposed.add((x + left) * rows + y + top, 1);
  }
  return transposed.finish(size);
}

/** Spans of ones as `[first pixel, pixel behind the last]`, empty ones left out. */
function* spansOf(runLengths: ArrayLike<number>): Generator<readonly [start: number, end: number], void, undefined> {
  let at = 0;
  for (let i = 0; i < runLengths.length; i++) {
    const count = runLengths[i]!;
    if (i % 2 === 1 && count > 0) yield [at, at + count];
    at += count;
  }
}

function requireSize(runLengths: ArrayLike<number>, size: number): void {
  const found = sizeOfRunLengths(runLengths);
  if (found !== size) throw new RangeError(`the run lengths must add up to the ${size} pixels of the mask, got ${found}`);
}
