import type { Readable } from "node:stream";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { Pixels } from "../pixels.ts";
import { type FrameChoice, framePasses } from "./frame-choice.ts";
import { frameTimes } from "./frame-times.ts";
import { probeInput, type ProbeOptions, type VideoDescription } from "./probe.ts";
import { type ProgramRun, runProgram } from "./program-run.ts";
import { findVideoPrograms } from "./programs.ts";
import { VideoError } from "./video-error.ts";
import { openVideo, type VideoInput, type VideoSource } from "./video-input.ts";

/** One decoded frame. */
export interface VideoFrame extends Pixels {
  /** Its place among all frames that the video decodes to, from 0. */
  readonly index: number;
  /** Presentation time in units of the track's time base, as the container has it. */
  readonly pts: number;
  /** The same in seconds. Not always from 0: some containers begin later. */
  readonly seconds: number;
}

/** How reading ended. */
export interface VideoEnd {
  /** How many frames were given. */
  readonly frames: number;
  /** Why the video is not sound, in a sentence for people; absent when nothing was found wrong with what was read. */
  readonly reason?: string;
}

export interface VideoReadOptions extends ProbeOptions {
  /** As {@link probeVideo} gave it for the same video; read again when left out. */
  readonly description?: VideoDescription;
  /** Threads to decode with; the decoder's own choice by default. Does not change frames. */
  readonly threads?: number;
  /** How long the decoder may take for the next frame before it is given up, in milliseconds; 120,000 by default. */
  readonly stalledMs?: number;
}

export interface FrameOptions extends VideoReadOptions {
  /** Which frames; all by default. Frames left out are decoded (others need them), but neither converted nor handed over. */
  readonly frames?: FrameChoice;
  /** Size to scale frames to, stretching where the shape differs; their own by default. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Told how reading ended, before the generator returns the same: `for await` loops don't see what a generator returns. */
  readonly onEnd?: (end: VideoEnd) => void;
}

/**
 * The frames of a video in order, as RGB pixels, upright. Counted as they come out of the decoder from the video's start, so
 * that an index means the same frame every time. One frame is in memory here; the decoder waits when nobody takes the next.
 * Leaving the loop early, or the signal, ends the decoder. A video that is cut short or damaged gives the frames that
 * decode, then an end with a reason.
 * @throws VideoError when nothing can be decoded; MissingDecoderError without programs; the signal's reason.
 */
export async function* readFrames(source: VideoSource, options: FrameOptions = {}): AsyncGenerator<VideoFrame, VideoEnd, undefined> {
  const passes = framePasses(options.frames ?? {});
  const input = await openVideo(source, options);
  try {
    const description = options.description ?? (await probeInput(input, options));
    const size = options.size ?? description;
    checkSize(size, options);
    let given = 0;
    let end: VideoEnd = { frames: 0 };
    for (const pass of passes) {
      if (pass.countMax === 0) continue;
      let inPass = 0;
      const run = await startDecoder(input, description, options, { select: pass.expression, countMax: pass.countMax, size });
      const times = frameTimes(run.second);
      try {
        for await (const data of cutFrames(run, size.width * size.height * 3, options)) {
          const time = await times.at(inPass);
          const index = pass.indexOf(inPass++);
          given++;
          yield { index, ...timeOf(time, index, description), width: size.width, height: size.height, data };
        }
        end = await endOf(run, input, description, options, { frames: inPass, toTheEnd: inPass < pass.countMax, all: pass.expression === undefined });
      } finally {
        await run.dispose();
      }
      if (inPass < pass.countMax) break; // the video is over
    }
    const whole: VideoEnd = { ...end, frames: given };
    options.onEnd?.(whole);
    return whole;
  } finally {
    await input.close();
  }
}

/** All that decoding a video once tells without looking at its pictures. */
export interface VideoIndex extends VideoEnd {
  /** Presentation time of each frame in seconds, by index. */
  readonly seconds: Float64Array;
  /** The same in units of the track's time base. */
  readonly pts: Float64Array;
}

/**
 * Counts a video's frames by decoding it: the count is exactly the number of frames that {@link readFrames} gives.
 * @throws as {@link readFrames}.
 */
export async function indexFrames(source: VideoSource, options: VideoReadOptions = {}): Promise<VideoIndex> {
  const input = await openVideo(source, options);
  try {
    const description = options.description ?? (await probeInput(input, options));
    const run = await startDecoder(input, description, options, undefined);
    try {
      run.stdout.resume();
      const times = await guarded(frameTimes(run.second).all(), run, options);
      const { frames, reason } = await endOf(run, input, description, options, { frames: times.length, toTheEnd: true, all: true });
      const seconds = new Float64Array(times.length);
      const pts = new Float64Array(times.length);
      for (const [index, time] of times.entries()) ({ seconds: seconds[index], pts: pts[index] } = timeOf(time, index, description));
      return { frames, ...(reason === undefined ? {} : { reason }), seconds, pts };
    } finally {
      await run.dispose();
    }
  } finally {
    await input.close();
  }
}

function checkSize({ width, height }: { readonly width: number; readonly height: number }, options: FrameOptions): void {
  const { pixelsMax } = options.limits ?? DEFAULT_LIMITS;
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) throw new RangeError(`frames can't be ${width} × ${height} pixels`);
  if (width * height > pixelsMax) throw new VideoError("too-large", `frames of ${width} × ${height} have more than the ${pixelsMax} pixels allowed`);
}

interface Pictures {
  readonly select: string | undefined;
  readonly countMax: number;
  readonly size: { readonly width: number; readonly height: number };
}

