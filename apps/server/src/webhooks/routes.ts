import type { domains } from "@winnow/contract";
import type { Handlers } from "../app/call.ts";
import * as service from "./service.ts";

export const webhooks: Handlers<typeof domains.webhooks> = {
  getWebhooks: ({ context, user }) => service.listWebhooks(context, user),
  createWebhook: ({ context, user, body }) => service.createWebhook(context, user, body),
  deleteWebhookById: ({ context, user, path }) => service.deleteWebhook(context, user, path.webhookId),
  testWebhookById: ({ context, user, path }) => service.testWebhook(context, user, path.webhookId),
  getWebhookDeliveriesById: ({ context, user, path }) => service.listDeliveries(context, user, path.webhookId),
};
