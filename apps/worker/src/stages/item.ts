/** What can be selected: an image, a frame of a video, or an object cut out of either. */
export interface Item {
  /** Name as a sample. */
  readonly fileName: string;
  readonly frame?: FramePlace;
  readonly crop?: CropPlace;
}

/** Where a frame is. */
export interface FramePlace {
  readonly video: string;
  readonly index: number;
  /** Seconds from the beginning of the video. */
  readonly seconds: number;
  /** Presentation time in units of the video. */
  readonly pts: number;
}

/** What a crop was cut out of. */
export interface CropPlace {
  /** Name of the image or frame. */
  readonly parent: string;
  readonly parentFrame?: FramePlace;
  readonly task: string;
  /** Place among the predictions of its image. */
  readonly index: number;
  readonly categoryId: number;
  readonly score: number;
  readonly probabilities?: readonly number[];
  /** x, y, width, height in pixels. */
  readonly box: readonly [number, number, number, number];
}

/** A file that was left out, and why. */
export interface LeftOut {
  readonly fileName: string;
  readonly reason: string;
}

/** An item left out since it equals an earlier one. */
export interface Duplicate {
  readonly fileName: string;
  readonly keptFileName: string;
}
