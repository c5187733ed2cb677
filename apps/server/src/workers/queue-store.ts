/** Scheduled runs and the runs that they become. What decides who has one is a single statement each. */
import { sql, type ExpressionBuilder } from "kysely";
import type { User } from "../accounts/user.ts";
import { datasetsGranted } from "../collaboration/grants.ts";
import type { Role } from "../datasets/access.ts";
import type { Database } from "../db/database.ts";
import type { RunMessageTable, RunTable, ScheduledRunTable, Schema } from "../db/schema.ts";
import { takeTurn } from "../db/turns.ts";

/** A worker that says nothing for so long loses what it has locked; it renews every 15 seconds. */
export const leaseMs = 60_000;

const idsAtOnce = 5_000;

const unfinished = ["OPEN", "LOCKED"];

export async function insertSchedule(db: Database, row: ScheduledRunTable, labels: readonly string[]): Promise<void> {
  await db.insertInto("scheduled_runs").values(row).execute();
  if (labels.length > 0) await db.insertInto("scheduled_run_labels").values(labels.map((label) => ({ scheduled_id: row.id, label }))).execute();
}

export async function findSchedule(db: Database, id: string): Promise<ScheduledRunTable | undefined> {
  return db.selectFrom("scheduled_runs").selectAll().where("id", "=", id).executeTakeFirst();
}

/** Labels by scheduled run, each list in the order of the alphabet. */
export async function labelsOfSchedules(db: Database, ids: readonly string[]): Promise<Map<string, string[]>> {
  const labels = new Map<string, string[]>(ids.map((id) => [id, []]));
  // A statement has at most some ten thousand parameters.
  for (let at = 0; at < ids.length; at += idsAtOnce) {
    const rows = await db.selectFrom("scheduled_run_labels").selectAll().where("scheduled_id", "in", ids.slice(at, at + idsAtOnce)).orderBy("label").execute();
    for (const { scheduled_id, label } of rows) labels.get(scheduled_id)!.push(label);
  }
  return labels;
}

/** A run whose lease has run out is there for everybody: it is as good as OPEN, and shown so. */
export function stateNow({ state, lease_until }: ScheduledRunTable, now = Date.now()): string {
  return state === "LOCKED" && Number(lease_until) < now ? "OPEN" : state;
}

function isInState(e: ExpressionBuilder<Schema, "scheduled_runs">, state: string | undefined, now = Date.now()) {
  if (state === undefined) return e("state", "in", unfinished);
  if (state === "OPEN") return e.and([e("state", "in", unfinished), e.or([e("state", "=", "OPEN"), e("lease_until", "<", now)])]);
  if (state === "LOCKED") return e.and([e("state", "=", "LOCKED"), e("lease_until", ">=", now)]);
  return e("state", "=", state);
}

export interface ScheduleFilter {
  /** Absent: those that are not done or cancelled. */
  readonly state?: string;
  readonly limit: number;
  readonly offset: number;
}

/** Of a dataset, in the order in which they are taken. */
export async function listSchedulesOfDataset(db: Database, datasetId: string, { state, limit, offset }: ScheduleFilter): Promise<ScheduledRunTable[]> {
  return db.selectFrom("scheduled_runs").selectAll().where("dataset_id", "=", datasetId).where((e) => isInState(e, state)).orderBy("priority", "desc").orderBy("id").limit(limit).offset(offset).execute();
}

type Tables = ExpressionBuilder<Schema, "scheduled_runs"> | ExpressionBuilder<Schema, "runs">;

function datasetsOwnedBy(e: Tables, user: User) {
  return (e as ExpressionBuilder<Schema, "scheduled_runs">).selectFrom("datasets").select("datasets.id").where("datasets.user_id", "=", user.id).where("datasets.deleted_at", "is", null);
}

function datasetsSharedWith(e: Tables, user: User, roles?: readonly Role[]) {
  const datasets = e as unknown as ExpressionBuilder<Schema, "datasets">;
  return datasets.selectFrom("datasets").select("datasets.id").where("datasets.id", "in", (inner) => datasetsGranted(inner, user.email, roles)).where("datasets.deleted_at", "is", null);
}

