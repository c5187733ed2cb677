// npm run site: builds the documentation site into site/dist. Its tools are no part of the project's own installation;
// they are installed the first time. `npm run site -- --show` shows it at http://localhost:4173 afterwards.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";
import { ensureInstalledIn, run } from "./own-folder.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const site = join(root, "site");

ensureInstalled();
build();
ensureInstalledIn(site);
run(process.execPath, ["generate.mjs"], site);
const vitepress = join(site, "node_modules", "vitepress", "bin", "vitepress.js");
run(process.execPath, [vitepress, "build", "."], site);
if (process.argv.includes("--show")) run(process.execPath, [vitepress, "preview", ".", "--port", "4173"], site);
