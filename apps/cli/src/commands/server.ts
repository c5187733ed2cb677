import { resolve } from "node:path";
import type { RunningServer } from "@winnow/server";
import { closeServer } from "../closing.ts";
import { command } from "../command.ts";
import { allowAddress, allowFolder, datasourceNotes, datasourceSettings } from "../datasource-settings.ts";
import * as flags from "../flags.ts";
import { type Io, stopped } from "../io.ts";
import { type LocalWorker, startLocalWorker } from "../local-worker.ts";
import { UsageError } from "../problems.ts";
import { settingsFlags } from "../settings.ts";
import { shownSettings } from "../shown-settings.ts";
import { blobStore, databaseUrl, storeNotes, storeSettings } from "../store-settings.ts";
import { webFolder } from "../web-folder.ts";

const ROLES = ["all", "api", "jobs"] as const;
const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;

const serverFlags = {
  data: flags.data,
  port: flags.port,
  host: flags.host,
  databaseUrl,
  blobStore,
  allowFolder,
  allowAddress,
  publicUrl: { value: "URL", summary: "address under which clients reach the server, when a proxy stands before it", parse: parseUrl },
  role: { value: "R", initial: "all", summary: "of several servers on one database: api (answers requests), jobs (works on jobs), all", parse: parseRole },
  worker: { summary: "run a compute worker beside it, for datasets with a datasource" },
  auditDays: { value: "N", initial: 400, summary: "how many days the audit log is kept", parse: parseDays },
  requestsMax: { value: "N", initial: 256, summary: "requests that are worked on at a time; what comes above that waits, and is told to come again (429) when it would wait for long", parse: flags.whole("--requests-max", 1, 100_000) },
  logLevel: flags.choiceOf("--log-level", LOG_LEVELS, "warn", "what is logged"),
  logFormat: flags.choice("--log-format", ["text", "json"], "how, json unless standard error is a terminal"),
  openMetrics: { summary: "let anybody read /metrics, in place of the owner only (by a token)" },
  ...settingsFlags,
} as const;

/** What is read besides the flags' own variables. */
const variables = ["WINNOW_TOKEN", "DATABASE_URL", "BLOB_STORE", "WINNOW_SEALING_KEY", "WINNOW_DATABASE_CONNECTIONS", "WINNOW_CACHE_GIB", "WINNOW_SHARD_GIB", "WINNOW_ALLOW_FOLDERS", "WINNOW_ALLOW_ADDRESSES", "WINNOW_FILE_SERVER_KEYS", "WINNOW_S3_ENDPOINT", "WINNOW_STS_ENDPOINT", "WINNOW_GCS_ENDPOINT", "WINNOW_AZURE_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

export const server = command({
  name: "server",
  group: "Run a platform",
  summary: "run the platform on a data folder, until Ctrl-C",
  flags: serverFlags,
  variables,
  notes: `The first start makes the owner and prints the owner's token, this once. WINNOW_TOKEN sets a token of your own instead.

Settings: every flag has a variable, such as WINNOW_PORT for --port and WINNOW_LOG_LEVEL for --log-level (1 for a switch),
and a file of --config may hold them. The command line goes before the environment, the environment before the file.
--print-config shows what comes of it.

${storeNotes}

${datasourceNotes}`,
  examples: ["winnow server", "winnow server --data /srv/winnow --port 80 --host 0.0.0.0", "winnow server --allow-folder /srv/images --worker", "DATABASE_URL=postgres://winnow:password@db/winnow BLOB_STORE=s3://bucket/winnow winnow server", "WINNOW_TOKEN=my-own-token winnow server", "WINNOW_PORT=80 winnow server --print-config"],
  async run({ flags: given, sourceOf }, io) {
    if (given.printConfig) {
      io.stdout.write(shownSettings(serverFlags, variables, given, sourceOf, io, given.json === true));
      return;
    }
    const { startServer } = await import("@winnow/server");
    const stores = await storeSettings(given, io);
    const running = await startServer({
      ...stores,
      ...datasourceSettings(given, io),
      dataFolder: resolve(io.cwd, given.data),
      port: given.port,
      host: given.host,
      publicUrl: given.publicUrl,
      role: given.role,
      logLevel: given.logLevel,
      logFormat: given.logFormat ?? (io.isTTY ? "text" : "json"),
      openMetrics: given.openMetrics ?? false,
      auditDays: given.auditDays,
      requestsMax: given.requestsMax,
      webFolder: webFolder(),
      ownerToken: ownerToken(io.env),
    });
    let worker: LocalWorker | undefined;
    try {
      if (given.json) io.stdout.write(`${JSON.stringify({ url: running.url, ...(running.newToken !== undefined && { token: running.newToken }) })}\n`);
      else io.stdout.write(`Winnow listens at ${running.url}\n`);
      if (running.newToken !== undefined && !given.json) io.stdout.write(firstToken(running.newToken, running.url));
      if (given.worker) worker = await besideServer(running, resolve(io.cwd, given.data), stores.databaseUrl, io);
      await stopped(io);
    } finally {
      await worker?.stop();
      await closeServer(running);
    }
  },
});

/** A worker in the name of the server's owner. */
async function besideServer(running: RunningServer, dataFolder: string, databaseUrl: string | undefined, { env }: Io): Promise<LocalWorker> {
  const { workingToken } = await import("../start/own-token.ts");
  return startLocalWorker({ url: running.url, token: await workingToken(running, dataFolder, ownerToken(env), databaseUrl), dataFolder, env });
}

/** The owner's token that the environment sets; an empty variable is none. */
export function ownerToken(env: Readonly<Record<string, string | undefined>>): string | undefined {
  return env["WINNOW_TOKEN"]?.trim() || undefined;
}

/** What to do with the token of the first start. */
export function firstToken(token: string, url: string): string {
  return `
Your token, shown this once (only a hash of it is kept):

  ${token}

Clients take it from the environment:

  export WINNOW_TOKEN=${token} WINNOW_SERVER_LOCATION=${url}

Lost it? winnow token create makes another.
`;
}

function parseUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:/i.test(text)) throw new UsageError(`--public-url must be an address that begins with http:// or https://, not ${JSON.stringify(text)}.`);
  return text;
}

function parseDays(text: string): number {
  const days = Number(text);
  if (!(days > 0 && Number.isFinite(days))) throw new UsageError(`--audit-days must be a number above 0, not ${JSON.stringify(text)}.`);
  return days;
}

function parseRole(text: string): (typeof ROLES)[number] {
  const role = ROLES.find((one) => one === text);
  if (role === undefined) throw new UsageError(`--role must be one of ${ROLES.join(", ")}, not ${JSON.stringify(text)}.`);
  return role;
}
