// npm run changes: versions and changelogs, kept by changesets. The tool is no part of the project's own installation; it
// is installed in release/ the first time.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureInstalledIn, run } from "./own-folder.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const release = join(root, "release");
const tool = join(release, "node_modules", "@changesets", "cli", "bin.js");

ensureInstalledIn(release);
run(process.execPath, [tool, ...process.argv.slice(2)], root);

if (process.argv[2] === "version") {
  // What else tells the version: the SDK, which can't read its package in a browser, and the lockfile.
  const { version } = JSON.parse(readFileSync(join(root, "packages/client/package.json"), "utf8"));
  const file = join(root, "packages/client/src/version.ts");
  writeFileSync(file, readFileSync(file, "utf8").replace(/(VERSION = ")[^"]*(";\n)/, `$1${version}$2`));
  run("npm", ["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"], root);
}
