// npm run changes: versions and changelogs, kept by changesets. The tool is no part of the project's own installation; it
// is installed in release/ the first time.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const release = join(root, "release");
const tool = join(release, "node_modules", "@changesets", "cli", "bin.js");

function run(command, words, cwd) {
  const done = spawnSync(command, words, { cwd, stdio: "inherit", shell: command === "npm" && process.platform === "win32" });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

if (!existsSync(tool)) run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], release);
run(process.execPath, [tool, ...process.argv.slice(2)], root);
