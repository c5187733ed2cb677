/** Turns free-form values, one sample after the other, into a typed column. */
import type { ColumnKind } from "@winnow/contract";

/** More different texts than this are no categories. */
export const labelsMax = 1000;
const missingCode = 65_535;

export interface BuiltColumn {
  readonly kind: ColumnKind;
  readonly bytes: Uint8Array;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly missing: number;
  readonly labels?: readonly string[];
  readonly counts?: readonly number[];
}

const isoTime = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * A column that grows with what it is given. Numbers stay numbers as long as nothing else comes; texts that are all
 * dates in ISO form are times; other texts and booleans are categories, the most frequent first.
 */
export class ColumnBuilder {
  #numbers: Float64Array | undefined;
  readonly #codes: Uint32Array;
  readonly #labels = new Map<string, number>();
  #seen = 0;
  #texts = 0;
  #times = 0;
  #numeric = 0;
  #tooMany = false;

  constructor(readonly samples: number) {
    this.#codes = new Uint32Array(samples);
  }

  /** Values that are neither number, text nor boolean are missing. */
  put(ordinal: number, value: unknown): void {
    if (typeof value === "number") {
      if (!Number.isFinite(value)) return;
      this.#numbers ??= new Float64Array(this.samples).fill(Number.NaN);
      this.#numbers[ordinal] = value;
      this.#numeric++;
    } else if (typeof value === "string" || typeof value === "boolean") {
      const text = String(value);
      if (text === "") return;
      this.#texts++;
      if (typeof value === "string" && isoTime.test(text) && !Number.isNaN(Date.parse(text))) this.#times++;
      if (this.#tooMany && this.#times < this.#texts) return;
      const known = this.#labels.get(text);
      if (known === undefined && this.#labels.size >= labelsMax) this.#tooMany = true;
      // Times are all different; they are kept as long as nothing but times has come.
      const code = known ?? this.#labels.size + 1;
      if (known === undefined) this.#labels.set(text, code);
      this.#codes[ordinal] = code;
    } else return;
    this.#seen++;
  }

  /** The column, or why there is none. */
  build(): BuiltColumn | string {
    if (this.#seen === 0) return "it has no value";
    if (this.#texts > 0 && this.#numeric > 0) return "it mixes numbers and texts";
    if (this.#numeric > 0) return this.#ofNumbers();
    if (this.#times === this.#texts) return this.#ofTimes();
    if (this.#tooMany) return `it has more than ${labelsMax} different texts`;
    return this.#ofLabels();
  }

  #ofNumbers(): BuiltColumn {
    const numbers = this.#numbers!;
    const values = Float32Array.from(numbers);
    return { kind: "number", bytes: bytesOf(values), ...extent(numbers), missing: this.samples - this.#numeric };
  }

  #ofTimes(): BuiltColumn {
    const texts = [...this.#labels.keys()].map((text) => Date.parse(text));
    const values = Float64Array.from(this.#codes, (code) => (code === 0 ? Number.NaN : texts[code - 1]!));
    return { kind: "time", bytes: bytesOf(values), ...extent(values), missing: this.samples - this.#seen };
  }

  #ofLabels(): BuiltColumn {
    const labels = [...this.#labels.keys()];
    const counts = new Uint32Array(labels.length);
    for (const code of this.#codes) if (code > 0) counts[code - 1]!++;
    const order = labels.map((_, i) => i).toSorted((a, b) => counts[b]! - counts[a]! || (labels[a]! < labels[b]! ? -1 : 1));
    const place = new Uint16Array(labels.length);
    order.forEach((label, i) => (place[label] = i));
    const codes = Uint16Array.from(this.#codes, (code) => (code === 0 ? missingCode : place[code - 1]!));
    return { kind: "category", bytes: bytesOf(codes), labels: order.map((i) => labels[i]!), counts: order.map((i) => counts[i]!), missing: this.samples - this.#seen };
  }
}

function extent(values: Float64Array): { minimum?: number; maximum?: number } {
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  return minimum <= maximum ? { minimum, maximum } : {};
}

function bytesOf(values: { readonly buffer: ArrayBufferLike; readonly byteOffset: number; readonly byteLength: number }): Uint8Array {
  return new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
}
