// npm run changes: versions and changelogs, kept by changesets. The tool is no part of the project's own installation; it
// is installed in release/ the first time.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
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

if (process.argv[2] === "version") {
  // What else tells the version: the SDK, which can't read its package in a browser, and the lockfile.
  const { version } = JSON.parse(readFileSync(join(root, "packages/client/package.json"), "utf8"));
  const file = join(root, "packages/client/src/version.ts");
  writeFileSync(file, readFileSync(file, "utf8").replace(/(VERSION = ")[^"]*(";\n)/, `$1${version}$2`));
  run("npm", ["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"], root);
}
