// npm run bench -- NAME [ARGUMENTS], npm run example -- NAME [ARGUMENTS]: builds everything, then runs FOLDER/NAME.ts.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const [folder, name, ...rest] = process.argv.slice(2);
const names = readdirSync(join(root, folder)).filter((file) => file.endsWith(".ts")).map((file) => file.slice(0, -3));
if (!name || !names.includes(name)) {
  console.error(`Which one? npm run ${folder === "bench" ? "bench" : "example"} -- ${names.join(" | ")}`);
  process.exit(2);
}
ensureInstalled();
build();
const compiled = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b", folder], { cwd: root, stdio: ["ignore", 2, 2] });
if (compiled.status !== 0) process.exit(1);
const done = spawnSync(process.execPath, ["--expose-gc", join(root, folder, "dist", `${name}.js`), ...rest], { cwd: process.env["INIT_CWD"] ?? root, stdio: "inherit" });
process.exit(done.status ?? 1);
