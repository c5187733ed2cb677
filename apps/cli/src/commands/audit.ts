import type { AuditEntry } from "@winnow/contract";
import { type Command, command } from "../command.ts";
import { writable } from "../files/places.ts";
import { writeStream } from "../files/write-stream.ts";
import * as flags from "../flags.ts";
import type { Io } from "../io.ts";
import { useDataset } from "../platform/dataset.ts";
import { type Connection, connection, platform } from "../platform/platform.ts";
import { UsageError } from "../problems.ts";
import { table } from "../terminal/table.ts";

const FORMATS = ["csv", "jsonl"] as const;
/** Entries that are asked for at a time. */
const PAGE = 1_000;
const TARGET_WIDTH = 60;
const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 24 * 3_600_000, w: 7 * 24 * 3_600_000 };

/** The moment that `--since` or `--until` means, in milliseconds since the epoch. @param flag for the error */
export function parseMoment(flag: string, text: string, nowMs = Date.now()): number {
  const [, count, unit] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  const at = count !== undefined ? nowMs - Number(count) * unitMs[unit!]! : /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!(at >= 0)) throw new UsageError(`${flag} must be how long ago, such as 30m, 12h, 7d or 8w, a date such as 2030-12-31 (UTC), or a time such as 2030-12-31T08:00:00Z, not ${JSON.stringify(text)}.`);
  return at;
}

const filters = {
  dataset: { value: "DATASET", summary: "only what was done to this dataset, by its id; by its name while it is there" },
  user: { value: "MAIL", summary: "only what this user did" },
  action: { value: "A", summary: "only this, by its name: delete_dataset_by_id, sign_in_refused, …" },
  since: { value: "WHEN", summary: "from then on: 30m, 12h, 7d or 8w ago, a date (UTC), or a time such as 2030-12-31T08:00:00Z", parse: (text: string) => parseMoment("--since", text) },
  until: { value: "WHEN", summary: "before then", parse: (text: string) => parseMoment("--until", text) },
} as const;

interface Filters extends Connection {
  readonly dataset: string | undefined;
  readonly user: string | undefined;
  readonly action: string | undefined;
  readonly since: number | undefined;
  readonly until: number | undefined;
}

/** The platform, and what is wanted of its log. */
async function asked(given: Filters, io: Io) {
  if (given.since !== undefined && given.until !== undefined && given.since >= given.until) throw new UsageError("--since must lie before --until.");
  const client = await platform(given, io);
  // What was deleted has no name any more, and the log still knows it.
  const isId = given.dataset !== undefined && /^[0-9a-f]{24}$/.test(given.dataset);
  const datasetId = given.dataset === undefined || isId ? given.dataset : (await useDataset(client, given.dataset, io)).id;
  const query = {
    ...(datasetId !== undefined && { datasetId }),
    ...(given.user !== undefined && { email: given.user }),
    ...(given.action !== undefined && { action: given.action }),
    ...(given.since !== undefined && { from: given.since }),
    ...(given.until !== undefined && { to: given.until }),
  };
  return { client, query };
}

const list = command({
  name: "ls",
  summary: "list who did what, newest first",
  flags: { ...filters, limit: { value: "N", initial: 50, summary: "at most so many entries", parse: flags.whole("--limit", 1, 1_000_000) }, ...connection, json: flags.json },
  examples: ["winnow audit ls", "winnow audit ls --dataset streets --since 7d", "winnow audit ls --action sign_in_refused --since 24h --json"],
  async run({ flags: given }, io) {
    const { client, query } = await asked(given, io);
    const { domains } = await import("@winnow/client");
    const entries: AuditEntry[] = [];
    for (let before: string | undefined; entries.length < given.limit; before = entries.at(-1)!.id) {
      const pageSize = Math.min(PAGE, given.limit - entries.length);
      const page = await client.call(domains.audit.getAuditEntries, { query: { ...query, pageSize, ...(before !== undefined && { before }) }, signal: io.stop });
      entries.push(...page);
      if (page.length < pageSize) break;
    }
    if (given.json) io.stdout.write(`${JSON.stringify(entries)}\n`);
    else if (entries.length === 0) io.stdout.write("There are no such entries that you may see. An owner of a dataset sees what was done to it, the owner of the installation everything.\n");
    else io.stdout.write(table(io, [["TIME (UTC)", "WHO", "ACTION", "STATUS", "TIMES", "FROM", "DATASET", "WHAT"], ...entries.map(rowOf)]));
  },
});

function rowOf({ at, email, credential, action, status, times, remoteAddress, datasetId, target }: AuditEntry): string[] {
  const what = Object.entries(target ?? {}).map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`).join(" ");
  return [new Date(at).toISOString().slice(0, 19).replace("T", " "), email ?? credential ?? "-", action, String(status), String(times), remoteAddress ?? "-", datasetId ?? "-", what.length > TARGET_WIDTH ? `${what.slice(0, TARGET_WIDTH - 1)}…` : what];
}

const exportEntries = command({
  name: "export",
  summary: "write all entries, oldest first, as CSV or as JSON lines",
  flags: {
    ...filters,
    format: flags.choiceOf("--format", FORMATS, "csv", "how"),
    out: { value: "FILE", summary: "write it there; else it is printed" },
    ...connection,
    json: flags.json,
  },
  notes: "With --json and --out what was written is told as JSON; --json alone is --format jsonl.",
  examples: ["winnow audit export --out audit.csv", "winnow audit export --since 2030-01-01 --until 2030-02-01 --format jsonl --out january.jsonl"],
  async run({ flags: given }, io) {
    const out = given.out === undefined ? undefined : writable(io.cwd, given.out, "--out");
    const { client, query } = await asked(given, io);
    const { domains } = await import("@winnow/client");
    const format = given.json && out === undefined ? "jsonl" : given.format;
    const content = client.stream(domains.audit.exportAuditEntries, { query: { ...query, format: format === "csv" ? "CSV" : "JSONL" }, signal: io.stop });
    if (out === undefined) {
      const decoder = new TextDecoder();
      for await (const piece of content) io.stdout.write(decoder.decode(piece, { stream: true }));
      return;
    }
    const bytes = await writeStream(out, content, io.stop);
    io.stdout.write(given.json ? `${JSON.stringify({ file: out, format, bytes })}\n` : `The audit log is written to ${out}.\n`);
  },
});

export const audit: Command = {
  name: "audit",
  group: "Work with a platform",
  summary: "who did what: list and export the platform's audit log",
  commands: [list, exportEntries],
};
