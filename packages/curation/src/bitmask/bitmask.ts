import { hexFromWords, wordsFromHex } from "./hex.ts";

/**
 * A set of ordinals 0 … size − 1, as tags store it: bit i of the integer is ordinal i, least significant first.
 * Every operation is linear in size / 32. Operations that combine return new masks; only `add` changes one.
 */
export class BitMask {
  /** How many ordinals the mask speaks about. */
  readonly size: number;
  // Bits at and beyond `size` are zero: counting, comparing and serialising rely on it.
  readonly #words: Uint32Array;

  private constructor(size: number, words: Uint32Array) {
    this.size = size;
    this.#words = words;
  }

  /** @throws RangeError when size is not a whole number ≥ 0 (as do all that take a size) */
  static empty(size: number): BitMask {
    return new BitMask(size, new Uint32Array(wordCount(size)));
  }

  static full(size: number): BitMask {
    const words = new Uint32Array(wordCount(size)).fill(0xffffffff);
    clearBeyond(words, size);
    return new BitMask(size, words);
  }

  /**
   * From a hexadecimal integer of any length and case, with or without `0x`, with or without leading zeros.
   * @param size without it: the highest set bit + 1
   * @throws SyntaxError naming the position of a character that is not a hex digit
   * @throws RangeError when a bit at or beyond `size` is set
   */
  static fromHex(text: string, size?: number): BitMask {
    const parsed = wordsFromHex(text);
    const bits = bitLength(parsed);
    if (size === undefined) return new BitMask(bits, parsed);
    const words = resized(parsed, wordCount(size));
    if (bits > size) throw beyond(bits - 1, size);
    return new BitMask(size, words);
  }

  /**
   * From bytes, bit i being bit i % 8 of byte ⌊i / 8⌋. Fewer bytes than needed are zero-extended.
   * @throws RangeError when a bit at or beyond `size` is set
   */
  static fromBytes(bytes: Uint8Array, size: number): BitMask {
    const words = new Uint32Array(Math.max(wordCount(size), Math.ceil(bytes.length / 4)));
    for (let index = 0; index < bytes.length; index++) words[index >>> 2]! |= bytes[index]! << (8 * (index & 3));
    const bits = bitLength(words);
    if (bits > size) throw beyond(bits - 1, size);
    return new BitMask(size, resized(words, wordCount(size)));
  }

  /**
   * From ordinals in any order, repetitions allowed.
   * @throws RangeError when one is not a whole number 0 … size − 1
   */
  static fromOrdinals(ordinals: Iterable<number>, size: number): BitMask {
    const mask = BitMask.empty(size);
    if (ArrayBuffer.isView(ordinals)) {
      // Typed arrays by index: the iterator protocol costs ten times the work.
      const values = ordinals as unknown as ArrayLike<number>;
      for (let index = 0; index < values.length; index++) mask.add(values[index]!);
    } else {
      for (const ordinal of ordinals) mask.add(ordinal);
    }
    return mask;
  }

