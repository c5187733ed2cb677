import { inPieces, orphansAmong } from "../blobs/owners.ts";
import type { Finding, Patient } from "./examination.ts";

/** Files come before their rows: younger ones may still get one. */
const youngMs = 24 * 3_600_000;

/** Keys of files that belong to no row, and have had the time to. */
export async function* orphans({ db, blobs, now }: Patient): AsyncGenerator<string> {
  for (const prefix of ["datasets", "runs"]) {
    for await (const piece of inPieces(blobs.list(prefix))) yield* await orphansAmong(db, piece.filter(({ modifiedMs }) => modifiedMs < now - youngMs).map(({ key }) => key));
  }
}

export async function* findOrphans(patient: Patient): AsyncGenerator<Finding> {
  for await (const key of orphans(patient)) yield { severity: "notice", what: `The file ${key} belongs to nothing any more.`, advice: "It only takes room. winnow doctor --remove-orphans removes such files." };
}
