// One look at a whole matrix: is every value finite, how large is the largest, what is its fingerprint.
// The plain twin of the fingerprint is hashBlocks in src/matrix/input-hash.ts.

/** Words per block; HASH_BLOCK_WORDS of the twin. */
const BLOCK_WORDS: usize = 1 << 16;

/**
 * Blocks start … end of `words` 32-bit words at `data`: four words of hash per block into `hashes` (uint32 × 4) and the
 * largest magnitude into `magnitudes` (float32; NaN or Infinity when a value is not finite).
 */
export function inspect(start: usize, end: usize, data: usize, words: usize, hashes: usize, magnitudes: usize): void {
  const factor = i32x4.splat(0x9e3779b1);
  const magnitude = i32x4.splat(0x7fffffff);
  for (let block = start; block < end; block++) {
    let at = data + ((block * BLOCK_WORDS) << 2);
    const stop = min((block + 1) * BLOCK_WORDS, words);
    const stop4 = data + ((stop & ~3) << 2);
    let hash = i32x4(1, 2, 3, 4);
    let most = i32x4.splat(0);
    while (at < stop4) {
      const value = v128.load(at);
      hash = i32x4.mul(v128.xor(hash, value), factor);
      hash = v128.xor(hash, i32x4.shr_u(hash, 15));
      // Magnitudes of floats order like their bits, with Infinity and NaN on top.
      most = i32x4.max_u(most, v128.and(value, magnitude));
      at += 16;
    }
    if ((stop & 3) != 0) {
      let value = i32x4.replace_lane(i32x4.splat(0), 0, load<i32>(at));
      if ((stop & 3) > 1) value = i32x4.replace_lane(value, 1, load<i32>(at, 4));
      if ((stop & 3) > 2) value = i32x4.replace_lane(value, 2, load<i32>(at, 8));
      hash = i32x4.mul(v128.xor(hash, value), factor);
      hash = v128.xor(hash, i32x4.shr_u(hash, 15));
      most = i32x4.max_u(most, v128.and(value, magnitude));
    }
    v128.store(hashes + (block << 4), hash);
    const a = max<u32>(i32x4.extract_lane(most, 0), i32x4.extract_lane(most, 1));
    const b = max<u32>(i32x4.extract_lane(most, 2), i32x4.extract_lane(most, 3));
    store<u32>(magnitudes + (block << 2), max<u32>(a, b));
  }
}
