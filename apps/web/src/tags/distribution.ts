import { type Column, missingCategory } from "../columns/column.ts";
import type { ColumnData } from "@winnow/contract";

/** How a column's values are spread over some samples. */
export interface Distribution {
  readonly bins: readonly Bin[];
  readonly missing: number;
  /** Samples with a value. */
  readonly present: number;
}

export interface Bin {
  readonly label: string;
  readonly count: number;
}

/** Where values are counted: borders of equal width, or the labels of a category, most frequent first. */
export interface Binning {
  readonly count: number;
  readonly labels: readonly string[];
  /** Bin of a sample; −1: no value. */
  readonly of: (ordinal: number) => number;
  readonly kind: "number" | "category";
}

const numberBins = 20;
const categoriesShown = 30;

/**
 * The bins of a column over all samples, so that distributions of several tags are counted in the same ones.
 * @returns undefined for columns that can't be counted (text, points) or have nothing in them
 */
export function binning(facts: ColumnData, column: Column, nameNumber: (value: number) => string): Binning | undefined {
  if (column.kind === "category") {
    const labels = facts.labels ?? [];
    const order = labels.map((_, i) => i).toSorted((a, b) => (facts.counts?.[b] ?? 0) - (facts.counts?.[a] ?? 0) || a - b);
    const shown = order.length > categoriesShown ? order.slice(0, categoriesShown - 1) : order;
    const rest = order.length - shown.length;
    const place = new Int32Array(labels.length).fill(shown.length);
    shown.forEach((label, at) => (place[label] = at));
    const { values } = column;
    return {
      kind: "category",
      count: shown.length + (rest > 0 ? 1 : 0),
      labels: [...shown.map((label) => labels[label]!), ...(rest > 0 ? [`${rest} others`] : [])],
      of: (ordinal) => (values[ordinal]! === missingCategory ? -1 : (place[values[ordinal]!] ?? -1)),
    };
  }
  if (column.kind !== "number" && column.kind !== "time") return undefined;
  const { values } = column;
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  if (minimum > maximum) return undefined;
  const count = minimum === maximum ? 1 : numberBins;
  const width = (maximum - minimum) / count || 1;
  return {
    kind: "number",
    count,
    labels: Array.from({ length: count }, (_, i) => (count === 1 ? nameNumber(minimum) : `${nameNumber(minimum + i * width)} – ${nameNumber(minimum + (i + 1) * width)}`)),
    of: (ordinal) => {
      const value = values[ordinal]!;
      return Number.isNaN(value) ? -1 : Math.min(count - 1, Math.floor((value - minimum) / width));
    },
  };
}

/** Counts samples by bin. */
export function distribution({ count, labels, of }: Binning, ordinals: Iterable<number>): Distribution {
  const counts = new Uint32Array(count);
  let missing = 0;
  for (const ordinal of ordinals) {
    const bin = of(ordinal);
    if (bin < 0) missing++;
    else counts[bin]!++;
  }
  let present = 0;
  for (const each of counts) present += each;
  return { bins: labels.map((label, i) => ({ label, count: counts[i]! })), missing, present };
}

/** How far apart two distributions over the same bins are: half the sum of the differences of shares, 0 (equal) to 1 (nothing in common). */
export function difference(a: Distribution, b: Distribution): number {
  if (a.present === 0 || b.present === 0) return a.present === b.present ? 0 : 1;
  return a.bins.reduce((sum, { count }, i) => sum + Math.abs(count / a.present - b.bins[i]!.count / b.present), 0) / 2;
}

/** All ordinals of a dataset, without a list of them. */
export function* everyOrdinal(samples: number): Iterable<number> {
  for (let ordinal = 0; ordinal < samples; ordinal++) yield ordinal;
}
