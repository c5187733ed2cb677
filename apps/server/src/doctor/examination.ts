/** Looks whether everything that must hold of the stores does. Changes nothing, and may run beside servers. */
import type { BlobStore } from "@winnow/storage";
import type { Kysely } from "kysely";
import type { Database } from "../db/database.ts";
import type { Schema } from "../db/schema.ts";
import { inSnapshot } from "../db/snapshot.ts";
import { checks } from "./checks.ts";
import { findOrphans } from "./orphans.ts";

/** Something that doesn't hold. */
export interface Finding {
  /** `problem`: something is lost or broken. `notice`: nothing is, but somebody should know. */
  readonly severity: "problem" | "notice";
  /** What is the matter, naming dataset and entry. */
  readonly what: string;
  /** What to do about it. */
  readonly advice: string;
}

/** What a check looks at. */
export interface Patient {
  /** All rows as they were at one moment. */
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly now: number;
}

/** One thing that must hold. */
export interface Check {
  /** As a statement: `ordinals are dense`. */
  readonly holds: string;
  examine(patient: Patient): AsyncIterable<Finding>;
}

/** What came of one check. */
export interface CheckOutcome {
  readonly check: string;
  /** The first of what was found. */
  readonly findings: readonly Finding[];
  /** How much was found in all. */
  readonly count: number;
}

const shownMax = 20;

/** @param options.onOutcome told after each check */
export async function examine(db: Kysely<Schema>, blobs: BlobStore, { onOutcome = () => {}, now = Date.now() }: { onOutcome?: (outcome: CheckOutcome) => void; now?: number } = {}): Promise<CheckOutcome[]> {
  const outcomes: CheckOutcome[] = [];
  const one = async ({ holds, examine: look }: Check, patient: Patient) => {
    const findings: Finding[] = [];
    let count = 0;
    for await (const finding of look(patient)) if (++count <= shownMax) findings.push(finding);
    const outcome = { check: holds, findings, count };
    outcomes.push(outcome);
    onOutcome(outcome);
  };
  await inSnapshot(db, async (snapshot) => {
    for (const check of checks) await one(check, { db: snapshot, blobs, now });
  });
  // Rows that came after the moment own files too, so this looks at the rows as they are.
  await one({ holds: "every file belongs to something", examine: findOrphans }, { db, blobs, now });
  return outcomes;
}
