/** The shortest that a frame is taken for, in seconds: 120 frames a second. */
const shortest = 1 / 120;
/** Times that differ by less are those of the same frame, in seconds. */
const same = 1e-4;
/** How many times the page is drawn, once a place was found, until its picture would have been told of. */
const drawings = 6;

/**
 * Goes from frame to frame of a video. Browsers go to times and don't tell how long a frame lasts, so that is learned from
 * the frames that are shown.
 */
export class FrameSteps {
  #seconds = shortest;
  /** When the frame begins that was gone to last, and where the video stood then. */
  #last: { readonly begins: number; readonly place: number } | undefined;
  #going = false;

  constructor(readonly video: HTMLVideoElement) {}

  /** Shows the next frame, or the one before. @returns when it begins, in seconds; undefined: there is none, or another step is under way */
  async step(direction: 1 | -1): Promise<number | undefined> {
    if (this.#going) return undefined;
    this.#going = true;
    try {
      this.video.pause();
      const from = this.#last?.place === this.video.currentTime ? this.#last.begins : await this.#shownAt(this.video.currentTime, this.video.currentTime);
      for (let seconds = this.#seconds; ; seconds *= 2) {
        // Into the middle of the frame beside this one, should frames last so long.
        const wanted = from + (direction > 0 ? 1.5 : -0.5) * seconds;
        const shown = await this.#shownAt(Math.min(Math.max(0, wanted), this.video.duration), from);
        if (Math.abs(shown - from) > same) {
          this.#last = { begins: shown, place: this.video.currentTime };
          this.#seconds = Math.abs(shown - from);
          return shown;
        }
        if (!(wanted > 0 && wanted < this.video.duration)) return undefined;
      }
    } finally {
      this.#going = false;
    }
  }

  /** Goes to a time. @param known when the frame begins that is shown before @returns when the frame begins that is shown there */
  #shownAt(seconds: number, known: number): Promise<number> {
    const { video } = this;
    return new Promise((resolve) => {
      let drawing = 0;
      const end = (shown: number) => {
        cancelAnimationFrame(drawing);
        video.removeEventListener("seeked", onSeeked);
        video.cancelVideoFrameCallback(handle);
        resolve(shown);
      };
      // Browsers don't tell of a picture that was there already. Counted in drawings, because those wait for the machine too.
      const wait = (left: number) => {
        drawing = requestAnimationFrame(() => (left === 0 ? end(known) : wait(left - 1)));
      };
      const onSeeked = () => wait(drawings);
      const handle = video.requestVideoFrameCallback((_, { mediaTime }) => end(mediaTime));
      video.addEventListener("seeked", onSeeked, { once: true });
      video.currentTime = seconds;
    });
  }
}
