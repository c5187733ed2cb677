/** The shortest that a frame is taken for, in seconds: 120 frames a second. */
const shortest = 1 / 120;
/** Times that differ by less are those of the same frame, in seconds. */
const same = 1e-4;
/** How long to wait for the picture of a place; a video without pictures has none. */
const patienceMs = 1_000;

/**
 * Goes from frame to frame of a video. Browsers go to times and don't tell how long a frame lasts, so that is learned from
 * the frames that are shown.
 */
export class FrameSteps {
  #seconds = shortest;
  /** When the frame that is shown begins. */
  #at: number | undefined;
  #going = false;

  constructor(readonly video: HTMLVideoElement) {}

  /** Shows the next frame, or the one before. @returns when it begins, in seconds; undefined: there is none, or another step is under way */
  async step(direction: 1 | -1): Promise<number | undefined> {
    if (this.#going) return undefined;
    this.#going = true;
    try {
      this.video.pause();
      const from = await this.#shownAt(this.video.currentTime);
      this.#at = from;
      for (let seconds = this.#seconds; ; seconds *= 2) {
        // Into the middle of the frame beside this one, should frames last so long.
        const wanted = from + (direction > 0 ? 1.5 : -0.5) * seconds;
        const shown = await this.#shownAt(Math.min(Math.max(0, wanted), this.video.duration));
        if (Math.abs(shown - from) > same) {
          this.#at = shown;
          this.#seconds = Math.abs(shown - from);
          return shown;
        }
        if (!(wanted > 0 && wanted < this.video.duration)) return undefined;
      }
    } finally {
      this.#going = false;
    }
  }

  /** Goes to a time. @returns when the frame begins that is shown there */
  #shownAt(seconds: number): Promise<number> {
    const { video } = this;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        video.cancelVideoFrameCallback(handle);
        resolve(this.#at ?? seconds);
      }, patienceMs);
      const handle = video.requestVideoFrameCallback((_, { mediaTime }) => {
        clearTimeout(timer);
        resolve(mediaTime);
      });
      video.currentTime = seconds;
    });
  }
}
