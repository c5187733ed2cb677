import type { DockerRunArtifactCreatedData, DockerRunArtifactCreateRequest } from "@winnow/contract";
import type { User } from "../accounts/user.ts";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import { artifactKey, planKey, reportKey, reportPageKey, signedReadUrl, signedWriteUrl } from "../blobs/addresses.ts";
import { sourceAddresses, writeAddresses } from "../datasources/addresses.ts";
import { platformFolder, requirePath } from "../datasources/paths.ts";
import { isId, newId } from "../db/ids.ts";
import type { RunArtifactTable, RunTable } from "../db/schema.ts";
import { requireRun, requireRunOf } from "./access.ts";
import * as store from "./artifact-store.ts";

const artifactsMax = 1_000;

/** @throws DomainError DOCKER_RUN_REPORT_UNAVAILABLE */
export async function reportReadUrl(context: Context, user: User, baseUrl: string, runId: string): Promise<string> {
  const run = await requireRun(context.db, user, runId);
  if (run.report_available !== 1) throw new DomainError("DOCKER_RUN_REPORT_UNAVAILABLE", run.ended_at === null ? "The run has no report yet." : "The run has ended without a report.");
  return signedReadUrl(context, baseUrl, reportKey(run.dataset_id, run.id));
}

export async function reportWriteUrl(context: Context, user: User, baseUrl: string, runId: string): Promise<string> {
  const run = await requireRun(context.db, user, runId, "editor");
  return signedWriteUrl(context, baseUrl, reportKey(run.dataset_id, run.id));
}

/** @throws DomainError DOCKER_RUN_REPORT_UNAVAILABLE */
export async function reportPageReadUrl(context: Context, user: User, baseUrl: string, runId: string): Promise<string> {
  const run = await requireRun(context.db, user, runId);
  const key = reportPageKey(run.dataset_id, run.id);
  if (!(await context.blobs.facts(key))) throw new DomainError("DOCKER_RUN_REPORT_UNAVAILABLE", run.ended_at === null ? "The run has no report page yet." : "The run has ended without a report page.");
  return signedReadUrl(context, baseUrl, key);
}

/** @throws DomainError DOCKER_RUN_ENDED, and for a worker that has lost the run */
export async function reportPageWriteUrl(context: Context, user: User, baseUrl: string, runId: string, sessionId: string | undefined): Promise<string> {
  const run = await requireRunOf(context.db, user, runId, sessionId);
  if (run.ended_at !== null) throw new DomainError("DOCKER_RUN_ENDED", `The run has ended (${run.state}) and takes nothing more.`);
  return signedWriteUrl(context, baseUrl, reportPageKey(run.dataset_id, run.id));
}

/** An address for the plan. The first plan that arrives stays. @throws DomainError DOCKER_RUN_ENDED, and for a worker that has lost the run */
export async function planWriteUrl(context: Context, user: User, baseUrl: string, runId: string, sessionId: string | undefined): Promise<string> {
  const run = await requireRunOf(context.db, user, runId, sessionId);
  if (run.ended_at !== null) throw new DomainError("DOCKER_RUN_ENDED", `The run has ended (${run.state}) and takes nothing more.`);
  return signedWriteUrl(context, baseUrl, planKey(run.dataset_id, run.id));
}

/** @throws DomainError DOCKER_RUN_PLAN_UNAVAILABLE */
export async function planReadUrl(context: Context, user: User, baseUrl: string, runId: string): Promise<string> {
  const run = await requireRun(context.db, user, runId);
  const key = planKey(run.dataset_id, run.id);
  if (!(await context.blobs.facts(key))) throw new DomainError("DOCKER_RUN_PLAN_UNAVAILABLE", "No plan has been stored with this run yet.");
  return signedReadUrl(context, baseUrl, key);
}

/** Announces a file of a run: in the blob store, or below `.lightly/` of the datasource. */
export async function createArtifact(context: Context, user: User, baseUrl: string, runId: string, { fileName, type, storageLocation }: DockerRunArtifactCreateRequest): Promise<DockerRunArtifactCreatedData> {
  const { db } = context;
  const run = await requireRun(db, user, runId, "editor");
  requirePath("fileName", fileName);
  if (fileName.length > 255) throw new DomainError("BAD_REQUEST", `"fileName" must have at most 255 characters, got ${fileName.length}.`);
  if ((await store.countArtifacts(db, run.id)) >= artifactsMax) throw new DomainError("BAD_REQUEST", `A run has at most ${artifactsMax} artifacts.`);
  const now = Date.now();
  const row: RunArtifactTable = { id: newId(now), run_id: run.id, type, file_name: fileName, storage_location: storageLocation ?? "LIGHTLY", confirmed: 0, created_at: now };
  const signedWrite = row.storage_location === "DATASOURCE" ? await (await writeAddresses(context, baseUrl, requireDatasetOf(run))).plainWrite(sourcePath(row)) : signedWriteUrl(context, baseUrl, artifactKey(run.dataset_id, run.id, row.id));
  await store.insertArtifact(db, row);
  return { artifactId: row.id, signedWriteUrl: signedWrite };
}

/** @throws DomainError NOT_FOUND when there is no such artifact, BAD_REQUEST when its file hasn't come */
export async function confirmArtifact(context: Context, user: User, runId: string, artifactId: string): Promise<void> {
  const { run, artifact } = await requireArtifact(context, user, runId, artifactId, "editor");
  const isThere =
    artifact.storage_location === "DATASOURCE"
      ? await (await context.sources.require(requireDatasetOf(run), "LIGHTLY")).source.facts(sourcePath(artifact))
      : await context.blobs.facts(artifactKey(run.dataset_id, run.id, artifact.id));
  if (!isThere) throw new DomainError("BAD_REQUEST", `"${artifact.file_name}" has not been uploaded.`);
  await store.confirmArtifact(context.db, artifact.id);
}

export async function artifactReadUrl(context: Context, user: User, baseUrl: string, runId: string, artifactId: string): Promise<string> {
  const { run, artifact } = await requireArtifact(context, user, runId, artifactId);
  if (artifact.confirmed !== 1) throw new DomainError("NOT_FOUND", `"${artifact.file_name}" has been announced, but its upload has not been confirmed.`);
  if (artifact.storage_location === "DATASOURCE") return (await sourceAddresses(context, baseUrl, requireDatasetOf(run), "LIGHTLY")).read(sourcePath(artifact));
  return signedReadUrl(context, baseUrl, artifactKey(run.dataset_id, run.id, artifact.id));
}

async function requireArtifact({ db }: Context, user: User, runId: string, artifactId: string, needed: "viewer" | "editor" = "viewer"): Promise<{ run: RunTable; artifact: RunArtifactTable }> {
  const run = await requireRun(db, user, runId, needed);
  const artifact = isId(artifactId) ? await store.findArtifact(db, run.id, artifactId) : undefined;
  if (!artifact) throw new DomainError("NOT_FOUND", `The run has no artifact ${artifactId.slice(0, 64)}.`);
  return { run, artifact };
}

function requireDatasetOf({ dataset_id }: RunTable): string {
  if (dataset_id === null) throw new DomainError("BAD_REQUEST", "This run belongs to no dataset, so it has no datasource. Keep its artifacts with the platform (LIGHTLY).");
  return dataset_id;
}

function sourcePath({ run_id, file_name }: RunArtifactTable): string {
  return `${platformFolder}runs/${run_id}/${file_name}`;
}
