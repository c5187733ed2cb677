import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { mkdirSync } from "node:fs";
import { command } from "../command.ts";
import { explain, Problem, UsageError } from "../problems.ts";
import { requireFolder } from "../files/places.ts";
import * as flags from "../flags.ts";
import { connection, connectionOf } from "../platform/platform.ts";
import { VERSION } from "../version.ts";

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9 _-]{2,254}$/;

export const worker = command({
  name: "worker",
  group: "Run a platform",
  summary: "do the runs that are scheduled on a server, until Ctrl-C",
  flags: {
    ...connection,
    name: { value: "N", summary: "name of the worker; one process works under a name at a time. The machine's name unless given", parse: parseName },
    id: { value: "ID", summary: "a worker that is registered already, in place of --name; LIGHTLY_WORKER_ID unless given" },
    label: { value: "L", summary: "a label that runs can ask for (runs_on); may be given several times", parse: (text: string, before: readonly string[] = []): readonly string[] => [...before, text] },
    output: { value: "DIR", summary: "keep each run's output folder (reports, lists of names, embeddings) below this one" },
    shared: { value: "DIR", summary: "folder of checkpoints, embeddings files and local pools that configurations name" },
    work: { value: "DIR", summary: "folder for what runs keep while they go on; a cache folder of the user unless given" },
    once: { summary: "end when no run is waiting, in place of waiting for more" },
    waitsForOthers: { summary: "don't start while another process works under this name, in place of taking over from it" },
    sanityCheck: { summary: "say that everything is there to work with, and end" },
    json: flags.jsonOfServer,
  },
  notes: `The worker speaks to the server only, and reads and writes files by addresses that the server gives out: it needs no
credentials of the bucket. Several workers share one queue. A run that is interrupted (Ctrl-C, a crash, a power cut) is
gone on with, by this worker or another, and adds nothing twice.

The environment may hold LIGHTLY_TOKEN and LIGHTLY_SERVER_LOCATION in place of the names above.`,
  examples: ["winnow worker", "winnow worker --server http://winnow.example.org --name gpu-1 --output ~/runs", "WINNOW_TOKEN=… winnow worker --once"],
  async run({ flags: given }, io) {
    if (given.sanityCheck) {
      const { loadEncoder } = await import("@winnow/embedding");
      const encoder = await loadEncoder();
      await encoder.close();
      io.stdout.write(given.json ? `${JSON.stringify({ version: VERSION, encoder: encoder.name })}\n` : `winnow worker ${VERSION}: the encoder ${encoder.name} is there, all is well.\n`);
      return;
    }
    const env = (name: string) => io.env[name]?.trim() || undefined;
    const { url, token } = connectionOf(given, io);
    const serverUrl = url.replace(/\/+$/, "");
    if (token === undefined) throw new UsageError(`There is no token for ${serverUrl}: log in with winnow login, or set WINNOW_TOKEN (winnow token create makes one).`);
    if (!URL.canParse(serverUrl) || !/^https?:/i.test(serverUrl)) throw new UsageError(`--server must be an address that begins with http:// or https://, not ${JSON.stringify(serverUrl)}.`);
    const folder = (path: string | undefined, flag: string) => (path === undefined ? undefined : requireFolder(resolve(io.cwd, path), flag));
    const id = given.name === undefined ? (given.id ?? env("LIGHTLY_WORKER_ID")) : given.id;
    if (given.name !== undefined && given.id !== undefined) throw new UsageError("Give --name or --id, not both: an id has its name already.");
    const { runWorker } = await import("@winnow/worker");
    const end = await runWorker({
      serverUrl,
      token,
      ...(given.name === undefined ? {} : { name: given.name }),
      ...(id === undefined ? {} : { id }),
      ...(given.label === undefined ? {} : { labels: given.label }),
      output: given.output === undefined ? undefined : made(resolve(io.cwd, given.output)),
      shared: folder(given.shared, "--shared"),
      workFolder: made(given.work === undefined ? join(env("XDG_CACHE_HOME") ?? join(homedir(), ".cache"), "winnow", "worker") : resolve(io.cwd, given.work)),
      ...(given.once ? { once: true } : {}),
      ...(given.waitsForOthers ? { waitsForOthers: true } : {}),
      stop: io.stop,
      onReady: ({ name }) => void io.stdout.write(given.json ? `${JSON.stringify({ worker: name, server: serverUrl })}\n` : `The worker ${name} waits for runs of ${serverUrl}.\n`),
      onLine: (level, message) => {
        if (level !== "debug") io.stderr.write(`${new Date().toISOString().slice(0, 19).replace("T", " ")} ${message.replaceAll(token, "***")}\n`);
      },
    }).catch((error: unknown) => {
      const { status, code } = error as { status?: number; code?: string };
      if (status === 401) throw new Problem(`The server at ${serverUrl} doesn't know the token. Make one with winnow token create, and set it as WINNOW_TOKEN.`);
      if (code === "DOCKER_WORKER_UNKNOWN") throw new Problem(`The server knows no worker with the id ${id}. Register one by giving --name.`);
      throw error;
    });
    if (end === "replaced") throw new Problem("Another process has taken over under this worker's name. Give this one another --name to have both.");
  },
});

function made(path: string): string {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new Problem(explain(error));
  }
  return path;
}

function parseName(text: string): string {
  if (!NAME.test(text)) throw new UsageError(`--name must have at least 3 characters: letters, digits, blanks, _ and -, the first a letter or digit; ${JSON.stringify(text)} has not.`);
  return text;
}