/** On the user's datasets, and what the user has scheduled on those of others. */
export async function listSchedulesOfUser(db: Database, user: User, { state, limit, offset }: ScheduleFilter): Promise<ScheduledRunTable[]> {
  return db
    .selectFrom("scheduled_runs")
    .selectAll()
    .where((e) => e.or([e("dataset_id", "in", datasetsOwnedBy(e, user)), e.and([e("user_id", "=", user.id), e("dataset_id", "in", datasetsSharedWith(e, user))])]))
    .where((e) => isInState(e, state))
    .orderBy("priority", "desc")
    .orderBy("id")
    .limit(limit)
    .offset(offset)
    .execute();
}

export interface TakerFacts {
  readonly workerId: string;
  readonly user: User;
  readonly labels: readonly string[];
  readonly now: number;
}

/**
 * What a worker may take: runs on its user's datasets and those that its user has scheduled, whose labels it has. Of a
 * shared dataset somebody else's runs stay with that user's workers: a share gives nobody another one's machine.
 */
function takeable(e: ExpressionBuilder<Schema, "scheduled_runs">, { workerId, user, labels, now }: TakerFacts) {
  const missing = e.selectFrom("scheduled_run_labels").select("label").whereRef("scheduled_id", "=", "scheduled_runs.id");
  return e.and([
    e("state", "in", unfinished),
    e.or([e("state", "=", "OPEN"), e("worker_id", "=", workerId), e("lease_until", "<", now)]),
    e.or([e("dataset_id", "in", datasetsOwnedBy(e, user)), e.and([e("user_id", "=", user.id), e("dataset_id", "in", datasetsSharedWith(e, user, ["editor", "owner"]))])]),
    e.not(e.exists(labels.length === 0 ? missing : missing.where("label", "not in", labels))),
    e.not(e.exists(e.selectFrom("runs").select("runs.id").whereRef("runs.scheduled_id", "=", "scheduled_runs.id").where("runs.ended_at", "is not", null))),
  ]);
}

/** What a worker may take, best first; with a state those of it that it may take, or has had. */
export async function listSchedulesOfWorker(db: Database, taker: TakerFacts, state: string | undefined, limit: number): Promise<ScheduledRunTable[]> {
  let query = db.selectFrom("scheduled_runs").selectAll();
  if (state === "DONE" || state === "CANCELED") query = query.where("worker_id", "=", taker.workerId).where("state", "=", state);
  else {
    query = query.where((e) => takeable(e, taker));
    if (state !== undefined) query = query.where((e) => isInState(e, state, taker.now));
    if (state === "LOCKED") query = query.where("worker_id", "=", taker.workerId);
  }
  return query.orderBy("priority", "desc").orderBy("id").limit(limit).execute();
}

