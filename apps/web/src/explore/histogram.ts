import type { ColumnData } from "@winnow/contract";
import { type Column, missingCategory } from "../columns/column.ts";

export interface Histogram {
  /** Borders of the bins, one more than there are bins. */
  readonly borders: Float64Array;
  readonly all: Uint32Array;
  /** Of the samples that are shown. */
  readonly shown: Uint32Array;
}

/** Counts the values of a column in bins of equal width. @returns undefined when there is no value */
export function histogram(column: Extract<Column, { kind: "number" | "time" }>, { minimum, maximum }: Pick<ColumnData, "minimum" | "maximum">, shown: Uint32Array, bins: number): Histogram | undefined {
  if (minimum === undefined || maximum === undefined) return undefined;
  const width = (maximum - minimum) / bins || 1;
  const borders = Float64Array.from({ length: bins + 1 }, (_, i) => (i === bins && maximum > minimum ? maximum : minimum + i * width));
  const { values } = column;
  const all = new Uint32Array(bins);
  const some = new Uint32Array(bins);
  const place = (value: number) => Math.max(0, Math.min(bins - 1, Math.floor((value - minimum) / width)));
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i]!)) all[place(values[i]!)]!++;
  for (const ordinal of shown) if (!Number.isNaN(values[ordinal]!)) some[place(values[ordinal]!)]!++;
  return { borders, all, shown: some };
}

/** Shown samples per label. */
export function labelCounts(column: Extract<Column, { kind: "category" }>, labels: number, shown: Uint32Array): Uint32Array {
  const counts = new Uint32Array(labels);
  for (const ordinal of shown) {
    const label = column.values[ordinal]!;
    if (label !== missingCategory) counts[label]!++;
  }
  return counts;
}
