/** Fills empty stores from a backup. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { ObjectStore, openBlobStore } from "@winnow/storage";
import { sql } from "kysely";
import { extract } from "tar-stream";
import { factsOfKey } from "../blobs/addresses.ts";
import type { Configuration } from "../configuration.ts";
import { connect, closeDatabase, migrate, openDatabase, schemaNumber, schemaOf, type Database } from "../db/database.ts";
import { isPostgres } from "../db/dialect.ts";
import { lockFolder } from "../db/folder-lock.ts";
import { tableKeys } from "../db/rows.ts";
import type { Schema } from "../db/schema.ts";
import { storesOf } from "../db/stores.ts";
import { folderFiles, formatVersion, rowOf, type Beginning, type Ending } from "./archive.ts";
import type { BackupFacts } from "./backup.ts";

/** A file that is no backup, or a damaged one. */
export class NoBackupError extends Error {
  override name = "NoBackupError";
}

/** Statements take some ten thousand parameters at most. */
const parametersMax = 20_000;

/**
 * Fills a data folder, or the database and object store that are set, from a backup of whichever kind of stores. Rows
 * appear when all of the backup has been read and found whole; whatever goes wrong, the stores stay without them.
 * @throws NoBackupError; Error when the stores hold something, or the backup is of a newer release
 */
export async function restore(settings: Configuration, path: string, { onProgress = () => {}, signal }: { onProgress?: (facts: BackupFacts) => void; signal?: AbortSignal } = {}): Promise<BackupFacts> {
  const stores = storesOf(settings);
  await mkdir(settings.dataFolder, { recursive: true });
  const unlock = await lockFolder(settings.dataFolder);
  try {
    await requireEmpty(stores.database);
    const { schema } = await beginningOf(path);
    const db = await openDatabase(stores.database, 2, schema);
    try {
      const blobs = await openBlobStore(stores.blobs, stores.cache);
      try {
        if (blobs instanceof ObjectStore) await blobs.check();
        const folder: [string, Buffer][] = [];
        const facts = await db.transaction().execute((transaction) => read(path, transaction, blobs.write.bind(blobs), folder, onProgress, signal));
        for (const [name, content] of folder) await placeFile(join(settings.dataFolder, name), content);
        await migrate(db);
        return facts;
      } finally {
        blobs.close();
      }
    } finally {
      await closeDatabase(db);
    }
  } finally {
    await unlock();
  }
}

async function requireEmpty(place: string): Promise<void> {
  const db = connect(place, 1);
  try {
    if ((await schemaOf(db)) === 0) return;
    const user = await db.selectFrom("users").select("id").limit(1).executeTakeFirst();
    if (user) throw new Error("There is already something where the backup is to be restored. Restore into an empty folder (--data) or an empty database, and start the server there.");
    // Tables without rows, as a restore that was interrupted leaves them: they may be of another release.
    if ((await schemaOf(db)) !== 0) for (const table of (Object.keys(tableKeys) as string[]).toReversed()) await sql`drop table if exists ${sql.table(table)}`.execute(db);
    await sql`drop table if exists migrations`.execute(db);
  } finally {
    await db.destroy();
  }
}

async function beginningOf(path: string): Promise<Beginning> {
  for await (const entry of entriesOf(path)) {
    if (entry.header.name !== "winnow-backup.json") break;
    const found = parsed<Partial<Beginning>>(path, (await buffer(wholly(path, entry as AsyncIterable<Uint8Array>))).toString("utf8"));
    if (found.format !== "winnow-backup" || typeof found.schema !== "number") break;
    if (found.version !== formatVersion || found.schema > schemaNumber) throw new Error(`The backup was made by a newer release (format ${found.version}, schema ${found.schema}; this one knows ${formatVersion} and ${schemaNumber}). Upgrade Winnow first.`);
    return found as Beginning;
  }
  throw new NoBackupError(`${path} is no backup of Winnow.`);
}

/** The parts of an archive. @throws NoBackupError in place of what readers of tar say */
async function* entriesOf(path: string) {
  const archive = extract();
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  let unreadable: Error | undefined;
  file.on("error", (error) => {
    unreadable = error;
    archive.destroy(error);
  });
  file.pipe(archive);
  const parts = archive[Symbol.asyncIterator]();
  try {
    for (;;) {
      const part = await parts.next().catch((error: unknown) => {
        throw unreadable ?? damaged(path, error);
      });
      if (part.done) return;
      yield part.value;
    }
  } finally {
    file.destroy();
    archive.destroy();
  }
}

