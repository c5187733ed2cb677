import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { FolderStore, isLoopback, UrlSigner } from "@winnow/storage";
import type { FastifyInstance } from "fastify";
import { sql, type Kysely } from "kysely";
import { ensureOwner } from "./accounts/service.ts";
import type { User } from "./accounts/user.ts";
import { application } from "./app/application.ts";
import { AuditLog } from "./audit/audit-log.ts";
import type { Context } from "./app/context.ts";
import { sealingKey } from "./datasources/sealing-key.ts";
import { Sources } from "./datasources/sources.ts";
import { configuration, type Configuration } from "./configuration.ts";
import { openDatabase } from "./db/database.ts";
import { lockFolder } from "./db/folder-lock.ts";
import type { Schema } from "./db/schema.ts";
import { Changes } from "./events/changes.ts";
import { releaseAll } from "./jobs/queue.ts";
import { JobRunner } from "./jobs/runner.ts";
import { Threads } from "./threads/threads.ts";
import { WebhookClock } from "./webhooks/clock.ts";
import { extendLeases } from "./workers/queue-store.ts";

export interface RunningServer {
  /** Address without slash at the end. */
  readonly url: string;
  readonly owner: User;
  /** The owner's token when this start made it: it is not kept in clear, so show it. */
  readonly newToken?: string;
  /** Finishes requests under way, hands jobs back to the queue and closes the stores. */
  close(): Promise<void>;
}

/**
 * Starts a server on a data folder and waits until it answers.
 * @throws Error when the folder is in use, was written by a newer release, or the port is taken
 */
export async function startServer(given: Partial<Configuration> = {}): Promise<RunningServer> {
  const settings = configuration(given);
  await mkdir(settings.dataFolder, { recursive: true });
  const unlock = await lockFolder(settings.dataFolder);
  const closers: (() => Promise<unknown>)[] = [unlock];
  const close = async () => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const db = await openDatabase(settings.dataFolder);
    // What stands in the log goes into the file itself, so that a folder at rest is one file and can be copied as it is.
    closers.push(async () => {
      await sql`pragma wal_checkpoint(truncate)`.execute(db);
      await db.destroy();
    });
    const { owner, newToken } = await ensureOwner(db, { email: settings.ownerEmail, token: settings.ownerToken });
    const blobs = new FolderStore(join(settings.dataFolder, "blobs"));
    await blobs.removeLeftovers();
    const sources = new Sources(db, await sealingKey(settings.dataFolder), settings);
    closers.push(() => sources.close());
    const context: Context = { db, blobs, signer: new UrlSigner(await signingKey(db)), configuration: settings, sources, changes: new Changes() };
    await releaseAll(db);
    await extendLeases(db);
    const onError = (error: unknown) => {
      if (settings.logLevel !== "silent") console.error(error);
    };
    // One more than there are jobs at a time: whoever uploads an embedding doesn't wait for somebody's map.
    const threads = new Threads(settings.dataFolder, settings.threads + 1, onError);
    closers.push(() => threads.close());
    const runner = new JobRunner(db, threads, Math.max(1, settings.threads), onError, context.changes);
    const log = new AuditLog(db, settings.auditDays, onError);
    log.start();
    const webhooks = new WebhookClock(db, { allowLoopback: isLoopback(settings.host) || settings.host === "localhost", allowedHosts: settings.allowAddresses }, onError, () => runner.wake());
    webhooks.start();
    closers.push(() => log.close(), async () => webhooks.stop());
    const app = await application({ context, threads, log, afterChange: () => runner.wake(), onError });
    closers.push(() => runner.stop(), () => closeWithin(graceMs, app), async () => context.changes.close());
    await app.listen({ host: settings.host, port: settings.port });
    runner.start();
    const address = app.server.address();
    const port = typeof address === "object" && address ? address.port : settings.port;
    const host = settings.host === "0.0.0.0" || settings.host === "::" ? "localhost" : settings.host.includes(":") ? `[${settings.host}]` : settings.host;
    return { url: settings.publicUrl ?? `http://${host}:${port}`, owner, newToken, close };
  } catch (error) {
    await close();
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") throw new Error(`Port ${settings.port} is already in use. Choose another with --port, or --port 0 for any free one.`, { cause: error });
    throw error;
  }
}

const graceMs = 5_000;

/** Lets requests under way finish; connections that say nothing, or go on for longer, are cut. */
async function closeWithin(ms: number, app: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), ms);
  try {
    await app.close();
  } finally {
    clearTimeout(cut);
  }
}

/** The key that signs addresses, made once per data folder. */
async function signingKey(db: Kysely<Schema>): Promise<Uint8Array> {
  await db
    .insertInto("settings")
    .values({ key: "signing key", value: randomBytes(32).toString("hex") })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = await db.selectFrom("settings").select("value").where("key", "=", "signing key").executeTakeFirstOrThrow();
  return Buffer.from(row.value, "hex");
}
