// Who may import whom: the rooms of the house (docs/architecture.md) and the doors between them.
import { readFileSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** For each room the rooms it may import. Tests may also import what they test together with. */
const doors = {
  "packages/contract": [],
  "packages/curation": [],
  "packages/formats": ["packages/curation"],
  "packages/media": [],
  "packages/embedding": ["packages/media"],
  "packages/storage": ["packages/media"],
  "packages/client": ["packages/contract", "packages/formats", "packages/media", "packages/curation"],
  "apps/server": ["packages/contract", "packages/curation", "packages/formats", "packages/storage", "packages/media", "packages/embedding"],
  "apps/worker": ["packages/contract", "packages/client", "packages/curation", "packages/formats", "packages/media", "packages/embedding", "packages/storage"],
  "apps/cli": ["packages/contract", "packages/client", "packages/curation", "packages/formats", "packages/media", "packages/embedding", "packages/storage", "apps/server", "apps/worker", "apps/web"],
  "apps/web": ["packages/contract", "packages/curation"],
};
/** The numeric core computes: no files, no network. Only its pool looks for the file that threads start with. */
const pure = (path) => (path.startsWith("packages/contract/src/") || path.startsWith("packages/curation/src/")) && !path.startsWith("packages/curation/src/pool/");
const inputAndOutput = /^node:(fs|net|http|https|http2|dns|dgram|tls|child_process)/;
const forbiddenNames = /(^|[/.-])(utils?|helpers?|common|misc)([/.-]|$)/;

const rooms = Object.keys(doors);
const roomOfPackage = new Map(rooms.map((room) => [JSON.parse(readFileSync(join(root, room, "package.json"), "utf8")).name, room]));
const problems = [];

for (const room of rooms) {
  for (const file of sourceFiles(join(root, room))) {
    const path = relative(root, file).split(sep).join("/");
    if (forbiddenNames.test(path)) problems.push(`${path}: a name that says nothing; call it by what it holds`);
    const isTest = path.endsWith(".test.ts");
    for (const name of imports(readFileSync(file, "utf8"))) {
      const target = name.startsWith(".") ? relative(root, join(file, "..", name)).split(sep).join("/") : undefined;
      const other = target ? rooms.find((one) => target.startsWith(`${one}/`)) : roomOfPackage.get(name.split("/").slice(0, name.startsWith("@") ? 2 : 1).join("/"));
      if (target && other !== room) problems.push(`${path}: imports ${name}; other rooms are entered through their package name`);
      else if (other && other !== room && !doors[room].includes(other)) problems.push(`${path}: ${room} may not import ${other}`);
      if (!isTest && inputAndOutput.test(name) && pure(path)) problems.push(`${path}: imports ${name}, but ${room} does no input or output`);
    }
  }
}

if (problems.length > 0) {
  console.error(problems.join("\n"));
  console.error(`${problems.length} import${problems.length === 1 ? "" : "s"} or names against the rules of the house.`);
  process.exit(1);
}

function* sourceFiles(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === "node_modules" || entry.name === "dist" || entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sourceFiles(path);
    else if (/\.(ts|tsx|mjs)$/.test(entry.name)) yield path;
  }
}

function imports(text) {
  return [...text.matchAll(/(?:^|\n)\s*(?:import|export)[^;'"]*?from\s*["']([^"']+)["']|import\s*\(\s*["']([^"']+)["']\s*\)|(?:^|\n)import\s+["']([^"']+)["']/g)].map((match) => match[1] ?? match[2] ?? match[3]);
}