function damaged(path: string, error: unknown): NoBackupError {
  return new NoBackupError(`${path} is no backup of Winnow, or is damaged: ${error instanceof Error ? error.message : String(error)}.`, { cause: error });
}

async function read(path: string, db: Database, write: (key: string, content: AsyncIterable<Uint8Array>, options: { allowEmpty: boolean }) => Promise<number>, folder: [string, Buffer][], onProgress: (facts: BackupFacts) => void, signal: AbortSignal | undefined): Promise<BackupFacts> {
  const facts = { rows: 0, files: 0, bytes: 0, vanished: 0 };
  const hash = createHash("sha256");
  const rows: Record<string, number> = {};
  let ending: Ending | undefined;
  for await (const entry of entriesOf(path)) {
    signal?.throwIfAborted();
    const { name } = entry.header;
    const content = wholly(path, entry as AsyncIterable<Uint8Array>);
    if (name === "end.json") {
      ending = parsed<Ending>(path, (await buffer(content)).toString("utf8"));
      break;
    }
    hash.update(`${name}\n`);
    const [kind, ...rest] = name.split("/");
    if (kind === "blobs") {
      const key = rest.join("/");
      if (factsOfKey(key) === undefined && !/^datasets\/[a-f0-9]{24}\/(embeddings|analysis|columns)\//.test(key)) throw new NoBackupError(`The backup holds a file that is none of Winnow's: ${JSON.stringify(key.slice(0, 200))}.`);
      facts.bytes += await write(key, hashed(content, hash), { allowEmpty: true });
      facts.files++;
    } else {
      const bytes = await buffer(content);
      hash.update(bytes);
      if (kind === "rows") {
        const table = rest[0] as keyof Schema;
        if (!(table in tableKeys)) throw new NoBackupError(`The backup has rows of a table that isn't known: ${JSON.stringify(rest[0])}.`);
        const found = linesOf(path, bytes).map((line) => rowOf(line));
        await insert(db, table, found);
        rows[table] = (rows[table] ?? 0) + found.length;
        facts.rows += found.length;
      } else if (kind === "folder" && (folderFiles as readonly string[]).includes(rest.join("/"))) folder.push([rest.join("/"), bytes]);
    }
    onProgress(facts);
  }
  if (!ending) throw new NoBackupError(`${path} is not whole: its end is missing.`);
  if (ending.sha256 !== hash.digest("hex") || ending.files !== facts.files || Object.entries(ending.rows).some(([table, count]) => (rows[table] ?? 0) !== count)) throw new NoBackupError(`${path} is damaged: its content is not what was backed up.`);
  await goOnCounting(db);
  return facts;
}

/** The content of a part. */
async function* wholly(path: string, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = content[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next().catch((error: unknown) => {
      throw damaged(path, error);
    });
    if (next.done) return;
    yield next.value;
  }
}

function linesOf(path: string, bytes: Buffer): string[] {
  try {
    return gunzipSync(bytes).toString("utf8").split("\n").filter((line) => line !== "");
  } catch (error) {
    throw damaged(path, error);
  }
}

function parsed<Value>(path: string, text: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch (error) {
    throw damaged(path, error);
  }
}

async function* hashed(content: AsyncIterable<Uint8Array>, hash: { update(chunk: Uint8Array): unknown }): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
}

async function insert<Table extends keyof Schema>(db: Database, table: Table, rows: readonly Schema[Table][]): Promise<void> {
  if (rows.length === 0) return;
  const columns = Object.keys(rows[0] as object);
  const names = sql.join(columns.map((name) => sql.ref(name)));
  const atOnce = Math.max(1, Math.min(500, Math.floor(parametersMax / columns.length)));
  for (let at = 0; at < rows.length; at += atOnce) {
    const values = rows.slice(at, at + atOnce).map((row) => sql`(${sql.join(columns.map((name) => (row as unknown as Record<string, unknown>)[name]))})`);
    await sql`insert into ${sql.table(table)} (${names}) values ${sql.join(values)}`.execute(db);
  }
}

/** Numbers that the database gives out go on behind those that came with the rows. */
async function goOnCounting(db: Database): Promise<void> {
  if (!isPostgres(db)) return;
  await sql`select setval(pg_get_serial_sequence('prediction_tasks', 'number'), coalesce((select max(number) from prediction_tasks), 0) + 1, false)`.execute(db);
}

async function placeFile(path: string, content: Buffer): Promise<void> {
  await writeFile(`${path}.unfinished`, content, { mode: 0o600 });
  await chmod(`${path}.unfinished`, 0o600);
  await rename(`${path}.unfinished`, path).catch(async (error: unknown) => {
    await rm(`${path}.unfinished`, { force: true });
    throw error;
  });
}

