/**
 * Who did what. What decides who may do something, and what can't be undone, is recorded in the transaction that does it
 * ({@link record}); everything else that changes something by the application, a moment later and many at a time
 * ({@link AuditLog}).
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { User } from "../accounts/user.ts";
import type { Database } from "../db/database.ts";
import { newId } from "../db/ids.ts";
import type { AuditEntryTable } from "../db/schema.ts";

/** The request that is being served. */
export interface Actor {
  readonly action: string;
  readonly user?: User;
  readonly credential?: string;
  readonly remoteAddress: string;
  readonly datasetId?: string;
  readonly target: Readonly<Record<string, unknown>>;
  /** Set once an entry stands in a transaction of its own. */
  recorded: boolean;
}

const actors = new AsyncLocalStorage<Actor>();

/** Serves a request: what it records says that it was this caller. */
export function actingAs<Result>(actor: Actor, work: () => Result): Result {
  return actors.run(actor, work);
}

export interface Deed {
  /** The operation's name unless given. */
  readonly action?: string;
  readonly status?: number;
  readonly user?: Pick<User, "id" | "email">;
  readonly credential?: string;
  readonly datasetId?: string;
  /** Added to the parts of the address. Never a secret. */
  readonly target?: Readonly<Record<string, unknown>>;
}

/** In a transaction it is not known yet which success it is answered with. */
const successStatus = 200;
const targetCharactersMax = 4_000;

/** Records what the request does, in the transaction that does it. Outside of a request it was the command line. */
export async function record(db: Database, what: Deed = {}): Promise<void> {
  const actor = actors.getStore();
  if (actor) actor.recorded = true;
  await db.insertInto("audit_entries").values(rowOf(actor, what)).execute();
}

export function rowOf(actor: Actor | undefined, { action, status = successStatus, user = actor?.user, credential, datasetId, target }: Deed): AuditEntryTable {
  const now = Date.now();
  const all = { ...actor?.target, ...target };
  const text = JSON.stringify(all);
  return {
    id: newId(now),
    at: now,
    action: action ?? actor?.action ?? "unknown",
    status,
    user_id: user?.id ?? null,
    email: user?.email ?? null,
    credential: credential ?? actor?.credential ?? (actor ? null : "command line"),
    remote_address: actor?.remoteAddress ?? null,
    dataset_id: datasetId ?? actor?.datasetId ?? null,
    target: Object.keys(all).length === 0 ? null : text.length > targetCharactersMax ? JSON.stringify({ tooLong: text.length }) : text,
    times: 1,
  };
}
