/** Which job goes before which, and how long one that lost its runner waits: the same whoever hands the jobs out. */

export type JobType = "SAMPLING" | "SELECTION_PART" | "EMBEDDINGS2D" | "ANALYSIS" | "EMBEDDING" | "DELETE_DATASET" | "WEBHOOKS";

/** Smaller goes first. Somebody waits for a selection; a map is looked at later, and nobody looks at what was deleted. */
export const urgencies: Readonly<Record<JobType, number>> = { SAMPLING: 0, SELECTION_PART: 0, ANALYSIS: 1, EMBEDDING: 1, EMBEDDINGS2D: 1, DELETE_DATASET: 2, WEBHOOKS: 2 };

/** Those that may take minutes, or hours: a runner keeps a place free of them. */
export const longTypes: readonly JobType[] = ["EMBEDDINGS2D", "ANALYSIS", "EMBEDDING", "WEBHOOKS"];

/** A job that was taken more often is given up: something about it ends the process. */
export const attemptsMax = 10;

/**
 * How long a job whose runner was lost stays untaken after that, in ms: the first times not at all, then 1, 2, 4, … 30 s.
 * A job that ends the process leaves the server up in between, and one that was only near is done in a quiet moment.
 */
export function waitMs(attempts: number): number {
  return attempts < 3 ? 0 : Math.min(30_000, 1_000 * 2 ** (attempts - 3));
}
