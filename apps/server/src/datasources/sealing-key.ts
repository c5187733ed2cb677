import { createHash, randomBytes } from "node:crypto";
import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "../db/database.ts";
import { isPostgres } from "../db/dialect.ts";

const fileName = "datasource.key";
const keyBytes = 32;

/**
 * The key that encrypts credentials of datasources. It is kept beside the database, never in it: a copy of the database
 * gives nobody the credentials.
 * @param given the operator's, as 64 hex digits; else the one in the data folder, which is made when there is none
 * @throws Error when the file holds something else, or another server of the same database has another key
 */
export async function sealingKey(dataFolder: string, db: Database, given: string | undefined): Promise<Uint8Array> {
  const key = given === undefined ? await keyOfFolder(dataFolder) : Buffer.from(given, "hex");
  if (isPostgres(db)) await requireSameKey(db, key, dataFolder);
  return key;
}

const fingerprintName = "fingerprint of the sealing key";

/** Servers on one database open what the others sealed. */
async function requireSameKey(db: Database, key: Uint8Array, dataFolder: string): Promise<void> {
  const value = createHash("sha256").update(key).digest("hex");
  await db.insertInto("settings").values({ key: fingerprintName, value }).onConflict((conflict) => conflict.doNothing()).execute();
  const known = await db.selectFrom("settings").select("value").where("key", "=", fingerprintName).executeTakeFirstOrThrow();
  if (known.value === value) return;
  throw new Error(`The credentials of datasources in this database are sealed with another key than that of ${join(dataFolder, fileName)}. Give every server of the database the same key: copy the ${fileName} of the first one into this data folder, or set WINNOW_SEALING_KEY.`);
}

/** Made once per data folder, readable by its owner alone. */
async function keyOfFolder(dataFolder: string): Promise<Uint8Array> {
  const path = join(dataFolder, fileName);
  const kept = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (kept !== undefined) {
    if (!/^[0-9a-f]{64}$/.test(kept.trim())) throw new Error(`${path} doesn't hold a key of ${keyBytes} bytes (64 hex digits). Put back the one that was there: without it the datasources' credentials can't be read.`);
    return Buffer.from(kept.trim(), "hex");
  }
  const key = randomBytes(keyBytes);
  const temporary = `${path}.new`;
  const file = await open(temporary, "w", 0o600);
  try {
    // A file left by a start that was killed may have other rights.
    await file.chmod(0o600);
    await file.writeFile(`${key.toString("hex")}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  return key;
}
