import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { command } from "../command.ts";
import { requireFolder } from "../files/places.ts";
import * as flags from "../flags.ts";
import { stopped } from "../io.ts";
import { Problem, UsageError } from "../problems.ts";

const localApps = ["http://localhost:8080", "http://127.0.0.1:8080"];
const keyLengthMin = 32;

export const serve = command({
  name: "serve",
  group: "Run a platform",
  summary: "serve a folder of images and videos over HTTP, for datasources, until Ctrl-C",
  arguments: [{ name: "FOLDER", summary: "what to serve, with everything below it", completes: "folder" }],
  flags: {
    port: { ...flags.port, initial: 3456 },
    host: flags.host,
    publicUrl: { value: "URL", summary: "address under which others reach it, when a proxy stands before it", parse: parseUrl },
    origin: { value: "URL", summary: `web pages of this origin may read files ("*": all); may be given several times. Default: Winnow on this machine`, parse: parseOrigin },
    writable: { summary: "take files too (thumbnails, frames, predictions) at signed addresses" },
    private: { summary: "give out files and listings at signed addresses only" },
    json: flags.jsonOfServer,
  },
  notes: `Files come with ranges, so that videos can be read from anywhere in them; folders as a page, or as JSON (Accept: application/json).
Connect it to a dataset as a LOCAL datasource whose path is the address that is printed.

--writable and --private sign addresses with a key that the platform must know: give one of at least ${keyLengthMin} characters in
WINNOW_FILE_SERVER_KEY, or take the one that is printed, and start the platform with WINNOW_FILE_SERVER_KEYS=ADDRESS=KEY.`,
  examples: ["winnow serve ./images", "winnow serve /srv/videos --port 4000 --host 0.0.0.0 --private", "WINNOW_FILE_SERVER_KEY=… winnow serve ./images --writable"],
  async run({ flags: given, arguments: [name] }, io) {
    const folder = requireFolder(resolve(io.cwd, name!));
    const ownKey = io.env["WINNOW_FILE_SERVER_KEY"]?.trim() || undefined;
    if (ownKey !== undefined && ownKey.length < keyLengthMin) throw new UsageError(`WINNOW_FILE_SERVER_KEY must have at least ${keyLengthMin} characters.`);
    const signs = given.writable === true || given.private === true;
    const newKey = signs && ownKey === undefined ? randomBytes(24).toString("base64url") : undefined;
    const key = ownKey ?? newKey;
    const { startFileServer } = await import("@winnow/storage");
    const origins = given.origin ?? localApps;
    const server = await startFileServer({
      folder,
      host: given.host,
      port: given.port,
      ...(given.publicUrl !== undefined && { publicUrl: given.publicUrl }),
      ...(key !== undefined && { key: Buffer.from(key) }),
      writable: given.writable ?? false,
      privateReads: given.private ?? false,
      origins: origins.includes("*") ? "*" : origins,
    }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") throw new Problem(`Port ${given.port} is already in use. Choose another with --port, or --port 0 for any free one.`);
      throw error;
    });
    try {
      if (given.json) io.stdout.write(`${JSON.stringify({ folder, url: server.url, ...(newKey !== undefined && { key: newKey }) })}\n`);
      else io.stdout.write(`Serving ${folder} at ${server.url}\n`);
      if (newKey !== undefined && !given.json) io.stdout.write(`\nThe platform needs the key of this run:\n\n  export WINNOW_FILE_SERVER_KEYS=${new URL(server.url).origin}=${newKey}\n\nWINNOW_FILE_SERVER_KEY keeps one for every run.\n`);
      await stopped(io);
    } finally {
      await server.close();
    }
  },
});

function parseUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:/i.test(text)) throw new UsageError(`--public-url must be an address that begins with http:// or https://, not ${JSON.stringify(text)}.`);
  return text;
}

function parseOrigin(text: string, before: readonly string[] = []): readonly string[] {
  if (text !== "*" && !(URL.canParse(text) && /^https?:/i.test(text) && new URL(text).origin === text.replace(/\/$/, ""))) throw new UsageError(`--origin must be "*" or like https://winnow.example, not ${JSON.stringify(text)}.`);
  return [...before, text === "*" ? text : new URL(text).origin];
}
