import type { Worker } from "node:worker_threads";
import type { Invitation } from "./control.ts";
import { threadFile } from "./thread-file.ts";

// Helpers that have no session now. Starting one takes tens of milliseconds, so they are kept; they never keep the
// process alive.
const idle: Worker[] = [];
const THREADS_MAX = 16;

const onNode = typeof process === "object" && typeof process.versions?.node === "string";

/** How many threads to use: as asked, else as many as the machine offers; 1 where there are no worker_threads. */
export async function threadCount(wanted?: number): Promise<number> {
  if (!onNode) return 1;
  if (wanted !== undefined) return Math.min(wanted, THREADS_MAX);
  const { availableParallelism } = await import("node:os");
  return Math.min(availableParallelism(), THREADS_MAX);
}

/**
 * Invites helpers to a session; they come when they are up, which nobody waits for. Fewer or none may come: the work
 * is claimed block by block, so whoever is there does it.
 * @returns how to let them go
 */
export async function inviteThreads(count: number, invitation: Invitation): Promise<() => void> {
  const url = count > 0 && onNode ? await threadFile(import.meta.url, "./worker.js") : undefined;
  if (url === undefined) return () => {};
  const { Worker } = await import("node:worker_threads");
  const invited: Worker[] = [];
  for (let index = 0; index < count; index++) {
    let worker = idle.pop();
    if (worker === undefined) {
      worker = new Worker(url);
      const started = worker;
      started.unref();
      // A helper that fails to start is only a slower run; it must not be invited again.
      started.on("error", () => idle.includes(started) && idle.splice(idle.indexOf(started), 1));
    }
    worker.postMessage(invitation);
    invited.push(worker);
  }
  return () => {
    idle.push(...invited.filter((worker) => worker.threadId !== -1));
  };
}
