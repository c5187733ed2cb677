// Who else's work is in Winnow: every package that an installation of `winnow` brings along, by the lockfile, with its
// licence; and the packages whose code is inside the bundle of the web app. Writes THIRD-PARTY.md at the root and the
// licence texts of what the bundle holds into apps/web/THIRD-PARTY.txt, which is published with it.
//
//     node scripts/third-party.mjs            writes them
//     node scripts/third-party.mjs --check    fails when they aren't up to date, or a package names no licence
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundled, installed } from "./shipped.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const nameOf = (place) => place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);

function licenceOf(place, entry) {
  if (typeof entry.license === "string") return entry.license;
  const manifest = join(root, place, "package.json");
  if (!existsSync(manifest)) return undefined;
  const { license, licenses } = JSON.parse(readFileSync(manifest, "utf8"));
  if (typeof license === "string") return license;
  const older = license?.type ?? licenses?.map(({ type }) => type).join(" OR ");
  if (older !== undefined) return older;
  // Some name it only in the first line of its text.
  const file = licenceFile(place);
  return file === undefined ? undefined : /^(?:The )?(MIT|ISC|BSD)\b/.exec(readFileSync(file, "utf8").trim())?.[1];
}

function licenceFile(place) {
  const name = readdirSync(join(root, place)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  return name === undefined ? undefined : join(root, place, name);
}

function rowsOf(places) {
  const rows = new Map();
  for (const [place, entry] of places) {
    const [name, licence] = [nameOf(place), licenceOf(place, entry)];
    rows.set(`${name}@${entry.version}`, { name, version: entry.version, licence, optional: Boolean(entry.optional) });
  }
  return [...rows.values()].toSorted((a, b) => (a.name === b.name ? (a.version < b.version ? -1 : 1) : a.name < b.name ? -1 : 1));
}

const table = (rows) => ["| package | version | licence | |", "|---|---|---|---|", ...rows.map(({ name, version, licence, optional }) => `| ${name} | ${version} | ${licence} | ${optional ? "optional" : ""} |`)].join("\n");

const platform = rowsOf(installed());
const counts = new Map();
for (const { licence } of platform) counts.set(licence, (counts.get(licence) ?? 0) + 1);
const inBundle = [...bundled()].filter(([place]) => existsSync(join(root, place)));

const markdown = `# Third-party packages

What an installation of \`winnow\` brings along, from package-lock.json; written by \`node scripts/third-party.mjs\`, held up to date by a test. Packages are installed as they are published, with their licences in them. What is copied into files of ours is the web app's bundle: the texts of its licences are in [apps/web/THIRD-PARTY.txt](apps/web/THIRD-PARTY.txt). The notices of the built-in model and of the fonts are in [packages/embedding/NOTICE](packages/embedding/NOTICE) and [apps/worker/NOTICE](apps/worker/NOTICE).

${[...counts].toSorted(([, a], [, b]) => b - a).map(([licence, count]) => `${licence}: ${count}`).join(" · ")}

${table(platform)}
`;

const texts = inBundle
  .map(([place, entry]) => {
    const file = licenceFile(place);
    return `${nameOf(place)} ${entry.version} (${licenceOf(place, entry)})\n\n${file === undefined ? "Its package holds no text of the licence." : readFileSync(file, "utf8").trim()}\n`;
  })
  .toSorted()
  .join(`\n${"-".repeat(80)}\n\n`);

const problems = platform.filter(({ licence }) => licence === undefined).map(({ name, version }) => `${name} ${version} names no licence: find out, or leave it out`);
const wanted = { "THIRD-PARTY.md": markdown, "apps/web/THIRD-PARTY.txt": texts };
for (const [path, text] of Object.entries(wanted)) {
  if (!process.argv.includes("--check")) writeFileSync(join(root, path), text);
  else if (!existsSync(join(root, path)) || readFileSync(join(root, path), "utf8") !== text) problems.push(`${path} is not up to date: run node scripts/third-party.mjs`);
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
