// Tools with a folder and a lockfile of their own: no part of the project's installation, installed when first asked for.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Runs a command to its end; ends this process with it when it fails. */
export function run(command, words, cwd) {
  const done = spawnSync(command, words, { cwd, stdio: "inherit", shell: command === "npm" && process.platform === "win32" });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

/** Installs what the folder's lockfile says, unless that is there. */
export function ensureInstalledIn(folder) {
  const lock = readFileSync(join(folder, "package-lock.json"), "utf8");
  const stamp = join(folder, "node_modules", ".winnow-installed");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], folder);
  writeFileSync(stamp, lock);
}
