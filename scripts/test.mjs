// Everything that this project has to prove: types, lint, rooms, tests, and the real Python client where it is at hand.
// Installs and builds what is missing first. Ends with one line: N passed, N failed.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./build.mjs";
import { chromiumPath } from "./chromium.mjs";
import { ensureInstalled } from "./install.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const counts = { passed: 0, failed: 0, skipped: 0 };
/** What took how long, in seconds: told at the end. */
const costs = [];

/** Does a part of the work, and notes what it costs. */
async function timed(name, work) {
  const began = performance.now();
  const place = costs.length;
  try {
    return await work();
  } finally {
    // Above what it consists of.
    costs.splice(place, 0, [name, (performance.now() - began) / 1000]);
  }
}

function step(name, command, args) {
  const began = performance.now();
  console.log(`\n== ${name}`);
  const done = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  const ok = done.status === 0;
  counts[ok ? "passed" : "failed"]++;
  if (!ok) failures.push(`${name}: ${[command, ...args].join(" ")}`);
  const seconds = (performance.now() - began) / 1000;
  costs.push([name, seconds]);
  console.log(`${ok ? "ok" : "FAILED"}: ${name} (${seconds.toFixed(1)} s)`);
  return ok;
}

/** What failed, told once more at the end: what is above may be long, or cut off. */
const failures = [];

function failuresOf(files) {
  return files.flatMap((file) => {
    const path = relative(root, file.name);
    const tests = file.assertionResults.filter(({ status }) => status === "failed");
    if (tests.length === 0) return file.status === "failed" ? [`${path}: ${file.message}`] : [];
    return tests.map((test) => `${path}: ${test.fullName}\n${test.failureMessages.join("\n").split("\n").slice(0, 12).join("\n")}`);
  });
}

/** Seconds of tests, by room or by file of e2e/, where they are many. Files that ran side by side count one by one. */
function costsOf(files) {
  const sums = new Map();
  for (const { name, startTime, endTime } of files) {
    const path = relative(root, name).split(sep);
    const part = `  ${path[0] === "e2e" ? path.join("/") : path.slice(0, 2).join("/")}`;
    sums.set(part, (sums.get(part) ?? 0) + (endTime - startTime) / 1000);
  }
  return [...sums].toSorted(([, a], [, b]) => b - a).filter(([, seconds]) => seconds >= 5);
}

function bin(name) {
  return join(root, "node_modules", name);
}

async function main() {
  await timed("installing", ensureInstalled);
  await timed("building", build);
  step("types", process.execPath, [bin("typescript/bin/tsc"), "-p", "tsconfig.tests.json"]);
  step("types of the web app", process.execPath, [bin("typescript/bin/tsc"), "-p", "apps/web"]);
  step("types of its tests in a browser", process.execPath, [bin("typescript/bin/tsc"), "-p", "e2e/web"]);
  step("lint", process.execPath, [bin("oxlint/bin/oxlint"), "--deny-warnings"]);
  step("imports between rooms", process.execPath, ["scripts/rooms.mjs"]);
  step("dependencies", process.execPath, ["scripts/dependencies.mjs", ...(process.env["CI"] === "true" ? [] : ["--offline"])]);
  ensureBrowser();
  const only = process.argv.slice(2);
  if (only.length > 0) {
    await timed("tests", () => vitest("tests", only));
  } else {
    await timed("tests of the rooms", () => vitest("tests of the rooms", ["--exclude", "e2e/**"]));
    // Whole platforms with workers and browsers: one after the other, since each keeps all processors busy.
    await timed("tests of the whole", () => vitest("tests of the whole", ["e2e/", "--no-file-parallelism"]));
    await timed("the Python client", pythonClient);
  }
}

/** Tests of the web app need a browser. Continuous integration installs one; on anybody else's machine that is theirs to decide. */
function ensureBrowser() {
  if (chromiumPath() || process.env["CI"] !== "true" || process.getuid?.() !== 0) return;
  console.log("\n== a browser for the tests of the web app");
  const apt = (...args) => spawnSync("apt-get", [...args], { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } }).status === 0;
  const install = () => apt("install", "-y", "--no-install-recommends", "chromium");
  if (!install() && !(apt("update") && install())) console.log("chromium could not be installed; the tests of the web app will be skipped");
}

