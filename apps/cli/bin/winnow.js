#!/usr/bin/env node
import { existsSync } from "node:fs";
import module from "node:module";
const entry = new URL("../dist/main.js", import.meta.url);
if (!existsSync(entry)) {
  console.error("winnow is not built yet. Run `npm start` or `npm run build` in the project's root first.");
  process.exit(1);
}
// Newer releases of Node can keep compiled code between runs.
module.enableCompileCache?.();
await import(entry.href);
