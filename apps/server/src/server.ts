import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { BlobCache, FolderStore, ObjectStore, isLoopback, openBlobStore, UrlSigner } from "@winnow/storage";
import type { FastifyInstance } from "fastify";
import type { Kysely } from "kysely";
import { ensureOwner } from "./accounts/service.ts";
import type { User } from "./accounts/user.ts";
import { application } from "./app/application.ts";
import { AuditLog } from "./audit/audit-log.ts";
import type { Context } from "./app/context.ts";
import { sealingKey } from "./datasources/sealing-key.ts";
import { Sources } from "./datasources/sources.ts";
import { configuration, type Configuration } from "./configuration.ts";
import { closeDatabase, openDatabase } from "./db/database.ts";
import { isPostgres } from "./db/dialect.ts";
import { lockFolder } from "./db/folder-lock.ts";
import { postgresRelay, type Relay } from "./db/relay.ts";
import type { Schema } from "./db/schema.ts";
import { storesOf } from "./db/stores.ts";
import { Changes } from "./events/changes.ts";
import { releaseAll } from "./jobs/queue.ts";
import { JobRunner } from "./jobs/runner.ts";
import { openLogger } from "./observing/logger.ts";
import { measuredBlobStore } from "./observing/measured-blob-store.ts";
import { Metrics } from "./observing/metrics.ts";
import { startTracing } from "./observing/tracing.ts";
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
    const stores = storesOf(settings);
    const db = await openDatabase(stores.database, settings.databaseConnections);
    closers.push(() => closeDatabase(db));
    const { owner, newToken } = await ensureOwner(db, { email: settings.ownerEmail, token: settings.ownerToken });
    const metrics = new Metrics(db, settings.dataFolder);
    const store = await openBlobStore(stores.blobs, stores.cache);
    closers.push(async () => store.close());
    if (store instanceof ObjectStore) await store.check();
    const blobs = measuredBlobStore(store, metrics);
    await (store instanceof FolderStore ? store : new BlobCache(stores.cache.folder, stores.cache.bytesMax)).removeLeftovers();
    const sources = new Sources(db, await sealingKey(settings.dataFolder, db, settings.sealingKey), settings);
    closers.push(() => sources.close());
    const logger = openLogger(settings, process.stderr);
    const onError = (error: unknown) => {
      metrics.error();
      logger.error({ err: error }, "something failed outside of a request");
    };
    const endTracing = await startTracing();
    if (endTracing) closers.push(endTracing);
    // Set below: what is heard goes to changes, and what changes are told goes through it.
    let relay: Relay | undefined;
    const changes = new Changes(isPostgres(db) ? (text) => relay?.say(text) : undefined);
    const context: Context = { db, blobs, signer: new UrlSigner(await signingKey(db)), configuration: settings, sources, changes };
    // Other servers may be at work on a database; what one of them held when it ended comes back when its lease has run out.
    if (!isPostgres(db)) await releaseAll(db);
    await extendLeases(db);
    // One more than there are jobs at a time: whoever uploads an embedding doesn't wait for somebody's map.
    const threads = new Threads(stores, settings.threads + 1, onError, (...task) => metrics.task(...task));
    closers.push(() => threads.close());
    const runner = new JobRunner(db, threads, Math.max(1, settings.threads), onError, changes, settings.jobLeaseSeconds * 1000);
    const worksOnJobs = settings.role !== "api";
    if (settings.databaseUrl !== undefined) {
      const heard = (text: string) => {
        if (makeJobs.has(changes.hear(text).topic) && worksOnJobs) runner.wake();
      };
      relay = postgresRelay(db, settings.databaseUrl, heard, onError);
      closers.push(() => relay!.close());
    }
    const log = new AuditLog(db, settings.auditDays, onError);
    log.start();
    const webhooks = new WebhookClock(db, { allowLoopback: isLoopback(settings.host) || settings.host === "localhost", allowedHosts: settings.allowAddresses }, onError, () => runner.wake());
    if (worksOnJobs) webhooks.start();
    closers.push(() => log.close(), async () => webhooks.stop());
    const app = await application({ context, threads, log, afterChange: () => worksOnJobs && runner.wake(), logger, metrics });
    closers.push(() => runner.stop(), () => closeWithin(graceMs, app), async () => changes.close());
    await app.listen({ host: settings.host, port: settings.port });
    if (worksOnJobs) runner.start();
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

/** What may have put a job into the queue. */
const makeJobs: ReadonlySet<string> = new Set(["jobs", "embeddings", "datasets"]);

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
