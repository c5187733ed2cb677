const INVALID = 0x80;
const DIGIT_OF_CODE = digitOfCode();
const CODES_OF_BYTE = codesOfByte();

/** Where the digits of a hex text begin: after an optional `0x` and after leading zeros. */
function firstDigit(text: string): number {
  let start = 0;
  if (text.length >= 2 && text.charCodeAt(0) === 48 && (text.charCodeAt(1) | 32) === 120) start = 2;
  if (start === text.length) throw new SyntaxError(`a hex mask needs at least one digit, got ${JSON.stringify(text)}`);
  while (start < text.length && text.charCodeAt(start) === 48) start++;
  return start;
}

/**
 * The bits of a hexadecimal integer, least significant word first, without leading zero words' worth of digits.
 * @throws SyntaxError naming the position (from 0) and the character that is not a hex digit
 */
export function wordsFromHex(text: string): Uint32Array {
  const start = firstDigit(text);
  const words = new Uint32Array(Math.ceil((text.length - start) / 8));
  let seen = 0;
  let end = text.length;
  for (let word = 0; word < words.length; word++) {
    let value = 0;
    for (let index = Math.max(start, end - 8); index < end; index++) {
      const code = text.charCodeAt(index);
      const digit = code < 128 ? DIGIT_OF_CODE[code]! : INVALID;
      seen |= digit;
      value = (value << 4) | digit;
    }
    words[word] = value;
    end -= 8;
  }
  // One look at all digits together: the position is only searched for when there is something to report.
  if (seen & INVALID) throw invalidCharacter(text, start);
  return words;
}

/** Lowercase hex with `0x` and no leading zeros; `0x0` when no bit is set. */
export function hexFromWords(words: Uint32Array): string {
  let last = words.length - 1;
  while (last >= 0 && words[last] === 0) last--;
  if (last < 0) return "0x0";
  const codes = new Uint16Array(4 * (last + 1));
  let position = 0;
  for (let word = last; word >= 0; word--) {
    const value = words[word]!;
    codes[position] = CODES_OF_BYTE[value >>> 24]!;
    codes[position + 1] = CODES_OF_BYTE[(value >>> 16) & 255]!;
    codes[position + 2] = CODES_OF_BYTE[(value >>> 8) & 255]!;
    codes[position + 3] = CODES_OF_BYTE[value & 255]!;
    position += 4;
  }
  const bytes = new Uint8Array(codes.buffer);
  const zeros = Math.clz32(words[last]!) >>> 2;
  return "0x" + new TextDecoder().decode(bytes.subarray(zeros));
}

function invalidCharacter(text: string, start: number): SyntaxError {
  let index = start;
  while (text.charCodeAt(index) < 128 && DIGIT_OF_CODE[text.charCodeAt(index)]! < INVALID) index++;
  return new SyntaxError(`a hex mask has only hex digits after 0x, got ${JSON.stringify(text[index])} at position ${index}`);
}

function digitOfCode(): Uint8Array {
  const digits = new Uint8Array(128).fill(INVALID);
  for (let digit = 0; digit < 16; digit++) {
    const text = digit.toString(16);
    digits[text.charCodeAt(0)] = digit;
    digits[text.toUpperCase().charCodeAt(0)] = digit;
  }
  return digits;
}

/** The two character codes of each byte, in the machine's byte order: one 16-bit store writes both. */
function codesOfByte(): Uint16Array {
  const bytes = new Uint8Array(512);
  for (let byte = 0; byte < 256; byte++) {
    const text = byte.toString(16).padStart(2, "0");
    bytes[2 * byte] = text.charCodeAt(0);
    bytes[2 * byte + 1] = text.charCodeAt(1);
  }
  return new Uint16Array(bytes.buffer);
}
