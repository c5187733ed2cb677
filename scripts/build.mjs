// Builds what is stale. Nothing but Node's own modules may be used here, save the compiler, which runs as a program.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("..", import.meta.url));

/**
 * Compiles every room, and bundles the web app, where sources changed since the last build. Whether any did is told by
 * names, sizes and times of the sources, which takes some milliseconds; the compiler itself then finds out which rooms
 * it must do again.
 * @param {string} root the project's folder
 * @returns {boolean} whether anything had to be built
 * @throws Error when there were mistakes
 */
export function build(root = here) {
  const compiled = compileRooms(root);
  const bundled = bundleWebApp(root);
  return compiled || bundled;
}

function compileRooms(root) {
  const rooms = roomsOf(root);
  const built = rooms.every((room) => existsSync(join(root, room, "dist", ".tsbuildinfo")));
  const sources = ["package-lock.json", "tsconfig.json", "tsconfig.base.json", ...rooms.flatMap((room) => [`${room}/package.json`, `${room}/tsconfig.json`, `${room}/src`])];
  return whenStale(root, "winnow-build", built, sources, () => {
    if (!built) console.error("Building …");
    run(root, ["typescript", "bin", "tsc"], ["-b"], "The build failed: see the compiler's messages above.");
  });
}

/** Types of the web app are checked by `npm run typecheck` and `npm test`: a bundle needs none. */
function bundleWebApp(root) {
  const room = "apps/web";
  if (!existsSync(join(root, room, "index.html"))) return false;
  const built = existsSync(join(root, room, "dist", "index.html"));
  const sources = ["package-lock.json", "tsconfig.base.json", ...["package.json", "tsconfig.json", "vite.config.ts", "index.html", "public", "src"].map((name) => `${room}/${name}`), "packages/contract/src", "packages/curation/src"];
  return whenStale(root, "winnow-web-build", built, sources, () => {
    if (!built) console.error("Building the web app …");
    run(root, ["vite", "bin", "vite.js"], ["build", room, "--logLevel", "warn"], "The web app could not be built: see the messages above.");
  });
}

/** Does some work unless it was done for these very sources. @returns whether it had to be done */
function whenStale(root, name, built, sources, work) {
  const stamp = join(root, "node_modules", ".cache", name);
  const before = fingerprint(root, sources);
  if (built && existsSync(stamp) && readFileSync(stamp, "utf8") === before) return false;
  work();
  mkdirSync(join(root, "node_modules", ".cache"), { recursive: true });
  // The state before the work: what was edited meanwhile is built next time.
  writeFileSync(stamp, before);
  return true;
}

function run(root, program, args, problem) {
  const done = spawnSync(process.execPath, [join(root, "node_modules", ...program), ...args], { cwd: root, stdio: ["ignore", process.stderr, process.stderr] });
  if (done.status !== 0) throw new Error(problem);
}

function roomsOf(root) {
  const { references } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8"));
  return references.map(({ path }) => path);
}

function fingerprint(root, sources) {
  const hash = createHash("sha256");
  const add = (path) => {
    const facts = statSync(join(root, path), { throwIfNoEntry: false });
    if (!facts) return;
    if (facts.isDirectory()) for (const name of readdirSync(join(root, path)).toSorted()) add(`${path}/${name}`);
    else hash.update(`${path}\0${facts.mtimeMs}\0${facts.size}\n`);
  };
  for (const path of sources) add(path);
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