function vitest(name, args) {
  console.log(`\n== ${name}`);
  const folder = mkdtempSync(join(tmpdir(), "winnow-test-"));
  const report = join(folder, "report.json");
  try {
    const done = spawnSync(process.execPath, [bin("vitest/vitest.mjs"), "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...args], { cwd: root, stdio: "inherit" });
    if (!existsSync(report)) {
      counts.failed++;
      failures.push(`${name}: vitest ended with ${done.status ?? done.signal} and left no report`);
      return;
    }
    const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites, testResults } = JSON.parse(readFileSync(report, "utf8"));
    counts.passed += numPassedTests;
    counts.skipped += numPendingTests;
    // A file that can't even be loaded has no tests to count.
    const broken = numFailedTestSuites > 0 || done.status !== 0;
    counts.failed += numFailedTests || (broken ? 1 : 0);
    failures.push(...failuresOf(testResults));
    costs.push(...costsOf(testResults));
    if (broken && numFailedTests === 0) failures.push(`${name}: no test failed, but vitest ended with ${done.status ?? done.signal}: look above for a file that can't be loaded, or an error outside of tests`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function pythonClient() {
  const folder = process.env["WINNOW_ACCEPTANCE"] ?? join(root, "..", "shared", "acceptance");
  console.log("\n== the Python client");
  if (!existsSync(join(folder, "drive.py"))) {
    console.log(`skipped: there is no ${folder}`);
    counts.skipped++;
    return;
  }
  const data = mkdtempSync(join(tmpdir(), "winnow-python-"));
  const winnow = join(root, "apps/cli/bin/winnow.js");
  const token = "token-for-the-python-client";
  // The cases write images and predictions into it, as a user's bucket would hold them.
  const source = join(data, "source");
  mkdirSync(source);
  let server;
  let worker;
  try {
    const setUp = spawnSync("sh", [join(folder, "setup.sh"), join(data, "client")], { stdio: "inherit" });
    if (setUp.status !== 0) throw new Error("the Python client could not be set up");
    server = spawn(process.execPath, [winnow, "server", "--data", join(data, "data"), "--port", "0", "--allow-folder", source], { env: { ...process.env, WINNOW_TOKEN: token }, stdio: ["ignore", "pipe", "inherit"] });
    const url = await addressOf(server);
    const second = JSON.parse(spawnSync(process.execPath, [winnow, "user", "add", "second@example.org", "--data", join(data, "data"), "--json"], { encoding: "utf8" }).stdout);
    worker = computeWorker(winnow, ["--server", url, "--output", join(data, "output")], token, data);
    const options = ["--workdir", join(data, "client"), "--url", url, "--token", token, "--token2", second.token, "--user2", second.email, "--images", join(folder, "..", "data", "clothing"), "--datasource", source, "--serve", ...(worker ? ["--worker"] : [])];
    const run = spawn("sh", [join(folder, "run.sh"), ...options], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    for await (const chunk of run.stdout) {
      output += chunk;
      process.stdout.write(chunk);
    }
    const closing = /(\d+) passed, (\d+) failed\s*$/.exec(output);
    counts.passed += Number(closing?.[1] ?? 0);
    counts.failed += Number(closing?.[2] ?? 1);
    if (closing?.[2] !== "0") failures.push(`the Python client: ${[...output.matchAll(/^(?:not ok|FAIL|fail) .*(?:\n {4}.*)*/gm)].join("\n") || "no closing line"}`);
    counts.skipped += [...output.matchAll(/^skip /gm)].length;
  } catch (error) {
    console.error(error);
    counts.failed++;
  } finally {
    for (const child of [worker, server]) await ended(child);
    rmSync(data, { recursive: true, force: true });
  }
}

/** A compute worker beside the server, where the command exists. */
function computeWorker(winnow, args, token, folder) {
  const help = spawnSync(process.execPath, [winnow, "--help"], { encoding: "utf8" });
  if (!/^\s*worker\b/m.test(help.stdout)) return undefined;
  return spawn(process.execPath, [winnow, "worker", ...args], { cwd: folder, env: { ...process.env, WINNOW_TOKEN: token }, stdio: ["ignore", "ignore", "inherit"] });
}

/** Ends a process well. */
async function ended(child) {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await new Promise((resolve) => child.once("exit", resolve));
}

/** The address in the server's first lines. */
function addressOf(server) {
  return new Promise((resolve, reject) => {
    let text = "";
    server.stdout.on("data", (chunk) => {
      text += chunk;
      const found = /https?:\/\/[\w.:[\]-]+/.exec(text);
      if (found) resolve(found[0]);
    });
    server.once("exit", (code) => reject(new Error(`the server ended with ${code} before it was ready: ${text}`)));
  });
}

try {
  await main();
} catch (error) {
  console.error(error);
  counts.failed++;
}
if (failures.length > 0) console.log(`\n== what failed\n\n${failures.join("\n\n")}`);
console.log(`\n== what it cost, in seconds\n\n${costs.map(([name, seconds]) => `${seconds.toFixed(0).padStart(5)}  ${name}`).join("\n")}`);
console.log(`\n${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ""}`);
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);
