import { isCutOff } from "./cut-off.ts";
import type { ImageFormat } from "./format.ts";

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

/**
 * Turns what the image library threw into an {@link ImageError} with a sentence that a person understands. The library's
 * message only goes along as the cause: under parallel work it may belong to another file (see {@link isCutOff}).
 */
export function explainDecodeError(error: unknown, bytes: Uint8Array, format: ImageFormat, limits: { readonly pixelsMax: number }): ImageError {
  if (error instanceof ImageError) return error;
  const name = format.toUpperCase();
  // This one is thrown with its message, not collected.
  if (error instanceof Error && /exceeds pixel limit/i.test(error.message)) {
    return new ImageError("too-large", `the ${name} declares more than the ${limits.pixelsMax} pixels allowed`, { cause: error });
  }
  if (isCutOff(bytes, format)) {
    return new ImageError("truncated", `the file is cut off: the ${name} ends before its image does`, { cause: error });
  }
  return new ImageError("damaged", `the ${name} is damaged and can't be decoded`, { cause: error });
}
