import type { Matrix } from "@winnow/curation";
import sharp from "sharp";
import { thumbnail } from "@winnow/media";

/** Removed and retained rows that are compared at most: pairs are examples, not all that there are. */
const REMOVED_MAX = 1_000;
const RETAINED_MAX = 4_000;

/** Pairs of a removed row and the nearest retained one, the nearest pairs first, no row twice. */
export function nearestPairs(points: Matrix, removed: readonly number[], retained: readonly number[], count: number): { readonly removed: number; readonly retained: number; readonly distance: number }[] {
  const { data, columns } = points;
  const some = evenlySpaced(removed, REMOVED_MAX);
  const others = evenlySpaced(retained, RETAINED_MAX);
  const pairs = some.flatMap((row) => {
    let [best, least] = [-1, Infinity];
    for (const other of others) {
      let sum = 0;
      for (let i = row * columns, j = other * columns, end = i + columns; i < end && sum < least; i++, j++) sum += (data[i]! - data[j]!) ** 2;
      if (sum < least) [best, least] = [other, sum];
    }
    return best === -1 ? [] : [{ removed: row, retained: best, distance: Math.sqrt(least) }];
  });
  pairs.sort((a, b) => a.distance - b.distance || a.removed - b.removed);
  const used = new Set<number>();
  return pairs
    .filter((pair) => {
      if (used.has(pair.retained)) return false;
      used.add(pair.retained);
      return true;
    })
    .slice(0, count);
}

/** A picture small enough for a report. */
export async function smallJpeg(bytes: Uint8Array): Promise<Uint8Array> {
  return sharp(await thumbnail(bytes, { longestSide: 320 })).jpeg({ quality: 80 }).toBuffer();
}

function evenlySpaced(rows: readonly number[], max: number): readonly number[] {
  if (rows.length <= max) return rows;
  return Array.from({ length: max }, (_, i) => rows[Math.floor((i * rows.length) / max)]!);
}
