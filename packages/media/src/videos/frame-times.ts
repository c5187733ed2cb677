import type { Readable } from "node:stream";

export interface FrameTime {
  readonly pts: number;
  readonly seconds: number;
}

/** Times as they come, one per frame; undefined for a frame without one. */
export interface FrameTimes {
  /** The time of the i-th frame, as soon as it is known. To be asked in ascending order: those before are forgotten. */
  at(i: number): Promise<FrameTime | undefined>;
  /** All that is still to come, at the end. */
  all(): Promise<(FrameTime | undefined)[]>;
}

/** What the program writes where a frame has no time. */
const NO_TIME = -(2 ** 63);

/**
 * Reads the lines that ffmpeg's `framecrc` writes: comments with the time base (`#tb 0: 1/90000`), then per frame stream,
 * decoding time, presentation time, duration, size and checksum.
 */
export function frameTimes(lines: Readable): FrameTimes {
  let rest = "";
  let scale = 0;
  let first = 0; // index of what `known` begins with
  let known: (FrameTime | undefined)[] = [];
  let over = false;
  let wake: (() => void) | undefined;
  const read = (line: string) => {
    if (line.startsWith("#")) {
      const base = /^#tb 0: (\d+)\/(\d+)/.exec(line);
      if (base !== null) scale = Number(base[1]) / Number(base[2]);
      return;
    }
    const pts = Number(line.split(",")[2]);
    known.push(Number.isFinite(pts) && pts > NO_TIME ? { pts, seconds: pts * scale } : undefined);
  };
  lines.setEncoding("utf8");
  lines.on("data", (chunk: string) => {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop()!;
    for (const part of parts) if (part !== "") read(part);
    wake?.();
  });
  const end = () => {
    over = true;
    wake?.();
  };
  lines.once("close", end).once("end", end).once("error", end);
  const more = () => new Promise<void>((resolve) => (wake = resolve));
  return {
    at: async (i) => {
      while (first + known.length <= i && !over) await more();
      const time = known[i - first];
      if (i - first > 1024) {
        known = known.slice(i - first);
        first = i;
      }
      return time;
    },
    all: async () => {
      while (!over) await more();
      return known;
    },
  };
}
