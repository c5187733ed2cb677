import type { DockerRunArtifactData } from "@winnow/contract";
import type { Database } from "../db/database.ts";
import type { RunArtifactTable } from "../db/schema.ts";

export function artifactData(row: RunArtifactTable): DockerRunArtifactData {
  return {
    id: row.id,
    type: row.type as DockerRunArtifactData["type"],
    fileName: row.file_name,
    storageLocation: row.storage_location as NonNullable<DockerRunArtifactData["storageLocation"]>,
    createdAt: Number(row.created_at),
  };
}

export async function insertArtifact(db: Database, row: RunArtifactTable): Promise<void> {
  await db.insertInto("run_artifacts").values(row).execute();
}

export async function countArtifacts(db: Database, runId: string): Promise<number> {
  const { count } = await db.selectFrom("run_artifacts").select((e) => e.fn.countAll<number>().as("count")).where("run_id", "=", runId).executeTakeFirstOrThrow();
  return Number(count);
}

export async function findArtifact(db: Database, runId: string, id: string): Promise<RunArtifactTable | undefined> {
  return db.selectFrom("run_artifacts").selectAll().where("id", "=", id).where("run_id", "=", runId).executeTakeFirst();
}

export async function confirmArtifact(db: Database, id: string): Promise<void> {
  await db.updateTable("run_artifacts").set({ confirmed: 1 }).where("id", "=", id).execute();
}

/** Artifacts whose files are there, of many runs in one statement. */
export async function artifactsOfRuns(db: Database, runIds: readonly string[]): Promise<Map<string, RunArtifactTable[]>> {
  const artifacts = new Map<string, RunArtifactTable[]>(runIds.map((id) => [id, []]));
  if (runIds.length === 0) return artifacts;
  for (const row of await db.selectFrom("run_artifacts").selectAll().where("run_id", "in", runIds).where("confirmed", "=", 1).orderBy("id").execute()) artifacts.get(row.run_id)!.push(row);
  return artifacts;
}
