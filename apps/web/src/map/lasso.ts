import { type PointIndex, runsWithin } from "./point-index.ts";

/**
 * Ordinals of the points inside a closed line (even-odd rule), ascending.
 * @param corners x and y of the map, interleaved; fewer than three corners enclose nothing
 */
export function enclosed(index: PointIndex, corners: readonly number[]): Uint32Array {
  const count = corners.length / 2;
  if (count < 3) return new Uint32Array(0);
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < count; i++) {
    minX = Math.min(minX, corners[2 * i]!);
    maxX = Math.max(maxX, corners[2 * i]!);
    minY = Math.min(minY, corners[2 * i + 1]!);
    maxY = Math.max(maxY, corners[2 * i + 1]!);
  }
  const found: number[] = [];
  for (const [from, to] of runsWithin(index, { minX, minY, maxX, maxY })) {
    for (let place = from; place < to; place++) {
      const x = index.points[2 * place]!;
      const y = index.points[2 * place + 1]!;
      if (x < minX || x > maxX || y < minY || y > maxY) continue;
      let inside = false;
      for (let i = 0, j = count - 1; i < count; j = i++) {
        const yi = corners[2 * i + 1]!;
        const yj = corners[2 * j + 1]!;
        if (yi > y !== yj > y && x < ((corners[2 * j]! - corners[2 * i]!) * (y - yi)) / (yj - yi) + corners[2 * i]!) inside = !inside;
      }
      if (inside) found.push(index.ordinals[place]!);
    }
  }
  return Uint32Array.from(found).sort();
}