/**
 * Starts the decoder: raw pictures to the first pipe, a line of times per frame to the second. Both come from one decoded
 * frame, so that they can't get out of step. Without pictures, only the times.
 */
async function startDecoder(input: VideoInput, description: VideoDescription, options: VideoReadOptions, pictures: Pictures | undefined): Promise<ProgramRun> {
  const { ffmpeg } = await findVideoPrograms();
  const { pixelsMax } = options.limits ?? DEFAULT_LIMITS;
  // Every frame as it is: none repeated or left out to make the rate even.
  const everyFrame = ffmpeg.release >= 5.01 ? ["-fps_mode", "passthrough"] : ["-vsync", "passthrough"];
  const output = [...everyFrame, "-enc_time_base", description.timeBase.join("/")];
  if (pictures !== undefined && pictures.countMax !== Infinity) output.push("-frames:v", String(pictures.countMax));
  const times = [...output, "-flush_packets", "1", "-f", "framecrc", "pipe:3"];
  const corner = "crop=min(2\\,iw):min(2\\,ih):0:0[times]";
  const graph =
    pictures === undefined
      ? `[0:${description.track}]${corner}`
      : `[0:${description.track}]${pictures.select === undefined ? "" : `select='${pictures.select}',`}split[small][full];[small]${corner};[full]${scaling(pictures.size, description)}[pictures]`;
  const args = [
    "-nostdin", "-hide_banner", "-v", "error",
    // A stream may change its size in the middle: the counting filter must not begin anew, and the scaling one copes.
    "-reinit_filter", "0",
    "-max_pixels", String(pixelsMax),
    ...(options.threads === undefined ? [] : ["-threads", String(options.threads)]),
    "-copyts",
    ...input.args,
    "-filter_complex", graph,
    "-map", "[times]", ...times,
    ...(pictures === undefined ? [] : ["-map", "[pictures]", ...output, "-c:v", "rawvideo", "-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1"]),
  ];
  return runProgram(ffmpeg.path, args, options.signal);
}

/** Area-weighted where the picture gets smaller, as models are trained. */
function scaling(size: { readonly width: number; readonly height: number }, from: VideoDescription): string {
  const smaller = size.width < from.width || size.height < from.height;
  return `scale=${size.width}:${size.height}:flags=${smaller ? "area" : "bicubic"}`;
}

/** Cuts the program's output into frames. A last piece that isn't a whole frame is left out. */
async function* cutFrames(run: ProgramRun, sizeBytes: number, options: VideoReadOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = (run.stdout as Readable)[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let frame = new Uint8Array(sizeBytes);
  let filled = 0;
  for (;;) {
    const { done, value } = await guarded(chunks.next(), run, options);
    options.signal?.throwIfAborted();
    if (done === true) return;
    for (let at = 0; at < value.length; ) {
      const taken = Math.min(value.length - at, sizeBytes - filled);
      frame.set(value.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled === sizeBytes) {
        yield frame;
        frame = new Uint8Array(sizeBytes);
        filled = 0;
      }
    }
  }
}

/** Waits for the decoder, but not forever: content made for it may keep it busy without end. */
async function guarded<T>(waited: Promise<T>, run: ProgramRun, options: VideoReadOptions): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      run.kill();
      reject(new VideoError("damaged", "the video is damaged: decoding it came to a standstill"));
    }, options.stalledMs ?? 120_000);
  });
  try {
    return await Promise.race([waited, late]);
  } finally {
    clearTimeout(timer);
  }
}

function timeOf(time: { readonly pts: number; readonly seconds: number } | undefined, index: number, description: VideoDescription): { pts: number; seconds: number } {
  if (time !== undefined) return { pts: time.pts, seconds: time.seconds };
  // Elementary streams need not have times: the rate tells.
  const seconds = index / (description.framesPerSecond ?? 25);
  return { pts: Math.round((seconds * description.timeBase[1]) / description.timeBase[0]), seconds };
}

/** What `toTheEnd` and `all` say: whether the decoder came to the end of the video, and whether frames were left out. */
interface Seen {
  readonly frames: number;
  readonly toTheEnd: boolean;
  readonly all: boolean;
}

async function endOf(run: ProgramRun, input: VideoInput, description: VideoDescription, options: VideoReadOptions, { frames, toTheEnd, all }: Seen): Promise<VideoEnd> {
  const code = await run.ended;
  options.signal?.throwIfAborted();
  const problem = input.problem();
  // Complaints about times concern our own output, not the video.
  const complaints = run.complaints().filter((line) => !/non[- ]monoton|Output file is empty|^\s*Last message repeated|nothing was encoded/i.test(line));
  if (frames === 0 && all) {
    if (problem !== undefined) throw problem;
    throw new VideoError("damaged", "the video is damaged: none of its frames can be decoded");
  }
  if (problem !== undefined) return { frames, reason: `after ${count(frames)}, ${problem.message}` };
  const declared = description.declaredFrames;
  const short = toTheEnd && all && declared !== undefined && frames < declared;
  // MP4 files may leave out frames on purpose; where nothing else is wrong, only AVI's count is to be believed.
  if (short && (complaints.length > 0 || description.container === "avi")) return { frames, reason: `the video is cut short or damaged: ${frames} of ${count(declared)} can be decoded` };
  if (complaints.length > 0 || code !== 0) return { frames, reason: `the video is damaged or cut short: ${count(frames)} can be decoded, not all of them whole` };
  return { frames };
}

function count(frames: number): string {
  return `${frames} frame${frames === 1 ? "" : "s"}`;
}
