import type { ImageSource, Pixels, ResizedPixels } from "@winnow/media";

/** What is seen at a place of an image. */
export interface Detection {
  /** Left, top, width, height in pixels of the image, upright, clipped to it. */
  readonly box: readonly [x: number, y: number, width: number, height: number];
  /** Index into {@link Detector.categories}. */
  readonly category: number;
  /** How sure the model is of that category, 0…1. */
  readonly score: number;
  /** One per category; their sum is 1, the category's own is the largest. */
  readonly probabilities: readonly number[];
}

/** Finds objects in images. The same image gives the same detections, alone or in a batch and on any number of threads. */
export interface Detector {
  readonly name: string;
  /** Names of what it may report, in the order of category ids. */
  readonly categories: readonly string[];
  /** Those of {@link categories} that this model can tell; the others never occur. */
  readonly known: readonly string[];
  /** Decodes and resizes one image, beside other work. Also takes decoded pixels (a video's frame). @throws ImageError; errors of the file system. */
  prepare(image: ImageSource | Pixels): Promise<ResizedPixels>;
  /** Per image what is in it, surest first. @throws what {@link prepare} throws; Error after close. */
  detect(images: readonly (ImageSource | ResizedPixels)[]): Promise<Detection[][]>;
  /** Frees the model. Calling it again does nothing. */
  close(): Promise<void>;
}
