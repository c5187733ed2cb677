import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Makes sure that one server at a time works on a data folder. A lock whose process is gone is taken over.
 * @returns releases the folder
 * @throws Error naming the process that holds the folder
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, "server.lock");
  for (;;) {
    try {
      await writeFile(path, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = Number(await readFile(path, "utf8").catch(() => ""));
    // After a restart of a container the same number may come back: it is us, or nobody.
    if (holder !== process.pid && isAlive(holder)) {
      throw new Error(`Another server (process ${holder}) already uses the data folder ${folder}. Stop it, or choose another folder with --data.`);
    }
    if (holder === process.pid && held.has(path)) throw new Error(`This process already runs a server on the data folder ${folder}.`);
    await rm(path, { force: true });
  }
  held.add(path);
  return async () => {
    held.delete(path);
    await rm(path, { force: true });
  };
}

const held = new Set<string>();

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
