import { type AddressPolicy, Outgoing, SourceError } from "@winnow/storage";
import { roleIn } from "../datasets/access.ts";
import { findDataset } from "../datasets/store.ts";
import type { Database } from "../db/database.ts";
import type { WebhookDeliveryTable, WebhookTable } from "../db/schema.ts";
import { finish } from "../jobs/queue.ts";
import type { Workbench } from "../threads/workbench.ts";
import { secretOf, signatureHeader, storedSigner } from "./signature.ts";

/** Waiting times after a failure, in seconds: for a day and a half in all. After the last one the event is given up. */
export const retrySeconds: readonly number[] = [10, 60, 300, 1_800, 7_200, 21_600, 43_200, 64_800];
const atOnce = 8;
const takenMax = 16;
const timeoutMs = 10_000;
/** While somebody tries: so long nobody else does. Longer than a job takes with all of its deliveries. */
const leaseMs = 120_000;
const keptMs = 30 * 24 * 3_600_000;

type Due = WebhookDeliveryTable & Pick<WebhookTable, "url" | "user_id">;

export interface DeliveryPayload {
  /** What the operator allows besides the internet. */
  readonly policy: AddressPolicy;
}

/** Sends the events that are due. An event may come twice, with the same id, when its answer was lost. */
export async function deliverEvents({ db, signal }: Workbench, jobId: string, { policy }: DeliveryPayload): Promise<void> {
  const signer = await storedSigner(db);
  const outgoing = new Outgoing(policy);
  try {
    const due = await take(db);
    for (let at = 0; at < due.length; at += atOnce) {
      signal.throwIfAborted();
      await Promise.all(due.slice(at, at + atOnce).map((one) => attempt(db, outgoing, secretOf(signer, one.webhook_id), one, signal)));
    }
    await db.deleteFrom("webhook_deliveries").where("state", "!=", "WAITING").where("created_at", "<", Date.now() - keptMs).execute();
  } finally {
    outgoing.close();
  }
  await db.transaction().execute((transaction) => finish(transaction, jobId));
}

async function take(db: Database): Promise<Due[]> {
  const now = Date.now();
  const due = await db
    .selectFrom("webhook_deliveries")
    .innerJoin("webhooks", "webhooks.id", "webhook_deliveries.webhook_id")
    .selectAll("webhook_deliveries")
    .select(["webhooks.url", "webhooks.user_id"])
    .where("state", "=", "WAITING")
    .where("next_attempt_at", "<=", now)
    .orderBy("next_attempt_at")
    .limit(takenMax)
    .execute();
  const mine: Due[] = [];
  for (const one of due) {
    // Only who moves the time has it.
    const taken = await db.updateTable("webhook_deliveries").set({ next_attempt_at: now + leaseMs }).where("id", "=", one.id).where("state", "=", "WAITING").where("next_attempt_at", "=", one.next_attempt_at).executeTakeFirst();
    if (Number(taken.numUpdatedRows) > 0) mine.push(one);
  }
  return mine;
}

async function attempt(db: Database, outgoing: Outgoing, secret: string, delivery: Due, signal: AbortSignal): Promise<void> {
  if (!(await maySend(db, delivery))) {
    await db.updateTable("webhook_deliveries").set({ state: "FAILED", error: "The dataset is gone, or isn't shared with the webhook's user any more." }).where("id", "=", delivery.id).execute();
    return;
  }
  const { status, error } = await send(outgoing, secret, delivery, signal);
  const attempts = delivery.attempts + 1;
  const delivered = status !== undefined && status >= 200 && status < 300;
  const wait = retrySeconds[attempts - 1];
  await db
    .updateTable("webhook_deliveries")
    .set({
      attempts,
      status: status ?? null,
      error: delivered ? null : (error ?? `The answer was ${status}; any of 200 to 299 is taken as received.`),
      state: delivered ? "DELIVERED" : wait === undefined ? "FAILED" : "WAITING",
      ...(!delivered && wait !== undefined && { next_attempt_at: Date.now() + wait * 1000 }),
    })
    .where("id", "=", delivery.id)
    .execute();
}

/** Whether the webhook's user may see now what the event is about. */
async function maySend(db: Database, { body, user_id }: Due): Promise<boolean> {
  const { datasetId } = JSON.parse(body) as { datasetId?: string };
  if (datasetId === undefined) return true;
  const dataset = await findDataset(db, datasetId);
  const user = await db.selectFrom("users").select(["id", "email", "created_at as createdAt"]).where("id", "=", user_id).executeTakeFirst();
  return dataset !== undefined && user !== undefined && (await roleIn(db, user, dataset)) !== undefined;
}

async function send(outgoing: Outgoing, secret: string, { id, event, body, url }: Due, signal: AbortSignal): Promise<{ status?: number; error?: string }> {
  const content = Buffer.from(body);
  const headers = {
    "content-type": "application/json; charset=utf-8",
    "content-length": content.length,
    "winnow-event": event,
    "winnow-delivery": id,
    "winnow-signature": signatureHeader(secret, body, Math.floor(Date.now() / 1000)),
  };
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const { message } = await outgoing.request(new URL(url), { method: "POST", headers, body: content, signal: AbortSignal.any([signal, limit]) });
    // What is answered interests nobody; it is not read, however long it is. Redirects are not followed: they are answers.
    message.destroy();
    return { status: message.statusCode ?? 0 };
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) return { error: `There was no answer within ${timeoutMs / 1000} seconds.` };
    return { error: error instanceof SourceError ? error.message.replaceAll("file server", "receiver") : "The connection failed." };
  }
}
