// Videos behind addresses: real servers here, which serve ranges, refuse, break off, and change.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bridgeAddress } from "./address-bridge.ts";
import { drawVideo, readNumber } from "./draw-video.ts";
import { probeVideo } from "./probe.ts";
import { type FrameOptions, indexFrames, readFrames, type VideoEnd } from "./video-frames.ts";

let folder: string;
let bytes: Buffer;
const servers: Server[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "winnow-address-"));
  // Its description stands at the end: reading it takes ranges.
  await drawVideo(join(folder, "video.mp4"), { frames: 60, width: 320, height: 240, encoding: ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-qp", "10"] });
  bytes = await readFile(join(folder, "video.mp4"));
});
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true, force: true });
});

function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  servers.push(server);
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/video.mp4?signature=secret`))));
}

/** Serves the video with ranges; `spoil` may do otherwise. */
function ranges(spoil: (start: number, response: Parameters<RequestListener>[1]) => boolean = () => false): RequestListener {
  return (request, response) => {
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    const start = Number(from ?? 0);
    const end = to ? Number(to) : bytes.length - 1;
    if (spoil(start, response)) return;
    if (start >= bytes.length) return void response.writeHead(416, { "Content-Range": `bytes */${bytes.length}` }).end();
    response.writeHead(206, { "Content-Range": `bytes ${start}-${end}/${bytes.length}`, "Content-Length": end - start + 1 });
    response.end(bytes.subarray(start, end + 1));
  };
}

async function read(url: URL, options: FrameOptions = {}): Promise<{ numbers: number[]; end: VideoEnd | undefined }> {
  const numbers: number[] = [];
  let end: VideoEnd | undefined;
  for await (const frame of readFrames(url, { ...options, onEnd: (told) => (end = told) })) numbers.push(readNumber(frame));
  return { numbers, end };
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe("a video behind an address", () => {
  it("is read by ranges, without its address reaching the command line", async () => {
    const url = await serve(ranges());
    expect(await probeVideo(url)).toMatchObject({ declaredFrames: 60, width: 320 });
    expect((await indexFrames(url)).frames).toBe(60);
    expect(await read(url)).toEqual({ numbers: upTo(60), end: { frames: 60 } });
    const bridge = await bridgeAddress(url);
    expect(bridge.address).not.toContain("secret");
    expect((await fetch(new URL("/other", bridge.address))).status).toBe(404);
    await bridge.close();
    await expect(fetch(bridge.address)).rejects.toThrow();
  });

  it("goes on where a connection broke off", async () => {
    let broken = 0;
    const url = await serve(ranges((start, response) => {
      if (broken >= 2 || start > bytes.length * 0.5) return false;
      broken++;
      response.writeHead(206, { "Content-Range": `bytes ${start}-${bytes.length - 1}/${bytes.length}`, "Content-Length": bytes.length - start });
      response.write(bytes.subarray(start, start + 3000), () => response.destroy());
      return true;
    }));
    expect(await read(url)).toEqual({ numbers: upTo(60), end: { frames: 60 } });
    expect(broken).toBe(2);
  });

  it("says why it can't be read", async () => {
    const status = (code: number) => serve((_, response) => void response.writeHead(code).end());
    await expect(read(await status(403))).rejects.toMatchObject({ name: "VideoError", code: "unreachable", message: "the video's address answers with status 403" });
    await expect(read(await status(404), { retries: 0 })).rejects.toThrow(/status 404/);
    await expect(read(await status(500), { retries: 0 })).rejects.toThrow(/status 500/);
    await expect(read(new URL("http://127.0.0.1:1/video.mp4"), { retries: 0 })).rejects.toMatchObject({ code: "unreachable" });
    await expect(read(await serve(() => undefined), { retries: 0, silentMs: 200 })).rejects.toThrow(/silence/);
    await expect(read(new URL("file:///etc/passwd"))).rejects.toThrow(/begins with http: or https:, not with file:/);
    const refusing: typeof fetch = () => Promise.reject(new Error("addresses of this network are not allowed"));
    await expect(read(await serve(ranges()), { fetch: refusing, retries: 0 })).rejects.toThrow(/addresses of this network are not allowed/);
  });

  it("says so when it stops answering in the middle, or changes", async () => {
    // With the description in front, frames come before the rest of the file is asked for.
    await drawVideo(join(folder, "front.mp4"), { frames: 60, width: 320, height: 240, encoding: ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-qp", "10", "-movflags", "faststart"] });
    const whole = bytes;
    bytes = await readFile(join(folder, "front.mp4"));
    try {
      const half = Math.floor(bytes.length / 2);
      const url = await serve((request, response) => {
        const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
        if (start >= half) return void response.writeHead(503).end();
        response.writeHead(206, { "Content-Range": `bytes ${start}-${bytes.length - 1}/${bytes.length}`, "Content-Length": bytes.length - start });
        response.write(bytes.subarray(start, half), () => response.destroy());
      });
      const { numbers, end } = await read(url, { retries: 1 });
      expect(numbers.length).toBeGreaterThan(5);
      expect(numbers.slice(0, 5)).toEqual(upTo(5));
      expect(end?.reason).toMatch(/after \d+ frames, the video's address can't be read: status 503/);
      const changing = await serve(ranges((start, response) => {
        if (start > 5000) {
          response.writeHead(206, { "Content-Range": `bytes ${start}-${start + 9}/${start + 10}` }).end(Buffer.alloc(10));
          return true;
        }
        if (start > 0) return false;
        response.writeHead(206, { "Content-Range": `bytes 0-${bytes.length - 1}/${bytes.length}`, "Content-Length": bytes.length });
        response.write(bytes.subarray(0, half), () => response.destroy());
        return true;
      }));
      expect((await read(changing, { retries: 1 })).end?.reason).toMatch(/another file than before/);
    } finally {
      bytes = whole;
    }
  });

  it("stops at once when it is told to, also while the far side is silent", async () => {
    const url = await serve(() => undefined);
    await expect(read(url, { signal: AbortSignal.timeout(100) })).rejects.toThrow(/timeout/i);
  });
});
