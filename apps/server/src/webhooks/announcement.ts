import type { WebhookEvent } from "@winnow/contract";
import { roleIn } from "../datasets/access.ts";
import { findDataset } from "../datasets/store.ts";
import type { Database } from "../db/database.ts";
import { newId } from "../db/ids.ts";

/**
 * Puts an event on its way to every webhook that wants it, in the transaction in which it happens: what is told has
 * happened, and what has happened is told.
 */
export async function announce(db: Database, event: WebhookEvent, datasetId: string, facts: Readonly<Record<string, unknown>>): Promise<void> {
  const hooks = await db
    .selectFrom("webhooks")
    .innerJoin("users", "users.id", "webhooks.user_id")
    .select(["webhooks.id", "webhooks.events", "users.id as userId", "users.email"])
    .where((e) => e.or([e("webhooks.dataset_id", "=", datasetId), e("webhooks.dataset_id", "is", null)]))
    .execute();
  const wanted = hooks.filter(({ events }) => (JSON.parse(events) as string[]).includes(event));
  const dataset = wanted.length === 0 ? undefined : await findDataset(db, datasetId);
  if (!dataset) return;
  const sees = new Map<string, boolean>();
  for (const { userId, email } of wanted) if (!sees.has(userId)) sees.set(userId, (await roleIn(db, { id: userId, email }, dataset)) !== undefined);
  const ids = wanted.filter(({ userId }) => sees.get(userId)).map(({ id }) => id);
  if (ids.length > 0) await putOnTheWay(db, ids, event, { datasetId, ...facts });
}

/** @returns ids of the deliveries */
export async function putOnTheWay(db: Database, webhookIds: readonly string[], event: WebhookEvent, facts: Readonly<Record<string, unknown>>): Promise<string[]> {
  const now = Date.now();
  const rows = webhookIds.map((webhookId) => {
    const id = newId(now);
    return { id, webhook_id: webhookId, event, body: JSON.stringify({ id, event, at: now, ...facts }), state: "WAITING", attempts: 0, next_attempt_at: now, status: null, error: null, created_at: now };
  });
  await db.insertInto("webhook_deliveries").values(rows).execute();
  return rows.map(({ id }) => id);
}
