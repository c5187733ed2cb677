// npm start: installs and builds what is missing, then is `winnow start` with the same arguments. Nothing but Node's own
// modules may be loaded before that.
import { pathToFileURL, fileURLToPath } from "node:url";
import { join } from "node:path";
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
// The same process, so that signals and exit codes are the command's own.
const { main } = await import(pathToFileURL(join(root, "apps", "cli", "dist", "process.js")).href);
await main(["start", ...process.argv.slice(2)]);
