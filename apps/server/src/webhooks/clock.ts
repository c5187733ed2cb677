import type { AddressPolicy } from "@winnow/storage";
import type { Kysely } from "kysely";
import { firstUser } from "../accounts/store.ts";
import type { Schema } from "../db/schema.ts";
import { enqueue } from "../jobs/queue.ts";
import type { DeliveryPayload } from "./delivery.ts";

const lookEveryMs = 1_000;

/** Puts a job into the queue whenever events are due: the first time, or once more after a failure. */
export class WebhookClock {
  #timer?: NodeJS.Timeout;
  #looking = false;

  constructor(
    readonly db: Kysely<Schema>,
    readonly policy: AddressPolicy,
    readonly onError: (error: unknown) => void,
    readonly afterwards: () => void,
  ) {}

  start(): void {
    this.#timer = setInterval(() => void this.look().catch(this.onError), lookEveryMs);
    this.#timer.unref();
  }

  async look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const due = await this.db.selectFrom("webhook_deliveries").select("id").where("state", "=", "WAITING").where("next_attempt_at", "<=", Date.now()).limit(1).executeTakeFirst();
      const user = due && (await firstUser(this.db));
      if (!user) return;
      await enqueue(this.db, { type: "WEBHOOKS", userId: user.id, payload: { policy: this.policy } satisfies DeliveryPayload, dedupeKey: "webhooks" });
      this.afterwards();
    } finally {
      this.#looking = false;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
