import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { Problem } from "../problems.ts";

/**
 * Keeps others of our processes from what lies at a path, by a file beside it. One that was left behind by a process
 * that is gone counts for nothing.
 * @returns gives it free again
 * @throws Problem while another process has it
 */
export function claim(path: string, what: string): () => void {
  const lock = `${path}.lock`;
  mkdirSync(dirname(lock), { recursive: true });
  const own = `${process.pid} ${hostname()}\n`;
  for (let attempt = 1; ; attempt++) {
    try {
      const file = openSync(lock, "wx", 0o600);
      writeSync(file, own);
      closeSync(file);
      return () => rmSync(lock, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      if (attempt > 3 || isHeld(lock)) throw new Problem(`Another winnow process works on ${what}. Wait for it to end (if there is none, remove ${lock}).`);
      rmSync(lock, { force: true });
    }
  }
}

function isHeld(lock: string): boolean {
  try {
    const [pid, host] = readFileSync(lock, "utf8").trim().split(" ");
    if (host !== hostname()) return true;
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    // A process of somebody else is there too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
