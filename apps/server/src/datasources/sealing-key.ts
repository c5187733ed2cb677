import { randomBytes } from "node:crypto";
import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";

const fileName = "datasource.key";
const keyBytes = 32;

/**
 * The key that encrypts credentials of datasources, made once per data folder and kept beside the database, readable by
 * its owner alone: a copy of the database gives nobody the credentials.
 * @throws Error when the file holds something else
 */
export async function sealingKey(dataFolder: string): Promise<Uint8Array> {
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
