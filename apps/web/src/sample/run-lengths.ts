/**
 * Spans of ones in a mask's run lengths (row by row, counts of zeros and ones in turn, zeros first).
 * @param text counts with commas or blanks between, with or without brackets
 * @returns first and behind-last pixel of each span; undefined when it isn't such a text or doesn't fit `pixels`
 */
export function spansOf(text: string, pixels: number): (readonly [from: number, to: number])[] | undefined {
  const counts = text.replace(/^\s*\[|\]\s*$/g, "").split(/[\s,]+/).filter((part) => part !== "").map(Number);
  const spans: (readonly [number, number])[] = [];
  let at = 0;
  for (const [i, count] of counts.entries()) {
    if (!Number.isInteger(count) || count < 0) return undefined;
    if (i % 2 === 1 && count > 0) spans.push([at, at + count]);
    at += count;
  }
  return at <= pixels ? spans : undefined;
}

/** Paints a mask into an image of packed colours. */
export function paintMask(image: Uint32Array, text: string, colour: number): boolean {
  const spans = spansOf(text, image.length);
  if (!spans) return false;
  for (const [from, to] of spans) image.fill(colour, from, to);
  return true;
}
