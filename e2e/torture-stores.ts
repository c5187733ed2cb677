/** The stores on which the server is tortured. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { chmod, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { s3Key, s3Region, startFaultProxy, startS3Server } from "@winnow/storage/testing";
import { createTestDatabase, postgresIsMissing } from "../apps/server/src/testing/postgres.ts";

export interface TortureStores {
  /** Of the server and of commands beside it. */
  readonly env: Readonly<Record<string, string>>;
  readonly dataFolder: string;
  /** Lets the store misbehave, or not. */
  misbehave(on: boolean): void;
  /** What was done to it, for the summary. */
  mishaps(): string;
  close(): Promise<void>;
}

export const storeKinds = ["sqlite", "postgres", "failing store"] as const;
export type StoreKind = (typeof storeKinds)[number];

/** Why a kind can't be had here; undefined when it can. */
export function isMissing(kind: StoreKind): string | undefined {
  return kind === "sqlite" ? undefined : postgresIsMissing;
}

/** SQLite and files; PostgreSQL and an S3 service; the same with a service that is slow and fails. @param folder for everything */
export async function tortureStores(kind: StoreKind, folder: string, random: () => number): Promise<TortureStores> {
  const dataFolder = join(folder, "data");
  if (kind === "sqlite") return { env: {}, dataFolder, misbehave: () => {}, mishaps: () => "", close: async () => {} };
  const [database, s3] = await Promise.all([createTestDatabase(), startS3Server("winnow-blobs")]);
  const proxy = kind === "failing store" ? await startFaultProxy(s3.endpoint, random) : undefined;
  if (proxy) proxy.on = false;
  return {
    env: storesEnvironment(database.url, proxy?.endpoint ?? s3.endpoint),
    dataFolder,
    misbehave: (on) => {
      if (proxy) proxy.on = on;
    },
    mishaps: () => (proxy ? `, ${Object.values(proxy.injected).reduce((sum, n) => sum + n, 0)} faults of the store` : ""),
    close: async () => {
      await proxy?.close();
      await s3.close();
      await database.drop();
    },
  };
}

/** What a server is told of a PostgreSQL and an S3 service. */
export function storesEnvironment(databaseUrl: string, endpoint: string): Readonly<Record<string, string>> {
  return {
    DATABASE_URL: databaseUrl,
    BLOB_STORE: `s3://winnow-blobs/below?region=${s3Region}&endpoint=${encodeURIComponent(endpoint)}`,
    AWS_ACCESS_KEY_ID: s3Key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3Key.secretAccessKey,
  };
}

/** Kinds of stores that are put on small disks. */
export const smallDiskKinds = ["sqlite", "postgres"] as const;

export interface SmallStores {
  /** Of the server and of commands beside it. */
  readonly env: Readonly<Record<string, string>>;
  readonly dataFolder: string;
  /** Called once there are some files: where they aren't on the small disk, there is no more room for them either. */
  fillFiles(): void;
  /** Gives some room back to the disks. */
  makeRoom(): Promise<void>;
  close(): Promise<void>;
}

/** SQLite and files on a small disk; PostgreSQL's tables on one, and an S3 service that says that it is full. @param folder for everything */
export async function smallStores(kind: (typeof smallDiskKinds)[number], folder: string): Promise<SmallStores> {
  if (kind === "sqlite") {
    const disk = await smallDisk(join(folder, "disk"), 36, 24);
    return { env: {}, dataFolder: join(folder, "disk/data"), fillFiles: () => undefined, makeRoom: disk.makeRoom, close: async () => disk.remove() };
  }
  // The database runs as somebody else, who has to get there.
  await chmod(folder, 0o755);
  const disk = await smallDisk(join(folder, "tables"), 36, 20);
  const database = await createTestDatabase(join(folder, "tables"));
  const s3 = await startS3Server("winnow-blobs");
  return {
    env: storesEnvironment(database.url, s3.endpoint),
    dataFolder: join(folder, "data"),
    // The stand-in itself doesn't answer at all on a full disk; services say it like this.
    fillFiles: () => void (s3.failing = { status: 507, code: "XMinioStorageFull" }),
    makeRoom: async () => {
      s3.failing = undefined;
      await disk.makeRoom();
    },
    close: async () => {
      await s3.close();
      await database.drop();
      disk.remove();
    },
  };
}

interface SmallDisk {
  makeRoom(): Promise<void>;
  remove(): void;
}

/** A disk that is soon full. @param megabytesKept of it are taken until room is made */
async function smallDisk(path: string, megabytes: number, megabytesKept: number): Promise<SmallDisk> {
  await mkdir(path);
  if (!mount(path, megabytes)) throw new Error(`no disk could be mounted at ${path}`);
  const ballast = join(path, "ballast");
  await writeFile(ballast, Buffer.alloc(megabytesKept << 20));
  return { makeRoom: () => rm(ballast), remove: () => unmount(path) };
}

function mount(path: string, megabytes: number): boolean {
  return existsSync("/proc/mounts") && spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=0755`, "tmpfs", path]).status === 0;
}

function unmount(path: string): void {
  spawnSync("umount", ["-l", path]);
}

/** Why no small disk can be had here; undefined when it can. */
export function noSmallDisk(kind: (typeof smallDiskKinds)[number]): string | undefined {
  if (kind === "postgres" && process.env["WINNOW_TEST_DATABASE_URL"]) return "the database of WINNOW_TEST_DATABASE_URL may be on another machine";
  const path = mkdtempSync(join(tmpdir(), "winnow-disk-"));
  try {
    if (!mount(path, 1)) return "only root can mount a small disk, and not everywhere";
    unmount(path);
    return undefined;
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

/** What interrupted writes left in a data folder. */
export async function leftovers(dataFolder: string): Promise<string[]> {
  const names = await readdir(join(dataFolder, "blobs"), { recursive: true }).catch(() => []);
  return names.filter((file) => file.includes(".unfinished/"));
}
