// Builds what is stale: the kernels first (TypeScript reads the file they make), then every room through project references.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));

export function build() {
  const done = spawnSync(process.execPath, [tsc, "-b"], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (done.status !== 0) throw new Error("the build failed: see the messages above");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build();
