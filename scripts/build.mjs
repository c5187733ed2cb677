// Builds what is stale. Nothing but Node's own modules may be used here, save the compiler, which runs as a program.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("..", import.meta.url));

/**
 * Compiles every room whose sources changed since the last build. Whether any did is told by names, sizes and times of
 * the sources, which takes some milliseconds; the compiler itself then finds out which rooms it must do again.
 * @param {string} root the project's folder
 * @returns {boolean} whether the compiler had to run
 * @throws Error when it found mistakes
 */
export function build(root = here) {
  const stamp = join(root, "node_modules", ".cache", "winnow-build");
  const rooms = roomsOf(root);
  const built = rooms.every((room) => existsSync(join(root, room, "dist", ".tsbuildinfo")));
  const before = fingerprint(root, rooms);
  if (built && existsSync(stamp) && readFileSync(stamp, "utf8") === before) return false;
  if (!built) console.error("Building …");
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const done = spawnSync(process.execPath, [compiler, "-b"], { cwd: root, stdio: ["ignore", process.stderr, process.stderr] });
  if (done.status !== 0) throw new Error("The build failed: see the compiler's messages above.");
  mkdirSync(join(root, "node_modules", ".cache"), { recursive: true });
  // The state before compiling: what was edited meanwhile is built next time.
  writeFileSync(stamp, before);
  return true;
}

function roomsOf(root) {
  const { references } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8"));
  return references.map(({ path }) => path);
}

function fingerprint(root, rooms) {
  const hash = createHash("sha256");
  const add = (path) => {
    const { mtimeMs, size } = statSync(join(root, path));
    hash.update(`${path}\0${mtimeMs}\0${size}\n`);
  };
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (entry.isDirectory()) walk(`${folder}/${entry.name}`);
      else if (entry.isFile()) add(`${folder}/${entry.name}`);
    }
  };
  for (const path of ["package-lock.json", "tsconfig.json", "tsconfig.base.json"]) add(path);
  for (const room of rooms) {
    add(`${room}/package.json`);
    add(`${room}/tsconfig.json`);
    walk(`${room}/src`);
  }
  return hash.digest("hex");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    build();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
