/** What one server of a database says to all of them, itself included. */
import { sql, type Kysely } from "kysely";
import type pg from "pg";
import type { Schema } from "./schema.ts";

export interface Relay {
  /** Says something, soon. What is said twice before it is sent is sent once. Lost when the connection is. */
  say(text: string): void;
  close(): Promise<void>;
}

const channel = "winnow";
/** What is said within a moment goes in one statement. */
const pauseMs = 20;
/** PostgreSQL takes less than 8,000 bytes at a time. */
const bytesMax = 7_500;
const againMs = 1_000;

/**
 * A relay by way of a PostgreSQL's notifications.
 * @param listener hears each text, of whichever server
 * @param onError told when the connection is lost, and of each failure to say something
 */
export function postgresRelay(db: Kysely<Schema>, url: string, listener: (text: string) => void, onError: (error: unknown) => void): Relay {
  const waiting = new Set<string>();
  let client: pg.Client | undefined;
  let sending: NodeJS.Timeout | undefined;
  let again: NodeJS.Timeout | undefined;
  let closed = false;

  const connect = async () => {
    const { default: driver } = await import("pg");
    const made = new driver.Client({ connectionString: url, application_name: "winnow relay", keepAlive: true });
    let lost = false;
    const retry = (error?: unknown) => {
      if (lost || closed) return;
      lost = true;
      if (error !== undefined) onError(error);
      made.end().catch(() => {});
      again = setTimeout(() => void connect(), againMs);
    };
    made.on("error", retry);
    made.on("end", () => retry());
    made.on("notification", ({ payload }) => {
      try {
        for (const text of JSON.parse(payload ?? "[]") as string[]) listener(text);
      } catch (error) {
        // Somebody else may say something on the channel.
        onError(error);
      }
    });
    client = made;
    try {
      await made.connect();
      await made.query(`listen ${channel}`);
    } catch (error) {
      retry(error);
    }
  };
  const begun = connect();

  const send = async () => {
    sending = undefined;
    const texts = [...waiting];
    waiting.clear();
    for (const payload of payloads(texts)) await sql`select pg_notify(${channel}, ${payload})`.execute(db);
  };

  return {
    say(text) {
      if (closed) return;
      waiting.add(text);
      sending ??= setTimeout(() => void send().catch(onError), pauseMs).unref();
    },
    async close() {
      closed = true;
      clearTimeout(sending);
      clearTimeout(again);
      await begun;
      await client?.end().catch(() => {});
    },
  };
}

/** JSON arrays of texts, each short enough to be sent. */
function* payloads(texts: readonly string[]): Generator<string> {
  let part: string[] = [];
  let bytes = 2;
  for (const text of texts) {
    const size = Buffer.byteLength(JSON.stringify(text)) + 1;
    if (size + 2 > bytesMax) continue;
    if (bytes + size > bytesMax) {
      yield JSON.stringify(part);
      part = [];
      bytes = 2;
    }
    part.push(text);
    bytes += size;
  }
  if (part.length > 0) yield JSON.stringify(part);
}
