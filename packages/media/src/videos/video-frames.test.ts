// Videos are drawn here: every frame shows its number, so that what comes back can be told from its neighbours.
import { execFileSync } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { corruptionScore } from "./corruption.ts";
import { drawVideo, numberedFrame, readNumber } from "./draw-video.ts";
import { probeVideo } from "./probe.ts";
import { findProgram, findVideoPrograms } from "./programs.ts";
import { type FrameOptions, indexFrames, readFrames, type VideoEnd, type VideoFrame } from "./video-frames.ts";
import type { VideoSource } from "./video-input.ts";

let folder: string;
/** The encoder that is at hand, for what drawing alone can't make. */
let program: string;
const ffmpeg = (...args: string[]) => execFileSync(program, args, { encoding: "utf8" });
beforeAll(async () => {
  program = (await findVideoPrograms()).ffmpeg.path;
  folder = await mkdtemp(join(tmpdir(), "winnow-videos-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const path = (name: string) => join(folder, name);

async function all(source: VideoSource, options: FrameOptions = {}): Promise<{ frames: VideoFrame[]; end: VideoEnd }> {
  const frames: VideoFrame[] = [];
  const generator = readFrames(source, options);
  for (;;) {
    const next = await generator.next();
    if (next.done === true) return { frames, end: next.value };
    frames.push(next.value);
  }
}

const numbers = (frames: readonly VideoFrame[]) => frames.map(readNumber);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
const encoders = () => ffmpeg("-hide_banner", "-encoders");

const KINDS: readonly (readonly [extension: string, encoder: string, settings?: readonly string[]])[] = [
  ["mp4", "libx264", ["-pix_fmt", "yuv420p", "-bf", "3"]],
  ["mp4", "libx265", ["-x265-params", "log-level=error"]],
  ["mp4", "mpeg4", ["-q:v", "3"]],
  ["mp4", "libaom-av1", ["-cpu-used", "8", "-strict", "experimental"]],
  ["mov", "libx264", ["-pix_fmt", "yuv420p"]],
  ["mov", "prores"],
  ["mov", "mjpeg", ["-q:v", "3"]],
  ["m4v", "libx264", ["-pix_fmt", "yuv420p", "-f", "mp4"]],
  ["avi", "mpeg4", ["-q:v", "3"]],
  ["avi", "mjpeg", ["-q:v", "3"]],
  ["avi", "rawvideo"],
  ["avi", "ffv1"],
  ["mpg", "mpeg1video", ["-q:v", "3"]],
  ["mpeg", "mpeg2video", ["-q:v", "3"]],
  ["webm", "libvpx", ["-b:v", "1M"]],
  ["webm", "libvpx-vp9", ["-b:v", "1M", "-cpu-used", "8"]],
  ["hevc", "libx265", ["-x265-params", "log-level=error"]],
];

describe("readFrames", () => {
  for (const [extension, encoder, settings = []] of KINDS) {
    it(`gives every frame of ${encoder} in .${extension} once, in order, with its time`, async ({ skip }) => {
      if (!encoders().includes(` ${encoder} `)) skip(`this ffmpeg has no ${encoder}`);
      const file = path(`${encoder}.${extension}`);
      await drawVideo(file, { frames: 30, width: 160, height: 120, encoding: ["-c:v", encoder, ...settings] });
      const description = await probeVideo(file);
      expect([description.width, description.height, description.rotation]).toEqual([160, 120, 0]);
      const { frames, end } = await all(file);
      expect(numbers(frames)).toEqual(upTo(30));
      expect(frames.map(({ index }) => index)).toEqual(upTo(30));
      expect(end).toEqual({ frames: 30 });
      for (const [i, frame] of frames.entries()) {
        expect(frame.seconds - frames[0]!.seconds).toBeCloseTo(i / 25, 3);
        expect(frame.data.length).toBe(160 * 120 * 3);
      }
      const index = await indexFrames(file);
      expect([index.frames, index.reason]).toEqual([30, undefined]);
      expect([...index.pts]).toEqual(frames.map(({ pts }) => pts));
      const picked = await all(file, { frames: [0, 3, 4, 5, 17, 29, 40], size: { width: 64, height: 48 } });
      expect(numbers(picked.frames)).toEqual([0, 3, 4, 5, 17, 29]);
      expect(picked.frames.map(({ index: at, pts }) => [at, pts])).toEqual([0, 3, 4, 5, 17, 29].map((at) => [at, index.pts[at]]));
    });
  }

  it("keeps pictures as they were, up to what coding takes", async () => {
    await drawVideo(path("exact.avi"), { frames: 3, width: 66, height: 50, encoding: ["-c:v", "ffv1", "-pix_fmt", "bgr0"] });
    const { frames } = await all(path("exact.avi"));
    for (const [i, frame] of frames.entries()) expect(Buffer.from(frame.data).equals(Buffer.from(numberedFrame(i, 66, 50).data))).toBe(true);
  });

  it("takes odd sizes and very small ones", async () => {
    await drawVideo(path("odd.mp4"), { frames: 5, width: 161, height: 121, encoding: ["-c:v", "libx264", "-pix_fmt", "yuv444p"] });
    const odd = await all(path("odd.mp4"));
    expect(odd.frames.map(({ width, height, data }) => [width, height, data.length])).toEqual(upTo(5).map(() => [161, 121, 161 * 121 * 3]));
    await drawVideo(path("pixel.avi"), { frames: 3, width: 1, height: 1, encoding: ["-c:v", "rawvideo", "-pix_fmt", "bgr24"], draw: (i) => ({ width: 1, height: 1, data: Uint8Array.of(i * 50, 10, 20) }) });
    const pixel = await all(path("pixel.avi"));
    expect(pixel.frames.map(({ data }) => [...data])).toEqual([[0, 10, 20], [50, 10, 20], [100, 10, 20]]);
  });

  it("turns frames upright", async () => {
    await drawVideo(path("lying.mp4"), { frames: 4, width: 160, height: 120, encoding: ["-c:v", "libx264", "-pix_fmt", "yuv420p"] });
    // ffmpeg's own way to mark a video as turned, without coding it again.
    ffmpeg("-v", "error", "-y", "-i", path("lying.mp4"), "-c", "copy", "-metadata:s:v:0", "rotate=270", path("turned.mp4"));
    const description = await probeVideo(path("turned.mp4"));
    expect([description.width, description.height]).toEqual([120, 160]);
    const straight = (await all(path("lying.mp4"))).frames;
    const turned = (await all(path("turned.mp4"))).frames;
    expect(turned.map(({ width, height }) => [width, height])).toEqual(upTo(4).map(() => [120, 160]));
    const raw = { width: 160, height: 120, channels: 3 } as const;
    const expected = await sharp(straight[2]!.data, { raw }).rotate(description.rotation).raw().toBuffer();
    const difference = expected.reduce((sum, value, i) => sum + Math.abs(value - turned[2]!.data[i]!), 0) / expected.length;
    expect(description.rotation === 90 || description.rotation === 270).toBe(true);
    expect(difference).toBeLessThan(3);
  });

  it("keeps a variable rate: no frame repeated, none left out, each with its own time", async () => {
    await drawVideo(path("even.mp4"), { frames: 40, width: 160, height: 120, encoding: ["-c:v", "libx264", "-pix_fmt", "yuv420p"] });
    const kept = upTo(40).filter((i) => i < 10 || i % 7 === 0 || i > 35);
    ffmpeg("-v", "error", "-y", "-i", path("even.mp4"), "-vf", `select='${kept.map((i) => `eq(n,${i})`).join("+")}'`, "-vsync", "vfr", "-c:v", "libx264", path("uneven.mp4"));
    const { frames, end } = await all(path("uneven.mp4"));
    expect(numbers(frames)).toEqual(kept);
    expect(frames.map(({ seconds }) => Math.round(seconds * 25))).toEqual(kept);
    expect(end.reason).toBeUndefined();
  });

  it("counts on when the picture changes its size in the middle", async () => {
    const encoding = ["-c:v", "libx265", "-x265-params", "log-level=error:repeat-headers=1", "-bf", "0"];
    for (const [i, width] of [160, 240].entries()) await drawVideo(path(`part${i}.hevc`), { frames: 12, width, height: 128, encoding, draw: (n) => numberedFrame(i * 12 + n, width, 128) });
    await writeFile(path("changing.hevc"), Buffer.concat([await readFile(path("part0.hevc")), await readFile(path("part1.hevc"))]));
    const { frames } = await all(path("changing.hevc"));
    expect(numbers(frames)).toEqual(upTo(24));
    expect(new Set(frames.map(({ data }) => data.length))).toEqual(new Set([160 * 128 * 3]));
    expect(numbers((await all(path("changing.hevc"), { frames: [2, 13, 20] })).frames)).toEqual([2, 13, 20]);
  });

  it("starts where it is told, steps and ends", async () => {
    await drawVideo(path("steps.mp4"), { frames: 50, width: 160, height: 120, encoding: ["-c:v", "libx264", "-pix_fmt", "yuv420p"] });
    expect(numbers((await all(path("steps.mp4"), { frames: { start: 45 } })).frames)).toEqual([45, 46, 47, 48, 49]);
    expect(numbers((await all(path("steps.mp4"), { frames: { start: 3, end: 40, step: 10 } })).frames)).toEqual([3, 13, 23, 33]);
    expect((await all(path("steps.mp4"), { frames: { start: 50 } })).end).toEqual({ frames: 0 });
    expect((await all(path("steps.mp4"), { frames: [] })).end).toEqual({ frames: 0 });
    await expect(all(path("steps.mp4"), { frames: [3, 3] })).rejects.toThrow(/ascending order, got 3 behind 3/);
  });

  it("reads on in a second pass where thousands of scattered frames are wanted", async () => {
    await drawVideo(path("long.avi"), { frames: 6000, width: 32, height: 16, encoding: ["-c:v", "rawvideo", "-pix_fmt", "bgr24"] });
    const wanted = upTo(3000).map((i) => i * 2);
    const { frames, end } = await all(path("long.avi"), { frames: wanted });
    expect(frames.map(({ index }) => index)).toEqual(wanted);
    expect(numbers(frames)).toEqual(wanted);
    expect(end).toEqual({ frames: 3000 });
  });

  it("holds one frame, not the video: the decoder waits for who reads", async () => {
    await drawVideo(path("waiting.mp4"), { frames: 300, width: 640, height: 360, encoding: ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"] });
    const before = process.memoryUsage();
    let most = 0;
    let read = 0;
    for await (const frame of readFrames(path("waiting.mp4"))) {
      if (++read === 3) await new Promise((resolve) => setTimeout(resolve, 700)); // the whole video would be decoded by now
      if (read % 10 === 0) globalThis.gc?.();
      const { arrayBuffers } = process.memoryUsage();
      most = Math.max(most, arrayBuffers - before.arrayBuffers);
      expect(frame.data.length).toBe(640 * 360 * 3);
    }
    expect(read).toBe(300);
    expect(most).toBeLessThan(640 * 360 * 3 * 150); // 207 MB in all; garbage is collected late
  });

  it("ends its process when the reader leaves, and when it is told to stop", async () => {
    await drawVideo(path("left.mp4"), { frames: 200, width: 320, height: 240, encoding: ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"] });
    const children = () => execFileSync("ps", ["-o", "comm=", "--ppid", String(process.pid)], { encoding: "utf8" }).split("\n").filter((name) => name.includes("ffmpeg")).length;
    for await (const _ of readFrames(path("left.mp4"))) break;
    expect(children()).toBe(0);
    const stop = new AbortController();
    const reading = (async () => {
      let count = 0;
      for await (const _ of readFrames(path("left.mp4"), { signal: stop.signal })) if (++count === 5) stop.abort(new Error("enough"));
    })();
    await expect(reading).rejects.toThrow("enough");
    expect(children()).toBe(0);
    await expect(all(path("left.mp4"), { signal: AbortSignal.abort(new Error("never begun")) })).rejects.toThrow("never begun");
    await expect(indexFrames(path("left.mp4"), { signal: AbortSignal.timeout(1) })).rejects.toThrow(/timeout/i);
  });

  it("gives up on a decoder that comes to a standstill", async () => {
    await drawVideo(path("still.mp4"), { frames: 5, width: 160, height: 120, encoding: ["-c:v", "libx264", "-pix_fmt", "yuv420p"] });
    await expect(all(path("still.mp4"), { stalledMs: 0, description: await probeVideo(path("still.mp4")) })).rejects.toThrow(/standstill/);
  });
});

describe("broken videos", () => {
  const cut = async (from: string, to: string, share: number) => {
    const bytes = await readFile(path(from));
    await writeFile(path(to), bytes.subarray(0, Math.floor(bytes.length * share)));
  };

  it("gives the frames that decode, and a reason", async () => {
    const cases = [
      ["cut.mp4", ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "10", "-movflags", "faststart"]],
      ["cut.webm", ["-c:v", "libvpx", "-b:v", "1M"]],
      ["cut.avi", ["-c:v", "mpeg4", "-q:v", "3"]],
    ] as const;
    for (const [name, encoding] of cases) {
      await drawVideo(path(`whole-${name}`), { frames: 60, width: 160, height: 120, encoding });
      await cut(`whole-${name}`, name, 0.6);
      const { frames, end } = await all(path(name));
      expect(frames.length, name).toBeGreaterThan(15);
      expect(frames.length, name).toBeLessThan(60);
      expect(numbers(frames).slice(0, 15), name).toEqual(upTo(15));
      expect(end.reason, name).toMatch(/cut short/);
      const index = await indexFrames(path(name));
      expect([index.frames, index.reason], name).toEqual([frames.length, end.reason]);
    }
  });

  it("says when content in the middle is damaged, and goes on behind it", async () => {
    await drawVideo(path("sound.mp4"), { frames: 60, width: 160, height: 120, encoding: ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "10", "-movflags", "faststart"] });
    const bytes = await readFile(path("sound.mp4"));
    bytes.fill(0xaa, Math.floor(bytes.length * 0.45), Math.floor(bytes.length * 0.55));
    await writeFile(path("hit.mp4"), bytes);
    const { frames, end } = await all(path("hit.mp4"));
    expect(numbers(frames.slice(-5))).toEqual([55, 56, 57, 58, 59]);
    expect(end.reason).toMatch(/damaged/);
  });

  it("leaves frames that look broken, and none in the sound video", async ({ skip }) => {
    if (!encoders().includes(" libx265 ")) skip("this ffmpeg has no libx265");
    // Noise that moves: no row of one colour, and enough data to make holes in.
    const draw = (index: number) => ({ width: 320, height: 240, data: Uint8Array.from({ length: 320 * 240 * 3 }, (_, i) => 60 + ((Math.imul(Math.floor(i / 24) + index * 7, 2654435761) >>> 24) % 120)) });
    await drawVideo(path("noise.mp4"), { frames: 60, width: 320, height: 240, draw, encoding: ["-c:v", "libx265", "-x265-params", "log-level=error:keyint=30", "-pix_fmt", "yuv420p", "-movflags", "faststart"] });
    const scores = async (name: string) => (await all(path(name))).frames.map(corruptionScore);
    expect(Math.max(...(await scores("noise.mp4")))).toBeLessThan(0.01);
    const bytes = await readFile(path("noise.mp4"));
    for (const share of [0.2, 0.4, 0.6, 0.8]) bytes.fill(0, Math.floor(bytes.length * share), Math.floor(bytes.length * (share + 0.08)));
    await writeFile(path("holes.mp4"), bytes);
    expect(Math.max(...(await scores("holes.mp4")))).toBeGreaterThan(0.1);
  });

  it("tells what isn't a video: empty, an image, sound, text, cut before its description, too large", async () => {
    const failure = (name: string, options: FrameOptions = {}) => all(path(name), options).then(() => "read", (error: unknown) => error as { code: string; message: string });
    await writeFile(path("empty.mp4"), "");
    expect(await failure("empty.mp4")).toMatchObject({ name: "VideoError", code: "empty" });
    await writeFile(path("image.mp4"), await sharp({ create: { width: 64, height: 64, channels: 3, background: "red" } }).png().toBuffer());
    expect(await failure("image.mp4")).toMatchObject({ code: "unsupported", message: expect.stringMatching(/not a video/) });
    await writeFile(path("photo.mp4"), await sharp({ create: { width: 64, height: 64, channels: 3, background: "red" } }).jpeg().toBuffer());
    expect(await failure("photo.mp4")).toMatchObject({ code: "unsupported" });
    await writeFile(path("text.mp4"), "this is no video\n".repeat(1000));
    expect(await failure("text.mp4")).toMatchObject({ code: "unsupported" });
    ffmpeg("-v", "error", "-y", "-f", "lavfi", "-i", "sine=duration=1", path("sound-only.mp4"));
    expect(await failure("sound-only.mp4")).toMatchObject({ code: "no-picture" });
    await drawVideo(path("tail.mp4"), { frames: 20, width: 160, height: 120, encoding: ["-c:v", "libx264", "-pix_fmt", "yuv420p"] });
    expect(await failure("tail.mp4", { limits: { pixelsMax: 10_000, sizeBytesMax: 1e9 } })).toMatchObject({ code: "too-large" });
    await cut("tail.mp4", "headless.mp4", 0.5);
    expect(await failure("headless.mp4")).toMatchObject({ code: "damaged", message: expect.stringMatching(/cut short/) });
    expect(await failure("nowhere.mp4")).toMatchObject({ code: "unreachable", message: "there is no such file" });
    expect(await failure(".")).toMatchObject({ code: "unreachable" });
  });

  it("takes no cover picture for a video", async () => {
    await writeFile(path("cover.png"), await sharp({ create: { width: 300, height: 300, channels: 3, background: "red" } }).png().toBuffer());
    ffmpeg("-v", "error", "-y", "-f", "lavfi", "-i", "sine=duration=1", "-i", path("cover.png"), "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v:0", "attached_pic", path("song.mp4"));
    await expect(probeVideo(path("song.mp4"))).rejects.toMatchObject({ code: "no-picture" });
  });
});

describe("what a video from outside can't do", () => {
  it("make us read other files: play lists and lists of files are no videos", async () => {
    await drawVideo(path("private.mp4"), { frames: 3, width: 160, height: 120, encoding: ["-c:v", "libx264", "-pix_fmt", "yuv420p"] });
    await writeFile(path("list.mp4"), `ffconcat version 1.0\nfile ${path("private.mp4")}\n`);
    await writeFile(path("play.mp4"), `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:${path("private.mp4")}\n#EXT-X-ENDLIST\n`);
    for (const name of ["list.mp4", "play.mp4"]) await expect(probeVideo(path(name)), name).rejects.toMatchObject({ code: "unsupported" });
  });

  it("be taken for an option, a pattern or an address by its name", async () => {
    await drawVideo(path("plain.mp4"), { frames: 3, width: 160, height: 120, encoding: ["-c:v", "libx264", "-pix_fmt", "yuv420p"] });
    for (const name of ["-version.mp4", "a%03d.mp4", "http:host.mp4", "concat:a|b.mp4", "q'uote [x];,.mp4", "ümlaut 日本.mp4"]) {
      await copyFile(path("plain.mp4"), path(name));
      expect(numbers((await all(path(name))).frames), name).toEqual([0, 1, 2]);
    }
  });
});

describe("the programs", () => {
  const kept = { ...process.env };
  afterEach(() => {
    for (const name of ["WINNOW_FFMPEG", "WINNOW_FFPROBE", "PATH"]) {
      if (kept[name] === undefined) delete process.env[name];
      else process.env[name] = kept[name];
    }
  });

  it("are those that the environment names, or an error that says which variable is wrong", async () => {
    await expect(findProgram("ffmpeg", { ...kept, WINNOW_FFMPEG: path("no-program") })).rejects.toThrow(/WINNOW_FFMPEG names .* there is no such file/);
    await writeFile(path("text-program"), "no program", { mode: 0o755 });
    await expect(findProgram("ffprobe", { ...kept, WINNOW_FFPROBE: path("text-program") })).rejects.toMatchObject({ name: "MissingDecoderError" });
  });

  it("come out of the npm packages where the system has none, and read the same frames", async ({ skip }) => {
    await drawVideo(path("both.mp4"), { frames: 20, width: 160, height: 120, encoding: ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "2"] });
    const own = (await all(path("both.mp4"))).frames;
    delete process.env.WINNOW_FFMPEG;
    delete process.env.WINNOW_FFPROBE;
    process.env.PATH = folder;
    let programs;
    try {
      programs = await findVideoPrograms();
    } catch {
      return skip("the optional packages are not installed");
    }
    expect([programs.ffmpeg.from, programs.ffprobe.from]).toEqual(["package", "package"]);
    const { frames, end } = await all(path("both.mp4"));
    expect(numbers(frames)).toEqual(upTo(20));
    expect(frames.map(({ pts }) => pts)).toEqual(own.map(({ pts }) => pts));
    expect(end).toEqual({ frames: 20 });
    expect(numbers((await all(path("both.mp4"), { frames: [3, 9] })).frames)).toEqual([3, 9]);
  });
});
