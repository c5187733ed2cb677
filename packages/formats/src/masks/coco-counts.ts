/**
 * COCO's compressed run lengths: each count is written in groups of five bits, lowest first, as characters from "0" on;
 * the sixth bit says that another group follows, the highest bit of the last group is the sign. From the fourth count on
 * it is the difference to the count two places before that is written.
 * Format: the COCO mask API (https://cocodataset.org/#format-data).
 */

const OFFSET = 48;
const MORE = 0x20;
const SIGN = 0x10;

/** @throws RangeError when the text is cut short, holds other characters, or a count becomes negative or huge */
export function decodeCocoCounts(text: string): number[] {
  const counts: number[] = [];
  for (let at = 0; at < text.length; ) {
    let value = 0;
    let weight = 1;
    for (;;) {
      if (at >= text.length) throw new RangeError("the compressed counts end in the middle of a number");
      const group = text.charCodeAt(at++) - OFFSET;
      if (group < 0 || group > 0x3f) throw new RangeError(`the compressed counts hold the character ${JSON.stringify(text[at - 1])}, which stands for nothing`);
      value += (group & 0x1f) * weight;
      weight *= 32;
      if (weight > 2 ** 40) throw new RangeError("the compressed counts hold a number that no mask is large enough for");
      if ((group & MORE) === 0) {
        if (group & SIGN) value -= weight;
        break;
      }
    }
    if (counts.length > 2) value += counts[counts.length - 2]!;
    if (value < 0) throw new RangeError(`count ${counts.length} of the compressed counts is negative`);
    counts.push(value);
  }
  return counts;
}

/** @param counts whole numbers from 0 */
export function encodeCocoCounts(counts: ArrayLike<number>): string {
  let text = "";
  for (let i = 0; i < counts.length; i++) {
    let value = i > 2 ? counts[i]! - counts[i - 2]! : counts[i]!;
    for (let more = true; more; ) {
      const group = ((value % 32) + 32) % 32;
      value = Math.floor(value / 32);
      more = group & SIGN ? value !== -1 : value !== 0;
      text += String.fromCharCode(OFFSET + group + (more ? MORE : 0));
    }
  }
  return text;
}
