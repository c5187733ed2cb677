// What of others users get from us, by package-lock.json: what an installation of `winnow` brings along, and what is
// inside the bundle of the web app, which its package lists among the tools of its development. The rest builds and tests.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;

/** Places in node_modules with their entries in the lockfile. @returns {Map<string, Record<string, unknown>>} */
export function installed() {
  return reachable(["apps/cli"]);
}

/** The same of what the sources of the web app import, and what that depends on. */
export function bundled() {
  const names = new Set([...sourceFiles(join(root, "apps/web/src"))].flatMap((file) => imports(readFileSync(file, "utf8"))).filter((name) => !name.startsWith(".")).map(packageOf));
  return reachable([...names].map((name) => {
    const place = placeOf("apps/web", name);
    if (place === undefined) throw new Error(`apps/web imports ${name}, which package-lock.json doesn't have`);
    return lock[place].link ? lock[place].resolved : place;
  }));
}

/** Packages at and below some places, development left out. */
function reachable(starts) {
  const found = new Map();
  const waiting = [...starts];
  const seen = new Set();
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const entry = lock[at];
    if (at.includes("node_modules/")) found.set(at, entry);
    for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
      const place = placeOf(at, name);
      if (place !== undefined) waiting.push(lock[place].link ? lock[place].resolved : place);
    }
  }
  return found;
}

/** Where Node would find a package from a place: beside it, or further up. */
function placeOf(from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/")))) {
    const place = at === "" ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (lock[place] !== undefined) return place;
    if (at === "") return undefined;
  }
}

/** What a source imports. */
function imports(text) {
  return [...text.matchAll(/(?:^|\n)\s*(?:import|export)[^;'"]*?from\s*["']([^"']+)["']|import\s*\(\s*["']([^"']+)["']\s*\)|(?:^|\n)import\s+["']([^"']+)["']/g)].map((match) => match[1] ?? match[2] ?? match[3]);
}

const packageOf = (name) => name.split("/").slice(0, name.startsWith("@") ? 2 : 1).join("/");

function* sourceFiles(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sourceFiles(path);
    else if (/\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name)) yield path;
  }
}
