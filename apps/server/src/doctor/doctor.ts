/** The examination for those who have settings of a server, and no open stores. */
import { openBlobStore, type BlobStore } from "@winnow/storage";
import type { Kysely } from "kysely";
import type { Configuration } from "../configuration.ts";
import { connect, schemaNumber, schemaOf } from "../db/database.ts";
import type { Schema } from "../db/schema.ts";
import { storesOf } from "../db/stores.ts";
import { examine, type CheckOutcome } from "./examination.ts";
import { orphans } from "./orphans.ts";

export type { CheckOutcome, Finding } from "./examination.ts";

async function withStores<Result>(settings: Configuration, work: (db: Kysely<Schema>, blobs: BlobStore) => Promise<Result>): Promise<Result> {
  const stores = storesOf(settings);
  const db = connect(stores.database, 2);
  try {
    const schema = await schemaOf(db);
    if (schema !== schemaNumber) throw new Error(schema === 0 ? "There is nothing to look at yet: no server was ever started on it." : `The tables are those of another release (schema ${schema}, this one knows ${schemaNumber}). Start the server of this release once, or use the release that the tables belong to.`);
    const blobs = await openBlobStore(stores.blobs, stores.cache);
    try {
      return await work(db, blobs);
    } finally {
      blobs.close();
    }
  } finally {
    await db.destroy();
  }
}

/** Looks at a data folder, or the database and object store that are set, also while servers run. @param onOutcome told after each check */
export function examineStores(settings: Configuration, onOutcome: (outcome: CheckOutcome) => void = () => {}): Promise<CheckOutcome[]> {
  return withStores(settings, (db, blobs) => examine(db, blobs, { onOutcome }));
}

/** Removes the files that belong to nothing any more. @returns their number */
export function removeOrphans(settings: Configuration): Promise<number> {
  return withStores(settings, async (db, blobs) => {
    let removed = 0;
    for await (const key of orphans({ db, blobs, now: Date.now() })) {
      await blobs.remove(key);
      removed++;
    }
    return removed;
  });
}
