import type { Neighbours } from "@winnow/curation";

/**
 * Groups of rows that are connected by chains of near neighbours.
 * @returns groups with at least two members, the largest first, equal ones by their first member; members ascending
 */
export function connectedGroups({ k, ids, distances }: Neighbours, threshold: number, rows: number): number[][] {
  const parent = Uint32Array.from({ length: rows }, (_, row) => row);
  const root = (row: number): number => {
    let at = row;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!;
    return at;
  };
  for (let row = 0, at = 0; row < rows; row++) {
    for (let i = 0; i < k; i++, at++) {
      if (ids[at]! >= rows || distances[at]! > threshold) continue;
      const [one, other] = [root(row), root(ids[at]!)];
      // The lower row is the root, so that the order of the links doesn't matter.
      if (one < other) parent[other] = one;
      else parent[one] = other;
    }
  }
  const groups = new Map<number, number[]>();
  for (let row = 0; row < rows; row++) {
    const first = root(row);
    if (first === row) continue;
    const group = groups.get(first);
    if (group) group.push(row);
    else groups.set(first, [first, row]);
  }
  return [...groups.values()].toSorted((a, b) => b.length - a.length || a[0]! - b[0]!);
}
