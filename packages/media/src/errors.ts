/**
 * Why an image could not be decoded.
 * - `empty`: the file has no bytes
 * - `unsupported`: the bytes are not of an image format that Winnow reads (whatever the name says)
 * - `truncated`: the file ends before the image does
 * - `damaged`: the format is known, its content is not valid
 * - `too-large`: more pixels or bytes than the limits allow
 */
export type ImageErrorCode = "empty" | "unsupported" | "truncated" | "damaged" | "too-large";

/** An image that can't be decoded. The message is a sentence for people; it names neither path nor library. */
export class ImageError extends Error {
  readonly code: ImageErrorCode;

  constructor(code: ImageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ImageError";
    this.code = code;
  }
}

const CUT_OFF = /premature end|truncat|unexpected end|end of (file|stream|input)|not enough data|out of data|read error|corrupt jpeg data: \d+ extraneous|short read|data precondition/i;
const TOO_LARGE = /exceeds pixel limit|too (large|big|wide|high)|dimensions? (too|exceed)|exceed(s|ed)? .*limit|maximum/i;

/** Turns what the decoding library threw into an {@link ImageError} with a sentence that a person understands. */
export function explainDecodeError(error: unknown, format: string, limits: { readonly pixelsMax: number }): ImageError {
  if (error instanceof ImageError) return error;
  // The library repeats messages, one per line, and puts its own names before each.
  const detail = String(error instanceof Error ? error.message : error)
    .split("\n")
    .map((line) => line.replace(/^\s*(Vips\w*|vips\w*|\w+load\w*|Input \w+):\s*/i, "").trim())
    .find((line) => line !== "");
  const because = detail === undefined ? "" : ` (${detail})`;
  const name = format.toUpperCase();
  if (TOO_LARGE.test(detail ?? "")) {
    return new ImageError("too-large", `the ${name} declares more than the ${limits.pixelsMax} pixels allowed${because}`, { cause: error });
  }
  if (CUT_OFF.test(detail ?? "")) {
    return new ImageError("truncated", `the file is cut off: the ${name} ends before its image does${because}`, { cause: error });
  }
  return new ImageError("damaged", `the ${name} is damaged and can't be decoded${because}`, { cause: error });
}
