import { extname } from "node:path";
import type { Readable } from "node:stream";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";
import type { RunFileFacts } from "../blobs/addresses.ts";
import { findDataset } from "../datasets/store.ts";
import type { Database } from "../db/database.ts";
import { newId } from "../db/ids.ts";
import { inTurn } from "../db/turns.ts";
import { findArtifact } from "./artifact-store.ts";
import { findRun, updateRun } from "./queue-store.ts";

/** What a run's file is called when it is read. @throws DomainError NOT_FOUND when the run or its dataset is gone */
export async function nameOfRunFile(db: Database, { datasetId, runId, file, artifactId }: RunFileFacts): Promise<string> {
  const run = await findRun(db, runId);
  const isThere = run && run.dataset_id === datasetId && (datasetId === null || (await findDataset(db, datasetId)));
  if (!isThere) throw new DomainError("NOT_FOUND", "There is no such file any more: its run or dataset has been deleted.");
  if (file === "report") return "report.pdf";
  if (file === "report-page") return "report.html";
  if (file === "plan") return "plan.json";
  const artifact = await findArtifact(db, runId, artifactId!);
  if (!artifact) throw new DomainError("NOT_FOUND", "There is no such artifact any more.");
  return extname(artifact.file_name) === "" ? `${artifact.file_name}.bin` : artifact.file_name;
}

/**
 * Takes a file of a run. A plan that is there stays: of two workers that both have made one, the second goes by the first's.
 * @throws DomainError ILLEGAL_ACTION_RESOURCE_IN_USE for a second plan; those of the blob store
 */
export async function receiveRunFile({ db, blobs, changes }: Context, facts: RunFileFacts, key: string, content: Readable, sizeBytesMax: number): Promise<void> {
  if (facts.file === "plan") {
    const incoming = `${key}.${newId()}`;
    await blobs.write(incoming, content, { sizeBytesMax });
    // Plans are put in their place one after another, so that the first one stays.
    return inTurn(db, `plan of ${facts.runId}`, async () => {
      if (await blobs.facts(key)) {
        await blobs.remove(incoming);
        throw new DomainError("ILLEGAL_ACTION_RESOURCE_IN_USE", "A plan is stored with this run already. Read it and go by it.");
      }
      await blobs.move(incoming, key);
    });
  }
  await blobs.write(key, content, { sizeBytesMax });
  if (facts.file === "report") {
    await updateRun(db, facts.runId, { report_available: 1 });
    changes.publish({ topic: "docker" });
  }
}
