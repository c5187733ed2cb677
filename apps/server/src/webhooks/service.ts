import type { WebhookCreatedData, WebhookCreateRequest, WebhookData, WebhookDelivery } from "@winnow/contract";
import type { User } from "../accounts/user.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { requireStorable } from "../app/storable.ts";
import { record } from "../audit/record.ts";
import { requireDataset } from "../datasets/access.ts";
import type { Database } from "../db/database.ts";
import { isId, newId } from "../db/ids.ts";
import type { WebhookTable } from "../db/schema.ts";
import { inTurn } from "../db/turns.ts";
import { putOnTheWay } from "./announcement.ts";
import { secretOf } from "./signature.ts";

const webhooksMax = 50;
const deliveriesShown = 100;

/** Where the address leads is looked at when something is sent: a name may lead elsewhere by then. @throws DomainError BAD_REQUEST */
function checkedUrl(url: string): string {
  requireStorable("url", url);
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) throw new DomainError("BAD_REQUEST", '"url" must be an address that begins with http:// or https://.');
  const { username, password, href } = new URL(url);
  if (username !== "" || password !== "") throw new DomainError("BAD_REQUEST", '"url" can\'t hold a user name or password: receivers know us by the signature of what we send.');
  return href;
}

async function requireWebhook(db: Database, user: User, id: string): Promise<WebhookTable> {
  const row = isId(id) ? await db.selectFrom("webhooks").selectAll().where("id", "=", id).where("user_id", "=", user.id).executeTakeFirst() : undefined;
  if (!row) throw new DomainError("WEBHOOK_UNKNOWN", `You have no webhook ${id.slice(0, 64)}.`);
  return row;
}

/** @throws DomainError BAD_REQUEST; DATASET_UNKNOWN */
export async function createWebhook({ db, signer }: Context, user: User, { url, events, datasetId }: WebhookCreateRequest): Promise<WebhookCreatedData> {
  const address = checkedUrl(url);
  const id = newId();
  await inTurn(db, `webhooks of ${user.id}`, async (transaction) => {
    if (datasetId) await requireDataset(transaction, user, datasetId, "viewer");
    const { count } = await transaction.selectFrom("webhooks").select((e) => e.fn.countAll<number>().as("count")).where("user_id", "=", user.id).executeTakeFirstOrThrow();
    if (Number(count) >= webhooksMax) throw new DomainError("BAD_REQUEST", `A user has at most ${webhooksMax} webhooks. Delete one first.`);
    await transaction.insertInto("webhooks").values({ id, user_id: user.id, dataset_id: datasetId ?? null, url: address, events: JSON.stringify([...new Set(events)]), created_at: Date.now() }).execute();
    // The rest of an address may hold a secret of the receiver.
    await record(transaction, { target: { webhookId: id, origin: new URL(address).origin, events }, ...(datasetId && { datasetId }) });
  });
  return { id, secret: secretOf(signer, id) };
}

export async function listWebhooks({ db }: Context, user: User): Promise<WebhookData[]> {
  const rows = await db.selectFrom("webhooks").selectAll().where("user_id", "=", user.id).orderBy("id").execute();
  return rows.map(({ id, url, events, dataset_id, created_at }) => ({ id, url, events: JSON.parse(events) as WebhookData["events"], ...(dataset_id !== null && { datasetId: dataset_id }), createdAt: Number(created_at) }));
}

export async function deleteWebhook({ db }: Context, user: User, id: string): Promise<void> {
  await inTurn(db, `webhooks of ${user.id}`, async (transaction) => {
    const row = await requireWebhook(transaction, user, id);
    await transaction.deleteFrom("webhooks").where("id", "=", row.id).execute();
    await record(transaction, { target: { origin: new URL(row.url).origin }, ...(row.dataset_id !== null && { datasetId: row.dataset_id }) });
  });
}

export async function testWebhook({ db }: Context, user: User, id: string): Promise<{ id: string }> {
  const row = await requireWebhook(db, user, id);
  const [delivery] = await putOnTheWay(db, [row.id], "webhook.test", {});
  return { id: delivery! };
}

export async function listDeliveries({ db }: Context, user: User, id: string): Promise<WebhookDelivery[]> {
  const { id: webhookId } = await requireWebhook(db, user, id);
  const rows = await db.selectFrom("webhook_deliveries").selectAll().where("webhook_id", "=", webhookId).orderBy("id", "desc").limit(deliveriesShown).execute();
  return rows.map((row) => ({
    id: row.id,
    event: row.event as WebhookDelivery["event"],
    state: row.state as WebhookDelivery["state"],
    attempts: row.attempts,
    createdAt: Number(row.created_at),
    ...(row.state === "WAITING" && { nextAttemptAt: Number(row.next_attempt_at) }),
    ...(row.status !== null && { status: row.status }),
    ...(row.error !== null && { error: row.error }),
  }));
}
