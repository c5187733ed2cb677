// npm run site: builds the documentation site into site/dist. Its tools are no part of the project's own installation;
// they are installed the first time. `npm run site -- --show` shows it at http://localhost:4173 afterwards.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const site = join(root, "site");

function run(command, words) {
  const done = spawnSync(command, words, { cwd: site, stdio: "inherit", shell: command === "npm" && process.platform === "win32" });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

ensureInstalled();
build();
const lock = readFileSync(join(site, "package-lock.json"), "utf8");
const stamp = join(site, "node_modules", ".winnow-installed");
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
  run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(stamp, lock);
}
run(process.execPath, ["generate.mjs"]);
const vitepress = join(site, "node_modules", "vitepress", "bin", "vitepress.js");
run(process.execPath, [vitepress, "build", "."]);
if (process.argv.includes("--show")) run(process.execPath, [vitepress, "preview", ".", "--port", "4173"]);
