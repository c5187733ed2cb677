import { type Column, missingCategory } from "../columns/column.ts";

/**
 * Ordinals in the order of a column; samples without a value come last, equal ones in the dataset's order.
 * @param ordinals ascending
 */
export function ordered(ordinals: Uint32Array, column: Column | undefined, descending: boolean): Uint32Array {
  if (column === undefined || column.kind === "points") return ordinals;
  if (column.kind === "text") return byText(ordinals, column, descending);
  const missing: number[] = [];
  const present: number[] = [];
  const { values, kind } = column;
  for (const ordinal of ordinals) {
    const value = values[ordinal]!;
    (Number.isNaN(value) || (kind === "category" && value === missingCategory) ? missing : present).push(ordinal);
  }
  const sorted = Uint32Array.from(present);
  // Distinct keys make the order total, so that the sort need not be stable.
  sorted.sort(descending ? (a, b) => values[b]! - values[a]! || a - b : (a, b) => values[a]! - values[b]! || a - b);
  const all = new Uint32Array(ordinals.length);
  all.set(sorted);
  all.set(missing, sorted.length);
  return all;
}

function byText(ordinals: Uint32Array, { offsets, bytes }: Extract<Column, { kind: "text" }>, descending: boolean): Uint32Array {
  const compare = (a: number, b: number): number => {
    let i = offsets[a]!;
    let j = offsets[b]!;
    const endA = offsets[a + 1]!;
    const endB = offsets[b + 1]!;
    while (i < endA && j < endB) {
      const difference = bytes[i++]! - bytes[j++]!;
      if (difference !== 0) return difference;
    }
    return endA - i - (endB - j);
  };
  return ordinals.toSorted(descending ? (a, b) => compare(b, a) || a - b : (a, b) => compare(a, b) || a - b);
}
