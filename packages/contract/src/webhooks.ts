/** Webhooks: other systems are told when a run has finished or a tag was made (an addition of ours). */
import { Type, type Static } from "typebox";
import { Enumeration, Nullable, domain, get, post, remove } from "./model.ts";
import { CreateEntityResponse, Id, Timestamp } from "./values.ts";

export const WebhookEvent = Enumeration(["run.finished", "tag.created", "webhook.test"]);
export type WebhookEvent = Static<typeof WebhookEvent>;

export const WebhookCreateRequest = Type.Object({
  /** Where the events are sent by POST: http:// or https://, without user name and password. */
  url: Type.String({ minLength: 8, maxLength: 2000 }),
  events: Type.Array(Enumeration(["run.finished", "tag.created"]), { minItems: 1, maxItems: 2 }),
  /** Only events of this dataset. Absent: of all that one may see. */
  datasetId: Type.Optional(Nullable(Id)),
});
export type WebhookCreateRequest = Static<typeof WebhookCreateRequest>;

export const WebhookCreatedData = Type.Object({
  id: Id,
  /** The key of the signatures, shown this once. */
  secret: Type.String(),
});
export type WebhookCreatedData = Static<typeof WebhookCreatedData>;

export const WebhookData = Type.Object({
  id: Id,
  url: Type.String(),
  events: Type.Array(WebhookEvent),
  datasetId: Type.Optional(Id),
  createdAt: Timestamp,
});
export type WebhookData = Static<typeof WebhookData>;

/** One event on its way to one webhook. */
export const WebhookDelivery = Type.Object({
  id: Id,
  event: WebhookEvent,
  state: Enumeration(["WAITING", "DELIVERED", "FAILED"]),
  attempts: Type.Integer(),
  createdAt: Timestamp,
  /** Of those that wait: when it is tried again. */
  nextAttemptAt: Type.Optional(Timestamp),
  /** The last answer's status. */
  status: Type.Optional(Type.Integer()),
  /** What went wrong last. */
  error: Type.Optional(Type.String()),
});
export type WebhookDelivery = Static<typeof WebhookDelivery>;

export const webhooks = domain({
  getWebhooks: get("/v1/webhooks", {
    id: "get_webhooks",
    summary: "One's webhooks",
    access: "user",
    since: "winnow",
    replies: { 200: Type.Array(WebhookData) },
  }),
  createWebhook: post("/v1/webhooks", {
    id: "create_webhook",
    summary: "Have an address told of events; the key of the signatures is shown this once",
    access: "user",
    since: "winnow",
    body: WebhookCreateRequest,
    replies: { 201: WebhookCreatedData },
  }),
  deleteWebhookById: remove("/v1/webhooks/{webhookId}", {
    id: "delete_webhook_by_id",
    summary: "Delete a webhook; what is still on its way is not sent",
    access: "user",
    since: "winnow",
    replies: { 204: Type.Null() },
  }),
  testWebhookById: post("/v1/webhooks/{webhookId}/test", {
    id: "test_webhook_by_id",
    summary: "Send an event that says nothing but that it is a test",
    access: "user",
    since: "winnow",
    replies: { 201: CreateEntityResponse },
  }),
  getWebhookDeliveriesById: get("/v1/webhooks/{webhookId}/deliveries", {
    id: "get_webhook_deliveries_by_id",
    summary: "The last 100 events of a webhook, newest first, and how their delivery went",
    access: "user",
    since: "winnow",
    replies: { 200: Type.Array(WebhookDelivery) },
  }),
});
