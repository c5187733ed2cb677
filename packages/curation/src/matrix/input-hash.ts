/**
 * A 64-bit fingerprint of typed arrays in order, as 16 lowercase hex digits; `undefined` and empty differ.
 * Not cryptographic: it tells inputs apart, it does not protect from someone who wants a collision.
 */
export function inputHash(columns: readonly (ArrayBufferView | HashedColumn | undefined)[]): string {
  let low = 0x243f6a88;
  let high = 0x85a308d3;
  const take = (word: number): void => {
    low = Math.imul(low ^ word, 0x9e3779b1);
    low ^= low >>> 15;
    high = Math.imul(high + word + low, 0x85ebca77);
    high ^= high >>> 13;
  };
  for (const column of columns) {
    if (column === undefined) {
      take(0xffffffff);
      continue;
    }
    take(column.byteLength);
    const blocks = ArrayBuffer.isView(column) ? hashBlocks(column) : column.blocks;
    for (let index = 0; index < blocks.length; index++) take(blocks[index]!);
  }
  take(columns.length);
  return (high >>> 0).toString(16).padStart(8, "0") + (low >>> 0).toString(16).padStart(8, "0");
}

/** A column whose blocks are hashed already. */
export interface HashedColumn {
  readonly byteLength: number;
  readonly blocks: Uint32Array;
}

/** Words of 32 bits are mixed in four lanes per block of this many words, so that blocks and lanes can run side by side. */
export const HASH_BLOCK_WORDS = 1 << 16;

/** Four words per block of the input. The last, incomplete group of four words is padded with zeros. */
export function hashBlocks(view: ArrayBufferView): Uint32Array {
  const words = wordsOf(view);
  const blocks = Math.ceil(words.length / HASH_BLOCK_WORDS);
  const result = new Uint32Array(4 * blocks);
  for (let block = 0; block < blocks; block++) {
    const start = block * HASH_BLOCK_WORDS;
    const end = Math.min(start + HASH_BLOCK_WORDS, words.length);
    let a = 1;
    let b = 2;
    let c = 3;
    let d = 4;
    for (let index = start; index < end; index += 4) {
      a = Math.imul(a ^ words[index]!, 0x9e3779b1);
      b = Math.imul(b ^ (index + 1 < end ? words[index + 1]! : 0), 0x9e3779b1);
      c = Math.imul(c ^ (index + 2 < end ? words[index + 2]! : 0), 0x9e3779b1);
      d = Math.imul(d ^ (index + 3 < end ? words[index + 3]! : 0), 0x9e3779b1);
      a ^= a >>> 15;
      b ^= b >>> 15;
      c ^= c >>> 15;
      d ^= d >>> 15;
    }
    result.set([a, b, c, d], 4 * block);
  }
  return result;
}

function wordsOf(view: ArrayBufferView): Uint32Array {
  if (view.byteOffset % 4 === 0 && view.byteLength % 4 === 0) {
    return new Uint32Array(view.buffer, view.byteOffset, view.byteLength / 4);
  }
  const copy = new Uint8Array(Math.ceil(view.byteLength / 4) * 4);
  copy.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return new Uint32Array(copy.buffer);
}
