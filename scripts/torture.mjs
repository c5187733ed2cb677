// npm run torture -- --kills N [--seed S] [--on STORES]: kills a server N times on each kind of stores while clients work,
// fills its disks where root may mount small ones, and looks whether anything is lost that it had acknowledged. Ends with 0
// only if nothing is; the last line sums it up.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

const kinds = ["sqlite", "postgres", "failing store"];

function options() {
  try {
    const { values } = parseArgs({ options: { kills: { type: "string", default: "200" }, seed: { type: "string" }, on: { type: "string" } } });
    if (values.on !== undefined && !kinds.includes(values.on)) throw new Error(`--on must be one of ${kinds.join(", ")}, not ${JSON.stringify(values.on)}.`);
    for (const [name, value] of Object.entries(values)) if (name !== "on" && !/^[1-9]\d{0,8}$/.test(value)) throw new Error(`--${name} must be a whole number of at least 1, not ${JSON.stringify(value)}.`);
    return values;
  } catch (error) {
    console.error(`${error.message} Usage: npm run torture -- --kills 200 [--seed 1] [--on sqlite]`);
    process.exit(2);
  }
}

const { kills, seed, on } = options();
ensureInstalled();
build();
const folder = mkdtempSync(join(tmpdir(), "winnow-torture-"));
const report = join(folder, "report");
const done = spawnSync(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), "run", "--disableConsoleIntercept=true", "e2e/durability.test.ts", ...(on === undefined ? [] : ["-t", `on ${on}`])], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, WINNOW_KILLS: kills, WINNOW_TORTURE_REPORT: report, ...(seed !== undefined && { WINNOW_SEED: seed }) },
});
const lines = existsSync(report) ? readFileSync(report, "utf8").trim().split("\n") : [];
rmSync(folder, { recursive: true, force: true });
const well = done.status === 0 && lines.length > 0;
console.log(lines.join("\n"));
console.log(well ? `torture: nothing was lost (${lines.map((line) => line.split(":")[0]).join(", ")}; ${kills} kills each)` : "torture: FAILED; see above");
process.exit(well ? 0 : 1);
