import type { DockerRunLogCreateEntryData, DockerRunLogData, DockerRunLogEntryData, DockerRunState } from "@winnow/contract";
import type { User } from "../accounts/user.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { isStorable } from "../app/storable.ts";
import { inTurn } from "../db/turns.ts";
import { requireRun, requireRunOf } from "./access.ts";
import { turnOfRun } from "./queue-store.ts";

const entriesAtOnceMax = 10_000;
const pageSize = 1_000;
const charactersMax = 20_000;

/** Appends to the log of a run, in order; also after its end, when the last lines come. */
export async function appendLog({ db }: Context, user: User, runId: string, entries: readonly DockerRunLogCreateEntryData[], sessionId: string | undefined): Promise<void> {
  if (entries.length > entriesAtOnceMax) throw new DomainError("BAD_REQUEST", `At most ${entriesAtOnceMax} entries come in one request, got ${entries.length}.`);
  await inTurn(db, turnOfRun(runId), async (transaction) => {
    const run = await requireRunOf(transaction, user, runId, sessionId);
    if (entries.length === 0) return;
    const last = await transaction.selectFrom("run_log_entries").select("number").where("run_id", "=", run.id).orderBy("number", "desc").limit(1).executeTakeFirst();
    const first = last === undefined ? 0 : Number(last.number) + 1;
    const rows = entries.map((entry, i) => ({ run_id: run.id, number: first + i, entry: JSON.stringify(kept(entry, run.state as DockerRunState)) }));
    for (let at = 0; at < rows.length; at += 500) await transaction.insertInto("run_log_entries").values(rows.slice(at, at + 500)).execute();
  });
}

/** What is kept of an entry. A log never refuses what a program prints: what can't be stored is made so. */
function kept({ ts, level, group, origin, msg, state, load }: DockerRunLogCreateEntryData, current: DockerRunState): DockerRunLogEntryData {
  return {
    ts,
    level,
    group: storable(group),
    ...(origin === undefined || origin === null ? {} : { origin: storable(origin) }),
    msg: storable(msg),
    state: state ?? current,
    ...(load === undefined || load === null ? {} : { load: Object.fromEntries(Object.entries({ cpu: load.cpu, mem: load.mem }).filter(([, value]) => value !== undefined && value !== null)) }),
  };
}

function storable(text: string): string {
  const short = text.length > charactersMax ? `${text.slice(0, charactersMax - 1)}…` : text;
  return isStorable(short) ? short : short.replaceAll("\0", "").replaceAll(/\p{Surrogate}/gu, "\ufffd");
}

/** Entries from a place in the log on, and the place to go on from. The log may grow: asked again from there, it has gone on. */
export async function readLog({ db }: Context, user: User, runId: string, cursor = 0): Promise<DockerRunLogData> {
  const run = await requireRun(db, user, runId);
  const rows = await db.selectFrom("run_log_entries").selectAll().where("run_id", "=", run.id).where("number", ">=", Math.min(cursor, Number.MAX_SAFE_INTEGER)).orderBy("number").limit(pageSize).execute();
  return { cursor: rows.length === 0 ? cursor : Number(rows.at(-1)!.number) + 1, logs: rows.map(({ entry }) => JSON.parse(entry) as DockerRunLogEntryData) };
}
