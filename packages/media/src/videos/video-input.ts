import { open, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type AddressBridge, bridgeAddress, type BridgeOptions } from "./address-bridge.ts";
import { VideoError } from "./video-error.ts";

/** A video: a file of this machine by its path, or an http(s) address. */
export type VideoSource = string | URL;

export interface VideoInput {
  /** Arguments that open it, ending with `-i` and the name. The same for ffprobe and ffmpeg. */
  readonly args: readonly string[];
  /** Its first bytes, 16 at most. */
  head(): Promise<Uint8Array>;
  /** What went wrong on the way to the bytes, once something has. */
  problem(): VideoError | undefined;
  close(): Promise<void>;
}

/**
 * The containers that may be opened, by the programs' names. What is missing matters: play lists (hls, dash, concat) and
 * numbered images refer to other files and addresses, and a video from outside must not make us read those. References
 * inside MP4 files are off in the programs themselves.
 */
const CONTAINERS = "mov,mp4,avi,mpeg,mpegts,mpegvideo,hevc,h264,m4v,matroska,webm";

/**
 * Opens a video for the programs: with the few protocols and containers that a video needs, and nothing else.
 * Close it when the program has ended.
 * @throws VideoError `empty`, `unreachable`.
 */
export async function openVideo(source: VideoSource, options: BridgeOptions = {}): Promise<VideoInput> {
  if (source instanceof URL) {
    if (source.protocol !== "http:" && source.protocol !== "https:") throw new VideoError("unreachable", `a video's address begins with http: or https:, not with ${source.protocol}`);
    const bridge: AddressBridge = await bridgeAddress(source, options);
    const head = async () => new Uint8Array(await (await fetch(bridge.address, { headers: { Range: "bytes=0-15" } })).arrayBuffer()).subarray(0, 16);
    return { args: input("http,tcp", bridge.address), head, problem: bridge.problem, close: bridge.close };
  }
  const found = await stat(source).catch((cause: unknown) => {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new VideoError("unreachable", code === "ENOENT" ? "there is no such file" : `the file can't be read: ${code ?? String(cause)}`, { cause });
  });
  if (!found.isFile()) throw new VideoError("unreachable", "it is not a file");
  if (found.size === 0) throw new VideoError("empty", "the file is empty");
  // With its protocol before it, a name is never taken for an option, an address or a pattern.
  return { args: input("file", `file:${resolve(source)}`), head: () => firstBytes(source), problem: () => undefined, close: async () => undefined };
}

function input(protocols: string, name: string): string[] {
  return ["-protocol_whitelist", protocols, "-format_whitelist", CONTAINERS, "-i", name];
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(16), 0, 16, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
