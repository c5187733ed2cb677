/** What must hold of rows and files. A new invariant is an entry here. */
import { BitMask } from "@winnow/curation";
import { sql, type RawBuilder } from "kysely";
import { artifactKey, embeddingCsvKey, embeddingMatrixKey, reportKey } from "../blobs/addresses.ts";
import type { Database } from "../db/database.ts";
import { isPostgres } from "../db/dialect.ts";
import { inRows } from "../db/rows.ts";
import type { Check, Finding } from "./examination.ts";

const restore = "Restore a backup (winnow restore), or tell us: this should not be able to happen.";

function problem(what: string, advice = restore): Finding {
  return { severity: "problem", what, advice };
}

async function rowsOf<Row>(db: Database, statement: RawBuilder<Row>): Promise<Row[]> {
  return (await statement.execute(db)).rows;
}

/** Whether a dataset is being deleted: files and rows of it go one after the other, so what holds of others no longer does. @param column that names the dataset */
function leaves(column: string): RawBuilder<boolean> {
  return sql<boolean>`exists (select 1 from datasets leaving where leaving.id = ${sql.ref(column)} and leaving.deleted_at is not null)`;
}

/** A check that is one statement, whose rows are what is wrong. */
function byStatement<Row>(holds: string, statement: RawBuilder<Row>, say: (row: Row) => Finding): Check {
  return {
    holds,
    async *examine({ db }) {
      for (const row of await rowsOf(db, statement)) yield say(row);
    },
  };
}

const soundFile: Check = {
  holds: "the database itself is sound",
  async *examine({ db }) {
    // PostgreSQL looks after its own pages; references it holds by itself.
    if (isPostgres(db)) return;
    for (const { integrity_check: said } of await rowsOf(db, sql<{ integrity_check: string }>`pragma integrity_check(10)`)) {
      if (said !== "ok") yield problem(`SQLite says of winnow.db: ${said}`, "The disk or the file is damaged. Stop the server, keep a copy of the folder, and restore a backup on another disk (winnow restore).");
    }
    for (const { table, parent } of await rowsOf(db, sql<{ table: string; parent: string }>`pragma foreign_key_check`)) yield problem(`A row of ${table} refers to one of ${parent} that isn't there.`);
  },
};

const denseOrdinals = byStatement(
  "the order of samples has no gap",
  sql<{ id: string; name: string; n_samples: number; found: number; last: number | null }>`
    select d.id, d.name, d.n_samples, count(s.ordinal) as found, max(s.ordinal) as last from datasets d left join samples s on s.dataset_id = d.id
    where d.deleted_at is null group by d.id, d.name, d.n_samples
    having count(s.ordinal) <> d.n_samples or coalesce(max(s.ordinal), -1) <> d.n_samples - 1 or coalesce(min(s.ordinal), 0) <> 0`,
  ({ id, name, n_samples, found, last }) => problem(`The dataset "${name}" (${id}) says it has ${n_samples} samples; there are ${found}, and the last has the ordinal ${last ?? "none"}.`),
);

const uniqueNames = (table: "samples" | "tags" | "datasets", of: string, column: string) =>
  byStatement(
    `no two ${table} of one ${of === "user_id" ? "user" : "dataset"} have the same name`,
    sql<{ of: string; name: string; n: number }>`select ${sql.ref(of)} as "of", ${sql.ref(column)} as name, count(*) as n from ${sql.table(table)} group by ${sql.ref(of)}, ${sql.ref(column)} having count(*) > 1`,
    (row) => problem(`${row.n} ${table} of ${row.of} are called "${row.name}".`),
  );

const oneInitialTag = byStatement(
  "a dataset has one initial tag at most",
  sql<{ dataset_id: string; n: number }>`select dataset_id, count(*) as n from tags where is_initial = 1 group by dataset_id having count(*) > 1`,
  ({ dataset_id, n }) => problem(`The dataset ${dataset_id} has ${n} initial tags.`),
);

