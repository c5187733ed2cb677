// All pairs of rows within a distance, pruned by shadows (see farthest.ts) that lie sorted by their first coordinate.
import { squareUpTo, sum4 } from "./distance";

// @ts-ignore: decorator
@unmanaged
class Search {
  points: usize; // float32 rows
  columns: usize;
  places: usize; // how many rows take part
  rowOf: usize; // uint32 per place: its row
  shadows: usize; // float32 × 16 per place, by ascending first coordinate
  next: usize; // uint32 per place: where its search goes on
  found: usize; // uint32 × room per place: places found in this round
  squares: usize; // float32 × room per place: their squared distances
  counts: usize; // uint32 per place
  room: usize;
  reach: f32; // what a first coordinate may differ
  shadowLimit: f32; // what the squared distance of shadows may be
  limit: f32; // what the squared distance of rows may be
}

/** Searches on behind the places list[start … end) until their room is full or nothing is left. */
export function pairsWithin(start: usize, end: usize, header: usize, list: usize): void {
  const s = changetype<Search>(header);
  const width = s.columns << 2;
  for (let index = start; index < end; index++) {
    const place = <usize>load<u32>(list + (index << 2));
    const shadow = s.shadows + (place << 6);
    const last = load<f32>(shadow) + s.reach;
    const s0 = v128.load(shadow);
    const s1 = v128.load(shadow, 16);
    const s2 = v128.load(shadow, 32);
    const s3 = v128.load(shadow, 48);
    const x = s.points + <usize>load<u32>(s.rowOf + (place << 2)) * width;
    const found = s.found + ((place * s.room) << 2);
    const squares = s.squares + ((place * s.room) << 2);
    let count: usize = 0;
    let other = <usize>load<u32>(s.next + (place << 2));
    for (; other < s.places && count < s.room; other++) {
      const theirs = s.shadows + (other << 6);
      if (load<f32>(theirs) > last) {
        other = s.places;
        break;
      }
      const d0 = f32x4.sub(s0, v128.load(theirs));
      const d1 = f32x4.sub(s1, v128.load(theirs, 16));
      const d2 = f32x4.sub(s2, v128.load(theirs, 32));
      const d3 = f32x4.sub(s3, v128.load(theirs, 48));
      const sum = f32x4.add(f32x4.add(f32x4.mul(d0, d0), f32x4.mul(d1, d1)), f32x4.add(f32x4.mul(d2, d2), f32x4.mul(d3, d3)));
      if (sum4(sum) > s.shadowLimit) continue;
      const y = s.points + <usize>load<u32>(s.rowOf + (other << 2)) * width;
      const square = squareUpTo(x, y, s.columns, s.limit);
      if (square > s.limit) continue;
      store<u32>(found + (count << 2), <u32>other);
      store<f32>(squares + (count << 2), square);
      count++;
    }
    store<u32>(s.next + (place << 2), <u32>other);
    store<u32>(s.counts + (place << 2), <u32>count);
  }
}
