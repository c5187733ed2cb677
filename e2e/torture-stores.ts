/** The stores on which the server is tortured. */
import { readdir } from "node:fs/promises";
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
    env: {
      DATABASE_URL: database.url,
      BLOB_STORE: `s3://winnow-blobs/below?region=${s3Region}&endpoint=${encodeURIComponent(proxy?.endpoint ?? s3.endpoint)}`,
      AWS_ACCESS_KEY_ID: s3Key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3Key.secretAccessKey,
    },
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

/** What interrupted writes left in a data folder. */
export async function leftovers(dataFolder: string): Promise<string[]> {
  const names = await readdir(join(dataFolder, "blobs"), { recursive: true }).catch(() => []);
  return names.filter((file) => file.includes(".unfinished/"));
}
