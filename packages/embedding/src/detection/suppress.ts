/** Left, top, width, height. */
export type Corners = readonly [x: number, y: number, width: number, height: number];

/** The share of two boxes' common area in their union, 0…1. */
export function overlap(a: Corners, b: Corners): number {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const common = width * height;
  return common / (a[2] * a[3] + b[2] * b[3] - common);
}

/**
 * Leaves of boxes that lie on one another the one with the highest score (the earlier of equal ones), best first, at most
 * so many. Boxes of different groups don't compete.
 */
export function suppress<T extends { readonly box: Corners; readonly score: number; readonly group: number }>(candidates: readonly T[], overlapMax: number, countMax: number): T[] {
  const kept: T[] = [];
  for (const candidate of candidates.toSorted((a, b) => b.score - a.score)) {
    if (kept.length === countMax) break;
    if (kept.every((other) => other.group !== candidate.group || overlap(other.box, candidate.box) <= overlapMax)) kept.push(candidate);
  }
  return kept;
}
