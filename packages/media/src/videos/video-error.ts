/**
 * Why a video gives no frames.
 * - `empty`: the file has no bytes
 * - `unsupported`: the bytes are not of a container that Winnow reads (whatever the name says)
 * - `no-picture`: a known container without a video track (sound only)
 * - `damaged`: the container is known, but it can't be read or nothing in it decodes
 * - `too-large`: more pixels than the limits allow
 * - `unreachable`: the file or the address can't be read
 */
export type VideoErrorCode = "empty" | "unsupported" | "no-picture" | "damaged" | "too-large" | "unreachable";

/** A video that can't be decoded. The message is a sentence for people; it names neither path nor address. */
export class VideoError extends Error {
  readonly code: VideoErrorCode;

  constructor(code: VideoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "VideoError";
    this.code = code;
  }
}

/** No program that decodes videos is on this machine: nothing is wrong with the video. The message says what to install. */
export class MissingDecoderError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "MissingDecoderError";
  }
}
