import { createHash } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { MissingDecoderError, VideoError, type VideoFrame, corruptionScore, encodePng, frameName, indexFrames, probeVideo, readFrames } from "@winnow/media";
import { FileUnreadable, type SourceFiles } from "../files/source-files.ts";
import { type RunContext, RunFailure } from "../run/context.ts";
import type { Frame, FramesOf } from "./reading.ts";
import type { Item } from "./item.ts";

export interface VideoOptions {
  readonly context: RunContext;
  readonly files: SourceFiles;
  /** Trust the number of frames that a container states. */
  readonly trustsFrameCount: boolean;
  /** Bytes of videos kept on the disk for when they are needed again. */
  readonly cacheSize: number;
}

/** The videos of a run: fetched to the disk one at a time, since decoders seek, and kept there as far as the cache allows. */
export class Videos {
  readonly #options: VideoOptions;
  readonly #kept = new Map<string, { readonly path: string; readonly size: number }>();
  #next = 0;

  constructor(options: VideoOptions) {
    this.#options = options;
  }

  /** The frames of a video in order. @throws VideoError for one that can't be decoded; RunFailure without a decoder */
  readonly frames: FramesOf = (video) => this.#frames(video);

  async *#frames(video: string): AsyncGenerator<Frame, { frames: number; seconds: number; reason?: string }, undefined> {
    const { signal } = this.#options.context;
    const path = await this.#fetch(video);
    try {
      const description = await probeVideo(path, { signal });
      const { declaredFrames } = description;
      const count = this.#options.trustsFrameCount && declaredFrames !== undefined ? declaredFrames : (await indexFrames(path, { signal, description })).frames;
      let reason: string | undefined;
      let given = 0;
      let seconds = 0;
      for await (const frame of readFrames(path, { signal, description, onEnd: (end) => ({ reason } = end) })) {
        // A container that states too few frames is not to be trusted; names would clash.
        if (frame.index >= count) {
          reason = `its container states ${count} frames, but there are more; they were left out`;
          break;
        }
        given++;
        ({ seconds } = frame);
        yield frameOf(video, frame, count);
      }
      return { frames: given, seconds, ...(reason === undefined ? {} : { reason }) };
    } catch (error) {
      throw explained(error);
    } finally {
      await this.#release(video, path);
    }
  }

  /** Some frames of one video as PNG files, in ascending order of their indices. */
  async *pictures(video: string, items: readonly Item[], indexOf: (item: Item) => number): AsyncGenerator<{ readonly items: readonly Item[]; readonly bytes: Uint8Array }, void, undefined> {
    const { signal } = this.#options.context;
    const byIndex = new Map<number, Item[]>();
    for (const item of items) {
      const index = indexOf(item);
      const group = byIndex.get(index);
      if (group === undefined) byIndex.set(index, [item]);
      else group.push(item);
    }
    const path = await this.#fetch(video);
    try {
      for await (const frame of readFrames(path, { signal, frames: [...byIndex.keys()].sort((a, b) => a - b) })) {
        yield { items: byIndex.get(frame.index)!, bytes: await encodePng(frame) };
      }
    } catch (error) {
      throw explained(error);
    } finally {
      await this.#release(video, path);
    }
  }

  async #fetch(video: string): Promise<string> {
    const kept = this.#kept.get(video);
    if (kept !== undefined) return kept.path;
    const path = join(this.#options.context.folder, `video-${this.#next++}`);
    try {
      await this.#options.files.download(video, path);
    } catch (error) {
      await rm(path, { force: true });
      if (error instanceof FileUnreadable) throw new VideoError("unreachable", error.message);
      throw error;
    }
    return path;
  }

  async #release(video: string, path: string): Promise<void> {
    if (this.#kept.has(video)) return;
    const { size } = await stat(path).catch(() => ({ size: Infinity }));
    const used = [...this.#kept.values()].reduce((sum, one) => sum + one.size, 0);
    if (used + size <= this.#options.cacheSize) this.#kept.set(video, { path, size });
    else await rm(path, { force: true });
  }

  async close(): Promise<void> {
    for (const { path } of this.#kept.values()) await rm(path, { force: true });
    this.#kept.clear();
  }
}

function frameOf(video: string, frame: VideoFrame, count: number): Frame {
  const { width, height, data, index, seconds, pts } = frame;
  return {
    fileName: frameName(video, index, count),
    video,
    index,
    seconds,
    pts,
    corruption: corruptionScore(frame),
    // The simplest image file there is: decoders of the encoder take bytes of files.
    bytes: () => Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), data]),
    hash: () => createHash("sha256").update(`${width} ${height} `).update(data).digest("base64"),
  };
}

function explained(error: unknown): unknown {
  return error instanceof MissingDecoderError ? new RunFailure(`There are videos in the datasource, but this worker can't decode them: ${error.message}`, { cause: error }) : error;
}
