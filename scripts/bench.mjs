// npm run bench -- NAME [ARGUMENTS]: builds everything, then runs bench/NAME.ts.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const [name, ...rest] = process.argv.slice(2);
const names = readdirSync(join(root, "bench")).filter((file) => file.endsWith(".ts")).map((file) => file.slice(0, -3));
if (!name || !names.includes(name)) {
  console.error(`Which benchmark? npm run bench -- ${names.join(" | ")}`);
  process.exit(2);
}
ensureInstalled();
build();
const compiled = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b", "bench"], { cwd: root, stdio: "inherit" });
if (compiled.status !== 0 || !existsSync(join(root, "bench/dist", `${name}.js`))) process.exit(1);
process.exit(spawnSync(process.execPath, ["--expose-gc", join(root, "bench/dist", `${name}.js`), ...rest], { cwd: process.env["INIT_CWD"] ?? root, stdio: "inherit" }).status ?? 1);
