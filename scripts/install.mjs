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
  const flags = ["--include=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const exact = npm(root, ["ci", ...flags], "pipe");
  if (exact.status === 0) return;
  // `ci` insists on an entry for every platform's packages, which a lockfile written where the registry lacks some of
  // them has not. `install` takes the versions of the lockfile all the same, and leaves the file as it is.
  if (/EUSAGE/.test(exact.stderr ?? "")) {
    if (npm(root, ["install", "--no-save", ...flags], process.stderr).status === 0) return;
  } else {
    process.stderr.write(exact.stderr ?? "");
  }
  throw new Error("Installing failed: see npm's message above. Check that the npm registry can be reached and that the disk isn't full, then try again.");
}

function npm(root, args, stderr) {
  const cli = process.env["npm_execpath"];
  const options = { cwd: root, encoding: "utf8", stdio: ["ignore", process.stderr, stderr], env: { ...process.env, npm_config_update_notifier: "false", NODE_ENV: "development" } };
  const done =
    cli !== undefined && /npm-cli\.[cm]?js$/.test(cli)
      ? spawnSync(process.execPath, [cli, ...args], options)
      : spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
  if (done.error?.code === "ENOENT") throw new Error("npm was not found. It comes with Node.js: install it from https://nodejs.org and try again.");
  return done;
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