const tagRelations = byStatement(
  "tags come from tags of their dataset",
  sql<{ id: string; name: string; dataset_id: string }>`
    select t.id, t.name, t.dataset_id from tags t where not ${leaves("t.dataset_id")} and (
      (t.prev_tag_id is not null and not exists (select 1 from tags o where o.id = t.prev_tag_id and o.dataset_id = t.dataset_id)) or
      (t.query_tag_id is not null and not exists (select 1 from tags o where o.id = t.query_tag_id and o.dataset_id = t.dataset_id)) or
      (t.preselected_tag_id is not null and not exists (select 1 from tags o where o.id = t.preselected_tag_id and o.dataset_id = t.dataset_id)))`,
  ({ id, name, dataset_id }) => problem(`The tag "${name}" (${id}) of the dataset ${dataset_id} comes from a tag that isn't there.`),
);

/** Also what is kept by tag or pick: as many values as there are samples in it. */
const masks: Check = {
  holds: "tags, scores and selections fit their dataset",
  async *examine({ db }) {
    for await (const tag of inRows(db, "tags", ["id", "name", "dataset_id", "mask"])) {
      const dataset = await db.selectFrom("datasets").select(["n_samples", "deleted_at"]).where("id", "=", tag.dataset_id).executeTakeFirst();
      if (!dataset || dataset.deleted_at !== null) continue;
      const mask = BitMask.fromBytes(tag.mask, Math.max(dataset.n_samples, tag.mask.length * 8));
      const ordinals = mask.ordinals();
      if ((ordinals.at(-1) ?? -1) >= dataset.n_samples) yield problem(`The tag "${tag.name}" (${tag.id}) holds the sample ${ordinals.at(-1)}, but its dataset has ${dataset.n_samples}.`, "Delete the tag and make it again.");
      for (const { score_type, scores } of await db.selectFrom("scores").select(["score_type", "scores"]).where("tag_id", "=", tag.id).execute()) {
        if (scores.length !== ordinals.length * 8) yield problem(`The scores "${score_type}" of the tag "${tag.name}" (${tag.id}) are ${scores.length / 8}, but it has ${ordinals.length} samples.`, "Upload the scores again.");
      }
      const selection = await db.selectFrom("selections").selectAll().where("tag_id", "=", tag.id).executeTakeFirst();
      if (!selection) continue;
      const picks = new Uint32Array(selection.ordinals.slice().buffer);
      const outside = picks.find((ordinal) => !mask.has(ordinal));
      if (outside !== undefined) yield problem(`The selection of the tag "${tag.name}" (${tag.id}) picked the sample ${outside}, which the tag doesn't hold.`, "Select again.");
      for (const column of ["distances", "scores", "radii"] as const) if (selection[column] !== null && selection[column].length !== picks.length * 8) yield problem(`The selection of the tag "${tag.name}" (${tag.id}) has ${picks.length} picks and ${selection[column].length / 8} ${column}.`, "Select again.");
    }
  },
};

const embeddings: Check = {
  holds: "embeddings have their files, in the size that they say",
  async *examine({ db, blobs }) {
    for await (const { id, dataset_id, name, state, rows, columns } of inRows(db, "embeddings", ["id", "dataset_id", "name", "state", "rows", "columns"])) {
      if (state !== "ready") continue;
      const dataset = await db.selectFrom("datasets").select(["n_samples", "deleted_at"]).where("id", "=", dataset_id).executeTakeFirst();
      if (!dataset || dataset.deleted_at !== null) continue;
      const again = "Delete the embedding and upload it again, or restore a backup.";
      const called = `The embedding "${name}" (${id}) of the dataset ${dataset_id}`;
      if (rows > dataset.n_samples) yield problem(`${called} has ${rows} rows, but there are ${dataset.n_samples} samples.`, again);
      const matrix = await blobs.facts(embeddingMatrixKey(dataset_id, id));
      if (matrix?.sizeBytes !== rows * columns * 4) yield problem(`${called} should have ${rows * columns * 4} bytes of vectors and has ${matrix ? matrix.sizeBytes : "no file"}.`, again);
      if (!(await blobs.facts(embeddingCsvKey(dataset_id, id)))) yield problem(`${called} has lost its CSV file.`, again);
    }
  },
};

