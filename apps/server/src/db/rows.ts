import { sql } from "kysely";
import type { Database } from "./database.ts";
import type { Schema } from "./schema.ts";

/** Every table with the columns that tell its rows apart, in an order in which each only refers to those before it. */
export const tableKeys = {
  settings: ["key"],
  users: ["id"],
  tokens: ["id"],
  sessions: ["id"],
  passwords: ["user_id"],
  teams: ["id"],
  team_members: ["email", "team_id"],
  datasets: ["id"],
  dataset_members: ["id"],
  shares: ["id"],
  share_users: ["email", "dataset_id", "share_id"],
  samples: ["dataset_id", "ordinal"],
  tags: ["id"],
  embeddings: ["id"],
  projections: ["id"],
  scores: ["id"],
  selections: ["tag_id"],
  selection_drafts: ["id"],
  jobs: ["id"],
  metadata_configurations: ["id"],
  prediction_tasks: ["number"],
  predictions: ["task", "ordinal"],
  datasources: ["dataset_id", "purpose"],
  datasource_progress: ["dataset_id"],
  workers: ["id"],
  run_configurations: ["id"],
  scheduled_runs: ["id"],
  scheduled_run_labels: ["scheduled_id", "label"],
  runs: ["id"],
  run_messages: ["run_id", "number"],
  run_log_entries: ["run_id", "number"],
  run_artifacts: ["id"],
  audit_entries: ["id"],
  webhooks: ["id"],
  webhook_deliveries: ["id"],
} as const satisfies { readonly [Table in keyof Schema]: readonly (keyof Schema[Table] & string)[] };

/** Tables whose rows may hold masks or vectors of a whole dataset. */
const large: ReadonlySet<keyof Schema> = new Set(["tags", "projections", "scores", "selections", "selection_drafts"]);

/** Pages of all rows of a table, by key, so that a page costs the same wherever it is. @param columns must hold the key's; default: all */
export async function* rowPages<Table extends keyof Schema>(db: Database, table: Table, columns?: readonly (keyof Schema[Table] & string)[]): AsyncGenerator<Schema[Table][]> {
  const key: readonly string[] = tableKeys[table];
  const names = sql.join(key.map((name) => sql.ref(name)));
  const chosen = columns === undefined ? sql`*` : sql.join(columns.map((name) => sql.ref(name)));
  const limit = large.has(table) ? 8 : 2_000;
  let last: Record<string, unknown> | undefined;
  for (;;) {
    const after = last === undefined ? sql`` : sql`where (${names}) > (${sql.join(key.map((name) => last![name]))})`;
    const { rows } = await sql<Schema[Table]>`select ${chosen} from ${sql.table(table)} ${after} order by ${names} limit ${limit}`.execute(db);
    if (rows.length > 0) yield rows;
    if (rows.length < limit) return;
    last = rows.at(-1) as unknown as Record<string, unknown>;
  }
}

/** All rows of a table, one after the other. */
export async function* inRows<Table extends keyof Schema, Column extends keyof Schema[Table] & string>(db: Database, table: Table, columns: readonly Column[]): AsyncGenerator<Pick<Schema[Table], Column>> {
  for await (const page of rowPages(db, table, columns)) yield* page;
}
