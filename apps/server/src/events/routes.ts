import { Readable } from "node:stream";
import type { ChangeData, domains } from "@winnow/contract";
import type { User } from "../accounts/user.ts";
import { Binary } from "../app/answers.ts";
import type { Handlers } from "../app/call.ts";
import type { Context } from "../app/context.ts";
import { requireDataset } from "../datasets/access.ts";

/** Changes of one kind are told at most this often. */
const everyMs = 700;
/** Proxies cut connections on which nothing comes; the client notices a dead one by it too. */
const heartbeatMs = 20_000;
/** How long it is remembered whether the user may see a dataset. */
const accessMs = 10_000;

export const events: Handlers<typeof domains.events> = {
  getEvents: ({ context, user, accept, signal }) => {
    // Once it ends, nobody waits for the connection: a server that stops would.
    const headers = { "cache-control": "no-store", "x-accel-buffering": "no", connection: "close" };
    // Whoever doesn't ask for a stream gets one that ends, not one that it waits for.
    if (!accept.includes("text/event-stream")) return new Binary(Buffer.from(": ask for text/event-stream\n\n"), "text/event-stream; charset=utf-8", headers);
    return new Binary(stream(context, user, signal), "text/event-stream; charset=utf-8", headers);
  },
};

function told(change: ChangeData): string {
  return `event: change\ndata: ${JSON.stringify(change)}\n\n`;
}

function stream(context: Context, user: User, signal: AbortSignal): Readable {
  const waiting = new Map<string, ChangeData>();
  const seen = new Map<string, { readonly may: Promise<boolean>; readonly until: number }>();
  let timer: NodeJS.Timeout | undefined;
  const out = new Readable({ read: () => undefined });
  const end = () => {
    stop();
    clearInterval(heartbeat);
    clearTimeout(timer);
    if (!out.destroyed) out.push(null);
  };
  const maySee = (datasetId: string): Promise<boolean> => {
    const known = seen.get(datasetId);
    if (known && known.until > Date.now()) return known.may;
    const may = requireDataset(context.db, user, datasetId, "viewer").then(
      () => true,
      () => false,
    );
    seen.set(datasetId, { may, until: Date.now() + accessMs });
    return may;
  };
  const tell = async () => {
    // What was shared or not any more decides about the rest.
    const changes = [...waiting.values()].toSorted((a, b) => Number(b.topic === "collaboration") - Number(a.topic === "collaboration"));
    waiting.clear();
    for (const change of changes) {
      // Who may see it has changed just now.
      if (change.datasetId !== undefined && change.topic === "collaboration") {
        const could = await seen.get(change.datasetId)?.may;
        seen.delete(change.datasetId);
        if (could && !(await maySee(change.datasetId)) && !out.destroyed) out.push(told({ topic: "datasets" }));
      }
      // Who can't see a dataset (any more) hears that datasets changed, which is all that a deletion leaves.
      const heard = change.datasetId === undefined || (await maySee(change.datasetId)) ? change : change.topic === "datasets" ? { topic: "datasets" } : undefined;
      if (heard && !out.destroyed) out.push(told(heard));
    }
  };
  const stop = context.changes.listen((change) => {
    if (change === undefined) return end();
    waiting.set(`${change.datasetId ?? ""} ${change.topic}`, change);
    timer ??= setTimeout(() => {
      timer = undefined;
      void tell();
    }, everyMs);
  });
  const heartbeat = setInterval(() => out.push(": still here\n\n"), heartbeatMs);
  heartbeat.unref();
  signal.addEventListener("abort", end, { once: true });
  out.once("close", end);
  out.push("retry: 2000\n\n");
  return out;
}
