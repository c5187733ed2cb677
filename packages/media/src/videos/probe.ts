import { DEFAULT_LIMITS, type ImageLimits } from "../limits.ts";
import type { BridgeOptions } from "./address-bridge.ts";
import { outputOf } from "./program-run.ts";
import { findVideoPrograms } from "./programs.ts";
import { VideoError } from "./video-error.ts";
import { openVideo, type VideoInput, type VideoSource } from "./video-input.ts";

/** What a video's container says about its picture; nothing is decoded but what is needed to know the size. */
export interface VideoDescription {
  /** Index of the video track among all; the first that isn't a cover picture. */
  readonly track: number;
  /** Names of the container as the decoder knows them, like `mov,mp4,m4a,3gp,3g2,mj2`. */
  readonly container: string;
  /** Like `h264`, `hevc`, `vp9`. */
  readonly codec: string;
  /** Size of its frames as they are shown: after turning. Pixels count as square. */
  readonly width: number;
  readonly height: number;
  /** By how many degrees the stored picture is turned clockwise to be upright: 0, 90, 180, 270. */
  readonly rotation: number;
  /** Seconds; undefined where the container doesn't say. */
  readonly duration: number | undefined;
  /** Frames as the container states them, which may be wrong; undefined where it doesn't. {@link countFrames} is right. */
  readonly declaredFrames: number | undefined;
  /** Mean frames per second; undefined where unknown. */
  readonly framesPerSecond: number | undefined;
  /** Seconds per unit of the frames' presentation times, as a fraction. */
  readonly timeBase: readonly [numerator: number, denominator: number];
}

export interface ProbeOptions extends BridgeOptions {
  readonly limits?: ImageLimits;
  readonly signal?: AbortSignal;
}

/**
 * Reads a video's description.
 * @throws VideoError when it is none or can't be read; MissingDecoderError without programs; the signal's reason.
 */
export async function probeVideo(source: VideoSource, options: ProbeOptions = {}): Promise<VideoDescription> {
  const input = await openVideo(source, options);
  try {
    return await probeInput(input, options);
  } finally {
    await input.close();
  }
}

const WANTED = [
  "format=format_name,duration",
  "stream=index,codec_type,codec_name,width,height,nb_frames,avg_frame_rate,r_frame_rate,time_base,duration",
  "stream_disposition=attached_pic",
  "stream_side_data=rotation",
  "stream_tags=rotate,NUMBER_OF_FRAMES,DURATION",
].join(":");

interface ProbedStream {
  readonly index: number;
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly width?: number;
  readonly height?: number;
  readonly nb_frames?: string;
  readonly avg_frame_rate?: string;
  readonly r_frame_rate?: string;
  readonly time_base?: string;
  readonly duration?: string;
  readonly disposition?: { readonly attached_pic?: number };
  readonly side_data_list?: readonly { readonly rotation?: number | string }[];
  readonly tags?: Readonly<Record<string, string>>;
}

/** {@link probeVideo} of a video that is open already. */
export async function probeInput(input: VideoInput, options: ProbeOptions): Promise<VideoDescription> {
  const { pixelsMax } = options.limits ?? DEFAULT_LIMITS;
  const { ffprobe } = await findVideoPrograms();
  const args = ["-v", "error", "-max_pixels", String(pixelsMax), "-show_entries", WANTED, "-of", "json", ...input.args];
  const { code, text, complaints } = await outputOf(ffprobe.path, args, options.signal);
  const problem = input.problem();
  if (problem !== undefined) throw problem;
  let answer: { readonly streams?: readonly ProbedStream[]; readonly format?: { readonly format_name?: string; readonly duration?: string } } = {};
  try {
    answer = JSON.parse(text) as typeof answer;
  } catch {
    // Ended before it wrote a whole answer.
  }
  if (complaints.some((line) => /picture size \S+ (exceeds|is invalid)/i.test(line))) throw tooLarge(pixelsMax);
  if (code !== 0 || answer.format?.format_name === undefined) throw explainUnreadable(complaints, await input.head());
  const stream = answer.streams?.find((one) => one.codec_type === "video" && one.disposition?.attached_pic !== 1);
  if (stream === undefined) throw new VideoError("no-picture", "the file has no video track");
  const [width, height] = [stream.width ?? 0, stream.height ?? 0];
  if (width < 1 || height < 1) throw new VideoError("damaged", "the video is damaged: nothing of its picture can be decoded");
  if (width * height > pixelsMax) throw tooLarge(pixelsMax);
  const rotation = rotationOf(stream);
  const upright = rotation % 180 === 0;
  return {
    track: stream.index,
    container: answer.format.format_name,
    codec: stream.codec_name ?? "unknown",
    width: upright ? width : height,
    height: upright ? height : width,
    rotation,
    duration: positive(stream.duration) ?? positive(answer.format.duration),
    declaredFrames: positive(stream.nb_frames) ?? positive(stream.tags?.NUMBER_OF_FRAMES),
    framesPerSecond: ratio(stream.avg_frame_rate) ?? ratio(stream.r_frame_rate),
    timeBase: timeBaseOf(stream.time_base),
  };
}

function tooLarge(pixelsMax: number): VideoError {
  return new VideoError("too-large", `the video's frames have more than the ${pixelsMax} pixels allowed`);
}

const UNSUPPORTED = "the file is not a video of a supported container (MP4, MOV, AVI, MPEG, WebM, HEVC)";

/**
 * Turns what the program says about a file that it can't open into a sentence. The program goes by the name's extension
 * where content tells nothing: whether it was a video at all, its first bytes say.
 */
function explainUnreadable(complaints: readonly string[], head: Uint8Array): VideoError {
  const at = (start: number, length: number) => Buffer.from(head).toString("latin1", start, start + length);
  const text = complaints.join("\n");
  if (/^(ftyp|moov|mdat|wide|free|skip|pnot)$/.test(at(4, 4))) {
    if (/moov atom not found/.test(text)) return new VideoError("damaged", "the video is cut short: the part that tells where its frames are (at the end of the file) is missing");
    return new VideoError("damaged", "the video is damaged: its description can't be read");
  }
  if ((at(0, 4) === "RIFF" && at(8, 3) === "AVI") || at(0, 4) === "\x1a\x45\xdf\xa3" || at(0, 3) === "\0\0\x01") {
    return new VideoError("damaged", "the video is damaged: its description can't be read");
  }
  return new VideoError("unsupported", UNSUPPORTED);
}

/** Display matrices count against the clock, the older tag with it. */
function rotationOf(stream: ProbedStream): number {
  const matrix = stream.side_data_list?.map(({ rotation }) => Number(rotation)).find(Number.isFinite);
  const degrees = matrix === undefined ? Number(stream.tags?.rotate ?? 0) : -matrix;
  const quarter = Math.round(degrees / 90) * 90;
  return Number.isFinite(quarter) ? ((quarter % 360) + 360) % 360 : 0;
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

function ratio(text: string | undefined): number | undefined {
  const [above, below] = (text ?? "").split("/").map(Number);
  return above! > 0 && below! > 0 ? above! / below! : undefined;
}

function timeBaseOf(text: string | undefined): [number, number] {
  const [above, below] = (text ?? "").split("/").map(Number);
  return Number.isInteger(above) && Number.isInteger(below) && above! > 0 && below! > 0 ? [above!, below!] : [1, 90_000];
}
