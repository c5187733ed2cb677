import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface LocalWorkerOptions {
  readonly url: string;
  readonly token: string;
  readonly dataFolder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface LocalWorker {
  /** Lets the worker give back what it does, then ends it. */
  stop(): Promise<void>;
}

const NAME = "Built-in";
const LOG_BYTES_MAX = 16 * 1024 * 1024;
const RESTART_MS = 2_000;
const RESTART_MS_MAX = 60_000;
const GRACE_MS = 6_000;

/**
 * A compute worker beside the server, as a process of its own: what it computes, or runs out of, is no matter of the
 * server's. What it says goes into `worker/worker.log` of the data folder. When it ends by itself it is started again.
 */
export function startLocalWorker({ url, token, dataFolder, env }: LocalWorkerOptions): LocalWorker {
  const folder = join(dataFolder, "worker");
  mkdirSync(join(folder, "shared"), { recursive: true });
  const program = fileURLToPath(new URL("../bin/winnow.js", import.meta.url));
  let child: ChildProcess | undefined;
  let stopping = false;
  let pauseMs = RESTART_MS;
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    const log = openSync(join(folder, "worker.log"), tooLarge(join(folder, "worker.log")) ? "w" : "a", 0o600);
    const began = Date.now();
    child = spawn(process.execPath, [program, "worker", "--name", NAME, "--work", folder, "--shared", join(folder, "shared")], {
      env: { ...env, WINNOW_TOKEN: token, WINNOW_SERVER_LOCATION: url },
      stdio: ["ignore", log, log],
      // A Ctrl-C of the terminal goes to this process, which then ends the worker first and the server last.
      detached: true,
    });
    closeSync(log);
    child.once("error", () => undefined);
    child.once("close", () => {
      if (stopping) return;
      // One that dies at once again and again is not started any faster for it.
      pauseMs = Date.now() - began > 60_000 ? RESTART_MS : Math.min(2 * pauseMs, RESTART_MS_MAX);
      timer = setTimeout(begin, pauseMs);
    });
  };
  begin();
  // However this process ends, its worker ends too.
  const last = () => void child?.kill("SIGTERM");
  process.once("exit", last);
  return {
    async stop() {
      stopping = true;
      clearTimeout(timer);
      process.removeListener("exit", last);
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const closed = new Promise<void>((resolve) => child!.once("close", () => resolve()));
      child.kill("SIGTERM");
      const kill = setTimeout(() => child!.kill("SIGKILL"), GRACE_MS);
      await closed;
      clearTimeout(kill);
    },
  };
}

function tooLarge(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES_MAX;
}
