// Installs what is missing, and only then: nothing but Node's own modules may be used here.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("..", import.meta.url));

/**
 * Makes sure that node_modules holds what package-lock.json says. When it does, this costs a few milliseconds.
 * @param {string} root the project's folder
 * @returns {boolean} whether something was installed
 * @throws Error saying what to do when npm failed
 */
export function ensureInstalled(root = here) {
  requireNode();
  const lock = readFileSync(join(root, "package-lock.json"), "utf8");
  const stamp = join(root, "node_modules", ".winnow-installed");
  const wanted = createHash("sha256").update(lock).update(process.platform).update(process.arch).digest("hex");
  if (textOf(stamp) === wanted) return false;
  // Someone who ran `npm install` by hand has all of it but no stamp of ours.
  const complete = holds(root, lock);
  if (!complete) {
    console.error(existsSync(join(root, "node_modules")) ? "Installing what is new in package-lock.json …" : "Installing the packages that Winnow is made of …");
    install(root);
  }
  writeFileSync(stamp, wanted);
  return !complete;
}

function requireNode() {
  if (Number(process.versions.node.split(".")[0]) >= 20) return;
  throw new Error(`Winnow needs Node.js 20 or newer, this is ${process.versions.node}. Install a newer one from https://nodejs.org and try again.`);
}

/** Whether npm's own record of what it installed agrees with the lockfile. What is optional (other platforms) may be missing. */
function holds(root, lock) {
  const installed = textOf(join(root, "node_modules", ".package-lock.json"));
  if (installed === undefined) return false;
  try {
    const there = JSON.parse(installed).packages;
    return Object.entries(JSON.parse(lock).packages).every(([path, wanted]) => {
      if (path === "" || !path.includes("node_modules/")) return true;
      const found = there[path];
      if (found === undefined) return Boolean(wanted.optional || wanted.devOptional || wanted.peer);
      return found.version === wanted.version && Boolean(found.link) === Boolean(wanted.link) && (found.link || existsSync(join(root, path)));
    });
  } catch {
    return false;
  }
}

function install(root) {
  // Development packages hold the compiler, so they are needed whatever the environment is called. Packages' own scripts
  // never run (see .npmrc): nothing is fetched but what the registry holds.
  const args = ["ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env["npm_execpath"];
  const options = { cwd: root, stdio: ["ignore", process.stderr, process.stderr], env: { ...process.env, npm_config_update_notifier: "false", NODE_ENV: "development" } };
  const done =
    npm !== undefined && /npm-cli\.[cm]?js$/.test(npm)
      ? spawnSync(process.execPath, [npm, ...args], options)
      : spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
  if (done.error?.code === "ENOENT") throw new Error("npm was not found. It comes with Node.js: install it from https://nodejs.org and try again.");
  if (done.status !== 0) throw new Error("Installing failed: see npm's message above. Check that the npm registry can be reached and that the disk isn't full, then try again.");
}

function textOf(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    if (!ensureInstalled()) console.error("Everything is installed.");
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
