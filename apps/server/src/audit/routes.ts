import { Readable } from "node:stream";
import type { AuditEntry, domains } from "@winnow/contract";
import { firstUser } from "../accounts/store.ts";
import type { User } from "../accounts/user.ts";
import { Download } from "../app/answers.ts";
import type { Handlers } from "../app/call.ts";
import type { Database } from "../db/database.ts";
import type { AuditEntryTable } from "../db/schema.ts";
import type { AuditLog } from "./audit-log.ts";
import { listEntries, readEntries } from "./store.ts";

const pageSize = 100;

export function audit(log: AuditLog): Handlers<typeof domains.audit> {
  return {
    getAuditEntries: async ({ context: { db }, user, query: { before, pageSize: limit = pageSize, ...filter } }) => {
      await log.flush();
      return (await listEntries(db, user, await seesAll(db, user), filter, { before, limit })).map(entryData);
    },
    exportAuditEntries: async ({ context: { db }, user, query: { format = "JSONL", ...filter } }) => {
      await log.flush();
      const pages = readEntries(db, user, await seesAll(db, user), filter);
      const text = format === "CSV" ? csv(pages) : jsonLines(pages);
      return new Download(Readable.from(text, { objectMode: false }), format === "CSV" ? "text/csv; charset=utf-8" : "application/x-ndjson; charset=utf-8", `audit.${format.toLowerCase()}`);
    },
  };
}

/** The owner of the installation, who made it, answers for all of it. */
async function seesAll(db: Database, user: User): Promise<boolean> {
  return (await firstUser(db))?.id === user.id;
}

function entryData(row: AuditEntryTable): AuditEntry {
  return {
    id: row.id,
    at: Number(row.at),
    action: row.action,
    status: row.status,
    ...(row.user_id !== null && { userId: row.user_id }),
    ...(row.email !== null && { email: row.email }),
    ...(row.credential !== null && { credential: row.credential }),
    ...(row.remote_address !== null && { remoteAddress: row.remote_address }),
    ...(row.dataset_id !== null && { datasetId: row.dataset_id }),
    ...(row.target !== null && { target: JSON.parse(row.target) as AuditEntry["target"] }),
    times: row.times,
  };
}

async function* jsonLines(pages: AsyncIterable<AuditEntryTable[]>): AsyncGenerator<Buffer> {
  for await (const page of pages) yield Buffer.from(page.map((row) => `${JSON.stringify(entryData(row))}\n`).join(""));
}

const columns = ["time", "action", "status", "email", "credential", "remoteAddress", "datasetId", "target", "times"] as const;

async function* csv(pages: AsyncIterable<AuditEntryTable[]>): AsyncGenerator<Buffer> {
  yield Buffer.from(`${columns.join(",")}\r\n`);
  for await (const page of pages) {
    yield Buffer.from(
      page
        .map(entryData)
        .map((entry) => `${columns.map((name) => cell(name === "time" ? new Date(entry.at).toISOString() : name === "target" ? (entry.target ? JSON.stringify(entry.target) : "") : String(entry[name] ?? ""))).join(",")}\r\n`)
        .join(""),
    );
  }
}

/** A value in CSV. What a spreadsheet would take for a formula gets an apostrophe in front: names come from anybody. */
export function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
