import type { Kysely } from "kysely";
import type { User } from "../accounts/user.ts";
import type { Schema } from "../db/schema.ts";

/** What a page is told: that things of a kind have changed, not what they are now. It asks for what it shows. */
export interface Change {
  /** Kind of things, as the contract names its domains: `datasets`, `samples`, `tags`, `jobs`, `runs`, `progress` (of runs), `workers`, … */
  readonly topic: string;
  /** The dataset whose contents have changed. */
  readonly datasetId?: string;
}

/** Whom a change is told. */
interface Audience {
  /** Everybody who may see the dataset. */
  readonly datasetId?: string;
  readonly userId?: string;
}

/** Many changes of a kind are told as one. */
const pauseMs = 250;
/** Runs and their progress are beside a dataset: its contents are the same until something is registered. */
const besideDataset: ReadonlySet<string> = new Set(["runs", "progress", "jobs", "workers"]);

type Listener = (change: Change) => void;

/** Tells whoever listens what has changed. Costs next to nothing while nobody does. */
export class Changes {
  readonly #listeners = new Map<Listener, User>();
  readonly #waiting = new Map<string, { readonly topic: string; readonly audience: Audience }>();
  #timer?: NodeJS.Timeout;

  constructor(
    readonly db: Kysely<Schema>,
    readonly onError: (error: unknown) => void,
    /** Takes what is told to all servers of the database, this one included; each of them then hears it. Default: there is only this one. */
    readonly relay?: (text: string) => void,
  ) {}

  tell(topic: string, { datasetId, userId }: Audience): void {
    if (this.relay) this.relay(JSON.stringify({ topic, ...(datasetId !== undefined && { datasetId }), ...(userId !== undefined && { userId }) }));
    else this.#collect(topic, { datasetId, userId });
  }

  /** What a server of the database has told. @returns its topic */
  hear(text: string): string {
    const { topic, ...audience } = JSON.parse(text) as Audience & { topic: string };
    this.#collect(topic, audience);
    return topic;
  }

  #collect(topic: string, audience: Audience): void {
    if (this.#listeners.size === 0) return;
    this.#waiting.set(`${topic} ${audience.datasetId} ${audience.userId}`, { topic, audience });
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const told = [...this.#waiting.values()];
      this.#waiting.clear();
      void this.#deliver(told).catch(this.onError);
    }, pauseMs).unref();
  }

  /** @returns ends it */
  listen(user: User, listener: Listener): () => void {
    this.#listeners.set(listener, user);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  async #deliver(told: readonly { readonly topic: string; readonly audience: Audience }[]): Promise<void> {
    const ids = [...new Set(told.flatMap(({ audience }) => audience.datasetId ?? []))];
    const owners = new Map<string, string>();
    const shares = new Set<string>();
    if (ids.length > 0) {
      for (const { id, user_id } of await this.db.selectFrom("datasets").select(["id", "user_id"]).where("id", "in", ids).execute()) owners.set(id, user_id);
      for (const { dataset_id, email } of await this.db.selectFrom("share_users").select(["dataset_id", "email"]).where("dataset_id", "in", ids).execute()) shares.add(`${dataset_id} ${email}`);
    }
    for (const { topic, audience } of told) {
      const { datasetId, userId } = audience;
      const change: Change = { topic, ...(datasetId !== undefined && !besideDataset.has(topic) && { datasetId }) };
      for (const [listener, user] of this.#listeners) {
        const concerned = userId === user.id || (datasetId !== undefined && (owners.get(datasetId) === user.id || shares.has(`${datasetId} ${user.email}`)));
        if (concerned) listener(change);
      }
    }
  }
}