const predictionCounts = byStatement(
  "prediction tasks count what they hold",
  sql<{ name: string; dataset_id: string }>`
    select t.name, t.dataset_id from prediction_tasks t left join predictions p on p.task = t.number
    where not ${leaves("t.dataset_id")} group by t.number, t.name, t.dataset_id, t.samples, t.singletons having count(p.task) <> t.samples or coalesce(sum(p.count), 0) <> t.singletons`,
  ({ name, dataset_id }) => problem(`The prediction task "${name}" of the dataset ${dataset_id} counts other predictions than it holds.`, "Upload the predictions of this task again."),
);

const runFiles: Check = {
  holds: "reports and artifacts of runs have their files",
  async *examine({ db, blobs }) {
    const leaving = new Set((await db.selectFrom("datasets").select("id").where("deleted_at", "is not", null).execute()).map(({ id }) => id));
    for await (const { id, dataset_id, report_available } of inRows(db, "runs", ["id", "dataset_id", "report_available"])) {
      if (leaving.has(dataset_id ?? "")) continue;
      if (report_available === 1 && !(await blobs.facts(reportKey(dataset_id, id)))) yield problem(`The report of the run ${id} is gone.`, "Restore a backup, or repeat the run.");
    }
    for await (const { id, run_id, file_name, confirmed, storage_location } of inRows(db, "run_artifacts", ["id", "run_id", "file_name", "confirmed", "storage_location"])) {
      if (confirmed !== 1 || storage_location !== "LIGHTLY") continue;
      const run = await db.selectFrom("runs").select("dataset_id").where("id", "=", run_id).executeTakeFirst();
      if (run && !leaving.has(run.dataset_id ?? "") && !(await blobs.facts(artifactKey(run.dataset_id, run_id, id)))) yield problem(`The artifact "${file_name}" of the run ${run_id} is gone.`, "Restore a backup, or repeat the run.");
    }
  },
};

const numbered = (table: "run_messages" | "run_log_entries", called: string) =>
  byStatement(
    `${called} of runs have no gap`,
    sql<{ run_id: string }>`select run_id from ${sql.table(table)} group by run_id having count(*) <> max(number) + 1 or min(number) <> 0`,
    ({ run_id }) => problem(`The ${called} of the run ${run_id} have a gap.`),
  );

const oneRun = byStatement(
  "a scheduled run was run once",
  sql<{ scheduled_id: string; n: number }>`select scheduled_id, count(*) as n from runs where scheduled_id is not null group by scheduled_id having count(*) > 1`,
  ({ scheduled_id, n }) => problem(`The scheduled run ${scheduled_id} was run ${n} times.`),
);

const quietMs = 10 * 60_000;

const queue: Check = {
  holds: "the queue moves",
  async *examine({ db, now }) {
    for (const { id, type, status } of await db.selectFrom("jobs").select(["id", "type", "status"]).where("status", "in", ["WAITING", "RUNNING"]).where("last_modified_at", "<", now - quietMs).execute()) {
      yield { severity: "notice", what: `The job ${id} (${type}) is ${status} and hasn't moved for more than ten minutes.`, advice: "Is a server running that works on jobs (--role all or jobs)? It takes the job by itself." };
    }
    for (const { id, name } of await db.selectFrom("datasets").select(["id", "name"]).where("deleted_at", "<", now - quietMs).execute()) {
      const waits = await db.selectFrom("jobs").select("id").where("type", "=", "DELETE_DATASET").where("payload", "like", `%${id}%`).where("status", "in", ["WAITING", "RUNNING"]).executeTakeFirst();
      if (!waits) yield { severity: "notice", what: `The deleted dataset "${name}" (${id}) still has rows, and no job removes them.`, advice: "It only takes room. Tell us: this should not be able to happen." };
    }
  },
};

export const checks: readonly Check[] = [
  soundFile,
  denseOrdinals,
  uniqueNames("samples", "dataset_id", "file_name"),
  uniqueNames("tags", "dataset_id", "name"),
  uniqueNames("datasets", "user_id", "name"),
  oneInitialTag,
  tagRelations,
  masks,
  embeddings,
  predictionCounts,
  runFiles,
  numbered("run_messages", "messages"),
  numbered("run_log_entries", "log entries"),
  oneRun,
  queue,
];
