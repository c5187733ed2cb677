import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { VideoError } from "./video-error.ts";

export interface AddressBridge {
  /** An address on this machine's loopback that gives the bytes of the remote file, ranges included. */
  readonly address: string;
  /** The first thing that went wrong on the far side, once something has. */
  problem(): VideoError | undefined;
  close(): Promise<void>;
}

export interface BridgeOptions {
  /** What fetches; the platform's own by default. A caller's can add headers and refuse addresses, redirections included. */
  readonly fetch?: typeof fetch;
  /** How long the far side may stay silent, in milliseconds; 30,000 by default. */
  readonly silentMs?: number;
  /** How often a transfer that broke off is taken up again where it stopped; 3 by default. */
  readonly retries?: number;
}

/**
 * Lets a program on this machine read a remote file without knowing where it is: signed addresses would stand in the list
 * of processes for everybody to see, and certificates, redirections and broken connections are better handled here.
 * Listens on the loopback only, under a name that can't be guessed.
 */
export async function bridgeAddress(url: URL, options: BridgeOptions = {}): Promise<AddressBridge> {
  const name = `/${randomBytes(24).toString("hex")}`;
  const stop = new AbortController();
  let problem: VideoError | undefined;
  const server = createServer((request, response) => {
    if (request.url !== name || (request.method !== "GET" && request.method !== "HEAD")) {
      response.writeHead(404).end();
      return;
    }
    answer(url, options, request, response, stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted && !response.destroyed) problem ??= explain(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}${name}`,
    problem: () => problem,
    close: async () => {
      stop.abort();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The wanted part of the file, from `from` to its end or to `to`. */
interface Part {
  readonly from: number;
  readonly to: number | undefined;
}

async function answer(url: URL, options: BridgeOptions, request: IncomingMessage, response: ServerResponse, stop: AbortSignal): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const signal = AbortSignal.any([stop, gone.signal]);
  const wanted = readRange(request.headers.range);
  let at = wanted.from;
  let total: string | undefined;
  for (let attempt = 0; ; attempt++) {
    const idle = idleSignal(options.silentMs ?? 30_000);
    try {
      const reply = await ask(url, options, { from: at, to: wanted.to }, AbortSignal.any([signal, idle.signal]));
      if (reply.status === 416) {
        response.writeHead(416, { "Content-Range": reply.headers.get("content-range") ?? "bytes */*" }).end();
        return;
      }
      const length = reply.headers.get("content-range")?.split("/")[1] ?? (reply.status === 200 ? reply.headers.get("content-length") : null) ?? undefined;
      if (!response.headersSent) {
        total = length;
        response.writeHead(reply.status, passedOn(reply));
      } else if (length !== total || (reply.status !== 206 && at > 0)) {
        throw new VideoError("unreachable", "the video's address gives another file than before");
      }
      if (request.method === "HEAD" || reply.body === null) {
        await reply.body?.cancel();
        response.end();
        return;
      }
      for await (const chunk of reply.body as AsyncIterable<Uint8Array>) {
        idle.touch();
        at += chunk.byteLength;
        if (!response.write(chunk)) {
          idle.pause(); // the program is busy: the far side can't be blamed
          await once(response, "drain", { signal });
          idle.touch();
        }
      }
      response.end();
      return;
    } catch (error) {
      if (signal.aborted || error instanceof VideoError || attempt >= (options.retries ?? 3)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** attempt));
    } finally {
      idle.pause();
    }
  }
}

async function ask(url: URL, options: BridgeOptions, part: Part, signal: AbortSignal): Promise<Response> {
  const range = part.from === 0 && part.to === undefined ? "bytes=0-" : `bytes=${part.from}-${part.to ?? ""}`;
  const reply = await (options.fetch ?? fetch)(url, { headers: { Range: range, "Accept-Encoding": "identity" }, signal });
  if (reply.status === 200 || reply.status === 206 || reply.status === 416) {
    // A server without ranges sends all: the program then reads from the start, or not at all.
    if (reply.status === 200 && part.from > 0) {
      await reply.body?.cancel();
      throw new VideoError("unreachable", "the video's server gives no parts of files (HTTP ranges), which this video needs");
    }
    return reply;
  }
  await reply.body?.cancel();
  if (reply.status >= 500 || reply.status === 429) throw new Error(`status ${reply.status}`);
  throw new VideoError("unreachable", `the video's address answers with status ${reply.status}`);
}

function passedOn(reply: Response): Record<string, string> {
  const headers: Record<string, string> = { "Content-Type": "application/octet-stream", "Accept-Ranges": reply.status === 206 ? "bytes" : "none" };
  for (const name of ["content-range", "content-length"]) {
    const value = reply.headers.get(name);
    if (value !== null && !reply.headers.has("content-encoding")) headers[name] = value;
  }
  return headers;
}

function readRange(header: string | undefined): Part {
  const found = /^bytes=(\d+)-(\d*)$/.exec(header ?? "");
  return found === null ? { from: 0, to: undefined } : { from: Number(found[1]), to: found[2] === "" ? undefined : Number(found[2]) };
}

/** A signal that fires after silence; stands still between `pause` and `touch`. */
function idleSignal(silentMs: number) {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const pause = () => clearTimeout(timer);
  const touch = () => {
    pause();
    timer = setTimeout(() => controller.abort(new Error(`silence for ${silentMs} ms`)), silentMs);
  };
  touch();
  return { signal: controller.signal, touch, pause };
}

function explain(error: unknown): VideoError {
  if (error instanceof VideoError) return error;
  return new VideoError("unreachable", `the video's address can't be read: ${reason(error)}`, { cause: error });
}

/** The innermost sentence; fetch wraps what happened in "fetch failed". */
function reason(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return inner instanceof Error ? ((inner as NodeJS.ErrnoException).code ?? inner.message) : String(inner);
}
