import type { ImageSource, Pixels } from "@winnow/media";
import type { Matrix } from "./matrix.ts";

/** What an encoder takes: an image file's path or bytes, or what its own {@link Encoder.prepare} made of one. */
export type EncoderInput = ImageSource | Pixels;

/**
 * Turns images into vectors of unit length: images that look alike to the encoder get vectors with a small angle
 * between them. The same image gives the same vector, bit for bit, alone or in a batch and on any number of threads.
 */
export interface Encoder {
  /** Names the vector space: vectors of encoders with different names must not be compared. */
  readonly name: string;
  /** Width of the vectors. */
  readonly dimensions: number;
  /**
   * Decodes and resizes one image to what the encoder computes with. Runs beside other work (the image library has its
   * own threads), so that many can be under way while {@link encode} computes. Also takes decoded pixels of any size (a
   * video's frame, a crop).
   * @throws ImageError when the image can't be decoded; errors of the file system as they are.
   */
  prepare(image: ImageSource | Pixels): Promise<Pixels>;
  /**
   * One vector per image, in their order.
   * @throws what {@link prepare} throws; Error when pixels are not of the size that the encoder takes, or after close.
   */
  encode(images: readonly EncoderInput[]): Promise<Matrix>;
  /** Frees the model. Calling it again does nothing. */
  close(): Promise<void>;
}
