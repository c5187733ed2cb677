import { spawnSync } from "node:child_process";
import { startChildServer } from "./child-server.ts";

/** Why Python's file server can't be tested against here; undefined when it can. */
export function pythonIsMissing(): string | undefined {
  const found = spawnSync("python3", ["-c", "import http.server"], { stdio: "ignore" });
  return found.status === 0 ? undefined : "python3 is not installed";
}

/** `python3 -m http.server` over a folder, on a free port of this machine. */
export async function startPythonFileServer(folder: string): Promise<{ url: string; close(): Promise<void> }> {
  const { port, close } = await startChildServer("python3", ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", folder], /port (\d+) /);
  return { url: `http://127.0.0.1:${port}/`, close };
}
