// npm run fuzz -- [--requests N] [--files N] [--seed S]: sends hostile requests to a server and broken files to every
// parser. Exit code 0 only when nothing failed; what fails is shown with the seed that brings it back.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const whole = (name, text) => {
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1) {
    console.error(`--${name} must be a whole number from 1 to 999999999, not ${JSON.stringify(text)}.`);
    process.exit(2);
  }
  return text;
};
const { values } = parseArgs({ options: { requests: { type: "string", default: "10000" }, files: { type: "string" }, seed: { type: "string" } } });
const requests = whole("requests", values.requests);
const files = whole("files", values.files ?? String(Math.max(1_000, Math.ceil(Number(requests) / 5))));
const seed = whole("seed", values.seed ?? String(1 + (Date.now() % 1_000_000_000)));

ensureInstalled();
build();
const done = spawnSync(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), "run", "--disableConsoleIntercept=true", "apps/server/src/app/hostile-client.test.ts", "packages/formats/src/hostile-files.test.ts", "packages/media/src/hostile-images.test.ts"], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, WINNOW_HOSTILE_REQUESTS: requests, WINNOW_HOSTILE_FILES: files, WINNOW_HOSTILE_SEED: seed },
});
console.log(done.status === 0 ? `fuzz: nothing failed in ${requests} requests and ${files} files of each format (seed ${seed})` : `fuzz: FAILED (seed ${seed})`);
process.exit(done.status ?? 1);