  /** Lowercase hex with `0x`, no leading zeros; `0x0` when empty. */
  toHex(): string {
    return hexFromWords(this.#words);
  }

  /** ⌈size / 8⌉ bytes in the order of `fromBytes`. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(this.size / 8));
    for (let index = 0; index < bytes.length; index++) bytes[index] = this.#words[index >>> 2]! >>> (8 * (index & 3));
    return bytes;
  }

  /** The ordinals in the set, ascending. */
  ordinals(): Uint32Array {
    const result = new Uint32Array(this.count);
    const words = this.#words;
    let position = 0;
    for (let word = 0; word < words.length; word++) {
      let rest = words[word]!;
      const base = word * 32 + 31;
      while (rest !== 0) {
        const lowest = rest & -rest;
        result[position++] = base - Math.clz32(lowest);
        rest ^= lowest;
      }
    }
    return result;
  }

  /** How many ordinals are in the set. */
  get count(): number {
    let total = 0;
    const words = this.#words;
    for (let word = 0; word < words.length; word++) {
      let bits = words[word]!;
      bits -= (bits >>> 1) & 0x55555555;
      bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
      total += Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
    }
    return total;
  }

  /** Whether an ordinal is in the set; false for anything outside 0 … size − 1. */
  has(ordinal: number): boolean {
    if (!(ordinal >= 0 && ordinal < this.size) || !Number.isInteger(ordinal)) return false;
    return ((this.#words[Math.floor(ordinal / 32)]! >>> (ordinal % 32)) & 1) === 1;
  }

  /** Puts an ordinal into this mask and returns it. @throws RangeError when it is not a whole number 0 … size − 1 */
  add(ordinal: number): this {
    if (!(ordinal >= 0 && ordinal < this.size) || !Number.isInteger(ordinal)) throw beyond(ordinal, this.size);
    this.#words[Math.floor(ordinal / 32)]! |= 1 << (ordinal % 32);
    return this;
  }

  /** In either; its size is the larger of the two, the shorter mask counting as zero-extended. */
  union(other: BitMask): BitMask {
    return this.#combined(other, unite);
  }

  /** In both; sizes as in `union`. */
  intersection(other: BitMask): BitMask {
    return this.#combined(other, intersect);
  }

  /** In this one and not in the other; sizes as in `union`. */
  difference(other: BitMask): BitMask {
    return this.#combined(other, subtract);
  }

  /** All of 0 … size − 1 that is not in this mask. */
  complement(): BitMask {
    const words = this.#words.map((word) => ~word);
    clearBeyond(words, this.size);
    return new BitMask(this.size, words);
  }

  /** The same set over another number of ordinals; what lies at or beyond a smaller size is left out. */
  resize(size: number): BitMask {
    const words = resized(this.#words, wordCount(size)).slice();
    clearBeyond(words, size);
    return new BitMask(size, words);
  }

  /** Whether every ordinal of this mask is in the other; sizes may differ. */
  isSubsetOf(other: BitMask): boolean {
    const theirs = other.#words;
    return this.#words.every((word, index) => (word & ~(theirs[index] ?? 0)) === 0);
  }

  /** Same size and same ordinals. */
  equals(other: BitMask): boolean {
    return this.size === other.size && this.#words.every((word, index) => word === other.#words[index]);
  }

  #combined(other: BitMask, combine: (words: Uint32Array, other: Uint32Array) => void): BitMask {
    const size = Math.max(this.size, other.size);
    const words = new Uint32Array(wordCount(size));
    words.set(this.#words);
    combine(words, other.#words);
    return new BitMask(size, words);
  }
}

// One loop per operation: a function called per word costs ten times the work. `other` is never longer than `words`.

function unite(words: Uint32Array, other: Uint32Array): void {
  for (let index = 0; index < other.length; index++) words[index]! |= other[index]!;
}

function intersect(words: Uint32Array, other: Uint32Array): void {
  for (let index = 0; index < other.length; index++) words[index]! &= other[index]!;
  words.fill(0, other.length);
}

function subtract(words: Uint32Array, other: Uint32Array): void {
  for (let index = 0; index < other.length; index++) words[index]! &= ~other[index]!;
}

function wordCount(size: number): number {
  if (!Number.isSafeInteger(size) || size < 0 || size > 2 ** 32) {
    throw new RangeError(`the size of a mask must be a whole number from 0 to 2^32, got ${size}`);
  }
  return Math.ceil(size / 32);
}

function bitLength(words: Uint32Array): number {
  let last = words.length - 1;
  while (last >= 0 && words[last] === 0) last--;
  return last < 0 ? 0 : 32 * last + 32 - Math.clz32(words[last]!);
}

function resized(words: Uint32Array, length: number): Uint32Array {
  if (words.length === length) return words;
  if (words.length > length) return words.slice(0, length);
  const longer = new Uint32Array(length);
  longer.set(words);
  return longer;
}

function clearBeyond(words: Uint32Array, size: number): void {
  if (size % 32 !== 0) words[words.length - 1]! &= 2 ** (size % 32) - 1;
}

function beyond(ordinal: number, size: number): RangeError {
  return new RangeError(`ordinal ${ordinal} is outside a mask of ${size}: it must be a whole number from 0 to ${size - 1}`);
}
