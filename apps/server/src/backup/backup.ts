/** Writes everything durable into one file, while servers work. */
import { createHash, type Hash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { finished, pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { BlobNotFoundError, openBlobStore, type BlobEntry, type BlobStore } from "@winnow/storage";
import { pack, type Pack } from "tar-stream";
import { inPieces, orphansAmong } from "../blobs/owners.ts";
import type { Configuration } from "../configuration.ts";
import { connect, schemaNumber, schemaOf, type Database } from "../db/database.ts";
import { rowPages, tableKeys } from "../db/rows.ts";
import type { Schema } from "../db/schema.ts";
import { inSnapshot } from "../db/snapshot.ts";
import { storesOf } from "../db/stores.ts";
import { folderFiles, formatVersion, lineOf, type Beginning, type Ending } from "./archive.ts";

export interface BackupFacts {
  readonly rows: number;
  readonly files: number;
  /** Bytes of all files together. */
  readonly bytes: number;
  /** Files that were removed while the backup was made, with their datasets. */
  readonly vanished: number;
}

const rowBytesMax = 8 * 1024 * 1024;
/** Larger files are passed on as they come. */
const heldBytesMax = 16 * 1024 * 1024;

/**
 * Backs up a data folder, or the database and object store that are set. Rows are those of one moment; every file that
 * they speak of was there then, since files come before their rows. The file appears under its name when it is complete
 * and on the disk, readable by its owner only: it holds hashes of tokens and the key that credentials are sealed with.
 * @throws Error when the tables are of another release, or the file can't be written
 */
export async function backUp(settings: Configuration, path: string, { onProgress = () => {}, signal }: { onProgress?: (facts: BackupFacts) => void; signal?: AbortSignal } = {}): Promise<BackupFacts> {
  const stores = storesOf(settings);
  const db = connect(stores.database, 2);
  const unfinished = `${path}.unfinished`;
  try {
    const schema = await schemaOf(db);
    if (schema !== schemaNumber) throw new Error(schema === 0 ? "There is nothing to back up yet: no server was ever started on it." : `The tables are those of another release (schema ${schema}, this one knows ${schemaNumber}). ${schema < schemaNumber ? "Start the server of this release once, or back up with the older one." : "Back up with the newer release."}`);
    const blobs = await openBlobStore(stores.blobs, stores.cache);
    try {
      const archive = pack();
      const out = createWriteStream(unfinished, { flags: "wx", mode: 0o600 });
      const written = pipeline(archive, out, { ...(signal && { signal }) });
      written.catch(() => {});
      // A failure of the disk ends the archive, and with it whoever waits for room in it.
      const made = await Promise.race([inSnapshot(db, (snapshot) => fill(archive, snapshot, blobs, settings.dataFolder, onProgress, signal)), written.then(() => undefined)]);
      archive.finalize();
      await written;
      if (made === undefined) throw new Error("the backup ended early");
      await synced(unfinished, path);
      return made;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") await rm(unfinished, { force: true });
      throw error;
    } finally {
      blobs.close();
    }
  } finally {
    await db.destroy();
  }
}

async function fill(archive: Pack, db: Database, blobs: BlobStore, dataFolder: string, onProgress: (facts: BackupFacts) => void, signal: AbortSignal | undefined): Promise<BackupFacts> {
  const facts = { rows: 0, files: 0, bytes: 0, vanished: 0 };
  const hash = createHash("sha256");
  const rows: Record<string, number> = {};
  const add = (name: string, content: string | Buffer) => addWhole(archive, hash, name, Buffer.from(content));
  const beginning: Beginning = { format: "winnow-backup", version: formatVersion, schema: schemaNumber, createdAt: new Date().toISOString() };
  await add("winnow-backup.json", JSON.stringify(beginning));
  for (const table of Object.keys(tableKeys) as (keyof Schema)[]) {
    let lines: string[] = [];
    let size = 0;
    let part = 0;
    const flush = async () => {
      if (lines.length > 0) await add(`rows/${table}/${String(part++).padStart(6, "0")}.ndjson.gz`, gzipSync(lines.join("")));
      lines = [];
      size = 0;
    };
    rows[table] = 0;
    for await (const page of rowPages(db, table)) {
      signal?.throwIfAborted();
      for (const row of page) {
        const line = lineOf(row);
        lines.push(line);
        size += line.length;
        if (size > rowBytesMax) await flush();
      }
      rows[table] += page.length;
      facts.rows += page.length;
      onProgress(facts);
    }
    await flush();
  }
  for (const name of folderFiles) {
    const content = await readFile(join(dataFolder, name)).catch(() => undefined);
    if (content) await add(`folder/${name}`, content);
  }
  for (const prefix of ["datasets", "runs"]) {
    for await (const piece of inPieces(blobs.list(prefix))) {
      const left = new Set(await orphansAmong(db, piece.map(({ key }) => key)));
      for (const entry of piece) {
        signal?.throwIfAborted();
        // What is on its way in was not acknowledged.
        if (left.has(entry.key) || entry.key.endsWith(".incoming")) continue;
        const size = await addBlob(archive, hash, blobs, entry);
        if (size === undefined) facts.vanished++;
        else {
          facts.files++;
          facts.bytes += size;
          onProgress(facts);
        }
      }
    }
  }
  const ending: Ending = { rows, files: facts.files, sha256: hash.copy().digest("hex") };
  await add("end.json", JSON.stringify(ending));
  return facts;
}

function addWhole(archive: Pack, hash: Hash, name: string, content: Buffer): Promise<void> {
  hash.update(`${name}\n`).update(content);
  return new Promise((resolve, reject) => archive.entry({ name, mode: 0o600 }, content, (error) => (error ? reject(error) : resolve())));
}

/** @returns its size; undefined when it is gone */
async function addBlob(archive: Pack, hash: Hash, blobs: BlobStore, { key }: BlobEntry): Promise<number | undefined> {
  let content: Readable;
  let size: number;
  try {
    const now = await blobs.facts(key);
    if (!now) return undefined;
    size = now.sizeBytes;
    content = await blobs.read(key);
  } catch (error) {
    if (error instanceof BlobNotFoundError) return undefined;
    throw error;
  }
  const name = `blobs/${key}`;
  if (size <= heldBytesMax) {
    // It may have been written anew between the look and the reading: what was read is what counts.
    const held = await buffer(content);
    await addWhole(archive, hash, name, held);
    return held.length;
  }
  hash.update(`${name}\n`);
  const entry = archive.entry({ name, size, mode: 0o600 }) as unknown as Writable;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    hash.update(chunk);
    if (!entry.write(chunk)) await new Promise<void>((resolve, reject) => entry.once("drain", resolve).once("error", reject).once("close", resolve));
  }
  entry.end();
  await finished(entry);
  return size;
}

/** Gives a file its name when it is on the disk. */
async function synced(unfinished: string, path: string): Promise<void> {
  const file = await open(unfinished, "r");
  await file.sync().finally(() => file.close());
  await rename(unfinished, path);
  if (process.platform === "win32") return;
  const folder = await open(dirname(path), "r");
  await folder.sync().finally(() => folder.close());
}
