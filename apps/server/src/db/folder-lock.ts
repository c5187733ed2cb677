import { DatabaseSync } from "@photostructure/sqlite";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const busy = 5;

/**
 * Makes sure that one server at a time works on a data folder. What holds it is a lock of the operating system on
 * `lock.db`, which ends with the process however it ends; `server.lock` only notes which process it is. (The note
 * alone would not do: after a restart of the machine its number may belong to another program.)
 * @returns releases the folder
 * @throws Error naming the process that holds the folder
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const note = join(folder, "server.lock");
  const lock = new DatabaseSync(join(folder, "lock.db"));
  try {
    lock.exec("pragma busy_timeout = 0");
    lock.exec("begin exclusive");
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode !== busy && !/locked/.test(String(error))) throw error;
    const holder = Number(await readFile(note, "utf8").catch(() => ""));
    if (holder === process.pid) throw new Error(`This process already runs a server on the data folder ${folder}.`, { cause: error });
    throw new Error(`Another server${holder > 0 ? ` (process ${holder})` : ""} already uses the data folder ${folder}. Stop it, or choose another folder with --data.`, { cause: error });
  }
  try {
    await writeFile(note, String(process.pid));
  } catch (error) {
    lock.close();
    throw error;
  }
  return async () => {
    await rm(note, { force: true });
    lock.close();
  };
}