/** Locks a run for a worker, or renews its lease. @returns whether it has it now */
export async function lockSchedule(db: Database, id: string, taker: TakerFacts, priority: number | undefined): Promise<boolean> {
  const { now, workerId } = taker;
  const row = await db
    .updateTable("scheduled_runs")
    .set({ state: "LOCKED", worker_id: workerId, lease_until: now + leaseMs, last_modified_at: now, ...(priority !== undefined && { priority }) })
    .where("id", "=", id)
    .where((e) => takeable(e as unknown as ExpressionBuilder<Schema, "scheduled_runs">, taker))
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

/** Cancels a run that no worker has, or had within its lease. @returns whether it was so */
export async function cancelOpenSchedule(db: Database, id: string): Promise<boolean> {
  const now = Date.now();
  const row = await db
    .updateTable("scheduled_runs")
    .set({ state: "CANCELED", lease_until: null, last_modified_at: now })
    .where("id", "=", id)
    .where((e) => isInState(e as unknown as ExpressionBuilder<Schema, "scheduled_runs">, "OPEN", now))
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

/** After a start: while the server was away no worker could renew its lease, so each gets the time to do it now. */
export async function extendLeases(db: Database): Promise<void> {
  const until = Date.now() + leaseMs;
  await db.updateTable("scheduled_runs").set({ lease_until: until }).where("state", "=", "LOCKED").where("lease_until", "<", until).execute();
}

/** Moves a run out of a state, for a worker that has locked it or for anybody while it is OPEN. @returns whether it was so */
export async function moveSchedule(db: Database, id: string, from: { readonly state: string; readonly workerId?: string }, to: Partial<ScheduledRunTable>): Promise<boolean> {
  let query = db.updateTable("scheduled_runs").set({ ...to, last_modified_at: Date.now() }).where("id", "=", id).where("state", "=", from.state);
  if (from.workerId !== undefined) query = query.where("worker_id", "=", from.workerId);
  return (await query.returning("id").executeTakeFirst()) !== undefined;
}

export async function finishSchedule(db: Database, id: string): Promise<void> {
  await db.updateTable("scheduled_runs").set({ state: "DONE", lease_until: null, last_modified_at: Date.now() }).where("id", "=", id).where("state", "in", unfinished).execute();
}

/** Inserts a run; one schedule has one run. @returns the run of that schedule, be it the new one or one that was there */
export async function insertRun(db: Database, row: RunTable): Promise<RunTable> {
  await db.insertInto("runs").values(row).onConflict((conflict) => conflict.column("scheduled_id").doNothing()).execute();
  if (row.scheduled_id === null) return row;
  return (await findRunOfSchedule(db, row.scheduled_id))!;
}

export async function findRun(db: Database, id: string): Promise<RunTable | undefined> {
  return db.selectFrom("runs").selectAll().where("id", "=", id).executeTakeFirst();
}

export async function findRunOfSchedule(db: Database, scheduledId: string): Promise<RunTable | undefined> {
  return db.selectFrom("runs").selectAll().where("scheduled_id", "=", scheduledId).executeTakeFirst();
}

export interface RunPage {
  readonly limit: number;
  readonly offset: number;
}

/**
 * Ids of runs on the user's datasets, and of the user's own on those of others; oldest first. Rows are read by id
 * afterwards: which runs they are is found out once, not for each page anew (at 50,000 runs 0.1 s in all, not per page).
 */
export async function listRunIdsOfUser(db: Database, user: User, { limit, offset }: RunPage): Promise<string[]> {
  const rows = await db
    .selectFrom("runs")
    .select("id")
    .where((e) => e.or([e("dataset_id", "in", datasetsOwnedBy(e, user)), e.and([e("user_id", "=", user.id), e.or([e("dataset_id", "is", null), e("dataset_id", "in", datasetsSharedWith(e, user))])])]))
    .orderBy("id")
    .limit(limit)
    .offset(offset)
    .execute();
  return rows.map(({ id }) => id);
}

export async function listRunIdsOfDataset(db: Database, datasetId: string, { limit, offset }: RunPage): Promise<string[]> {
  return (await db.selectFrom("runs").select("id").where("dataset_id", "=", datasetId).orderBy("id").limit(limit).offset(offset).execute()).map(({ id }) => id);
}

/** Runs by id, oldest first. */
export async function findRuns(db: Database, ids: readonly string[]): Promise<RunTable[]> {
  return ids.length === 0 ? [] : db.selectFrom("runs").selectAll().where("id", "in", ids).orderBy("id").execute();
}

/** Changes a run that has not ended. @returns whether it hadn't */
export async function updateRunningRun(db: Database, id: string, changes: Partial<RunTable>): Promise<boolean> {
  return (await db.updateTable("runs").set(changes).where("id", "=", id).where("ended_at", "is", null).returning("id").executeTakeFirst()) !== undefined;
}

export async function updateRun(db: Database, id: string, changes: Partial<RunTable>): Promise<void> {
  await db.updateTable("runs").set(changes).where("id", "=", id).execute();
}

/** What is numbered in a run gets its numbers one after the other. */
export function turnOfRun(runId: string): string {
  return `run ${runId}`;
}

/** Call it in a transaction. */
export async function appendMessage(db: Database, message: Omit<RunMessageTable, "number">): Promise<void> {
  await takeTurn(db, turnOfRun(message.run_id));
  await db.insertInto("run_messages").values({ ...message, number: sql<number>`(select coalesce(max(number) + 1, 0) from run_messages where run_id = ${message.run_id})` }).execute();
}

export async function lastMessage(db: Database, runId: string): Promise<RunMessageTable | undefined> {
  return db.selectFrom("run_messages").selectAll().where("run_id", "=", runId).orderBy("number", "desc").limit(1).executeTakeFirst();
}

/** Messages of many runs in one statement, by run, oldest first. */
export async function messagesOfRuns(db: Database, runIds: readonly string[]): Promise<Map<string, RunMessageTable[]>> {
  const messages = new Map<string, RunMessageTable[]>(runIds.map((id) => [id, []]));
  if (runIds.length === 0) return messages;
  for (const row of await db.selectFrom("run_messages").selectAll().where("run_id", "in", runIds).orderBy("run_id").orderBy("number").execute()) messages.get(row.run_id)!.push(row);
  return messages;
}
