// npm start: installs and builds what is missing, then is `winnow start` with the same arguments. Nothing but Node's own
// modules may be loaded before that.
import module from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

try {
  ensureInstalled();
  build();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
// Newer releases of Node can keep compiled code between runs.
module.enableCompileCache?.();
// The same process, so that signals and exit codes are the command's own.
const { main } = await import(pathToFileURL(join(root, "apps", "cli", "dist", "process.js")).href);
await main(["start", ...process.argv.slice(2)]);
