import { type Column, missingCategory } from "../columns/column.ts";

/** One condition on a column. Samples without a value don't meet it. */
export type Condition = { readonly column: string; readonly from: number | null; readonly to: number | null } | { readonly column: string; readonly labels: readonly number[] };

/**
 * Which samples meet all conditions.
 * @param columns values by name; a condition whose column isn't there yet is left out
 * @param within 1 for each sample that may be met at all; undefined: all
 * @returns ordinals, ascending
 */
export function matching(samples: number, conditions: readonly Condition[], columns: ReadonlyMap<string, Column>, within: readonly (Uint8Array | undefined)[]): Uint32Array {
  const keep = new Uint8Array(samples).fill(1);
  for (const mask of within) if (mask) for (let i = 0; i < samples; i++) keep[i]! &= mask[i]!;
  for (const condition of conditions) {
    const column = columns.get(condition.column);
    if (column) apply(keep, condition, column);
  }
  let count = 0;
  for (const kept of keep) count += kept;
  const ordinals = new Uint32Array(count);
  for (let i = 0, at = 0; i < samples; i++) if (keep[i]) ordinals[at++] = i;
  return ordinals;
}

function apply(keep: Uint8Array, condition: Condition, column: Column): void {
  if ("labels" in condition) {
    if (column.kind !== "category") return;
    const wanted = new Uint8Array(missingCategory + 1);
    for (const label of condition.labels) wanted[label] = 1;
    for (let i = 0; i < keep.length; i++) keep[i]! &= wanted[column.values[i]!]!;
    return;
  }
  if (column.kind !== "number" && column.kind !== "time") return;
  const from = condition.from ?? Number.NEGATIVE_INFINITY;
  const to = condition.to ?? Number.POSITIVE_INFINITY;
  for (let i = 0; i < keep.length; i++) {
    const value = column.values[i]!;
    // A missing value is NaN, which no comparison holds for.
    if (!(value >= from && value <= to)) keep[i] = 0;
  }
}
