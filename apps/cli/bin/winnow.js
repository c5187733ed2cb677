#!/usr/bin/env node
import { existsSync } from "node:fs";
const entry = new URL("../dist/main.js", import.meta.url);
if (!existsSync(entry)) {
  console.error("winnow is not built yet. Run `npm start` or `npm run build` in the project's root first.");
  process.exit(1);
}
await import(entry.href);
