import { once } from "node:events";
import { spawn } from "node:child_process";
import type { Pixels } from "../pixels.ts";
import { findVideoPrograms, programEnvironment } from "./programs.ts";

export interface DrawnVideo {
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  /** 25 by default. */
  readonly framesPerSecond?: number;
  /** Encoder and its settings; the container's usual one by default, as it is in ffmpeg. */
  readonly encoding?: readonly string[];
  /** The pixels of a frame; {@link numberedFrame} by default. */
  readonly draw?: (index: number) => Pixels;
}

/**
 * Writes a video, frame by frame: for tests and for examples. The container follows from the path's extension.
 * @throws Error with what the encoder complains about; MissingDecoderError.
 */
export async function drawVideo(path: string, video: DrawnVideo): Promise<void> {
  const { ffmpeg } = await findVideoPrograms();
  const { width, height, frames } = video;
  const draw = video.draw ?? ((index: number) => numberedFrame(index, width, height));
  const args = ["-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", `${width}x${height}`, "-r", String(video.framesPerSecond ?? 25), "-i", "pipe:0", ...(video.encoding ?? []), `file:${path}`];
  const child = spawn(ffmpeg.path, args, { stdio: ["pipe", "ignore", "pipe"], env: programEnvironment() });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
  const closed = once(child, "close") as Promise<[number | null]>;
  child.stdin.on("error", () => undefined); // an encoder that refuses closes its input; its complaint says why
  for (let index = 0; index < frames && child.exitCode === null && !child.stdin.destroyed; index++) {
    if (!child.stdin.write(draw(index).data)) await Promise.race([once(child.stdin, "drain").catch(() => undefined), closed]);
  }
  child.stdin.end();
  const [code] = await closed;
  if (code !== 0) throw new Error(`the video can't be written: ${complaints.trim()}`);
}

/** How many bits of its number a drawn frame shows. */
const BITS = 16;

/**
 * A picture that shows a number so that lossy coding can't hide it: a row of black and white blocks below, the lowest bit at
 * the left, under a pattern that moves and changes colour.
 */
export function numberedFrame(index: number, width: number, height: number): Pixels {
  const data = new Uint8Array(width * height * 3);
  const band = Math.floor(height * 0.7);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      if (y >= band) {
        const bit = Math.floor((x * BITS) / width);
        data.fill((index >> bit) & 1 ? 235 : 20, at, at + 3);
      } else {
        data[at] = 40 + ((x * 2 + index * 5) % 160);
        data[at + 1] = 40 + ((y * 3 + x + index * 3) % 160);
        data[at + 2] = 40 + (((x * y) / 16 + index * 7) % 160);
      }
    }
  }
  return { width, height, data };
}

/** Reads the number that {@link numberedFrame} has drawn, at any size that the frame was scaled to. */
export function readNumber({ width, height, data }: Pixels): number {
  const y = Math.floor(height * 0.85);
  let number = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const x = Math.floor(((bit + 0.5) * width) / BITS);
    if (data[(y * width + x) * 3]! > 128) number |= 1 << bit;
  }
  return number;
}
