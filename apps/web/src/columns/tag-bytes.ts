/**
 * A tag's mask as a byte per sample. The wire writes it as one hexadecimal number, bit i for ordinal i.
 * @param samples of the dataset; those beyond the mask are not in the tag
 */
export function tagBytes(hex: string, samples: number): Uint8Array {
  const bytes = new Uint8Array(samples);
  for (let at = hex.length - 1, ordinal = 0; at >= 2 && ordinal < samples; at--, ordinal += 4) {
    const code = hex.charCodeAt(at);
    const digit = code < 58 ? code - 48 : (code | 32) - 87;
    for (let bit = 0; bit < 4 && ordinal + bit < samples; bit++) bytes[ordinal + bit] = (digit >> bit) & 1;
  }
  return bytes;
}

/** The same the other way, without leading zeros. */
export function tagHex(bytes: Uint8Array): string {
  let text = "";
  const pieces: string[] = [];
  for (let end = Math.ceil(bytes.length / 4) * 4; end > 0; end -= 4) {
    const digit = (bytes[end - 4] ?? 0) | ((bytes[end - 3] ?? 0) << 1) | ((bytes[end - 2] ?? 0) << 2) | ((bytes[end - 1] ?? 0) << 3);
    text += digit.toString(16);
    if (text.length >= 4096) {
      pieces.push(text);
      text = "";
    }
  }
  pieces.push(text);
  return `0x${pieces.join("").replace(/^0+(?=.)/, "") || "0"}`;
}
