import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "./journal.ts";
import type { PlannedSample } from "./plan.ts";
import { type Progress, counted } from "./progress.ts";
import type { Vectors } from "./embed.ts";

/**
 * Cosine distance up to which two images count as near-duplicates. Measured on photographs: the same one scaled,
 * recompressed or brighter by 15 % lies below 0.05, cut by 5 % at 0.08, cut by 10 % at 0.14; different photographs of
 * like things begin at 0.2.
 */
export const NEAR = 0.15;

interface Kept {
  readonly key: string;
  readonly groups: readonly (readonly number[])[];
}

/**
 * Groups of near-duplicates, as ordinals.
 * @param key names the vectors, so that groups are looked for only once
 */
export async function findNearDuplicates(stateFolder: string, key: string, samples: readonly PlannedSample[], vectors: Vectors, progress: Progress, signal: AbortSignal): Promise<Kept["groups"]> {
  const path = join(stateFolder, "near-duplicates.json");
  const full = `${key} ${NEAR}`;
  const kept = keptAt(path);
  if (kept?.key === full) return kept.groups;
  const { nearDuplicates } = await import("@winnow/curation");
  const stage = progress.stage("Finding near-duplicates");
  const found = await nearDuplicates(await vectors.matrix(samples), { threshold: NEAR, metric: "cosine", signal, onProgress: (done, total) => stage.update(done, total) });
  const groups = found.map((group) => [...group]);
  writeWhole(path, JSON.stringify({ key: full, groups } satisfies Kept));
  stage.done(counted(groups.length, "group"));
  return groups;
}

function keptAt(path: string): Kept | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Kept;
  } catch {
    return undefined;
  }
}
