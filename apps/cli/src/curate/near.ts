import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../files/write-whole.ts";
import type { PlannedSample } from "./plan.ts";
import { type Progress, counted, number } from "../terminal/progress.ts";
import type { Vectors } from "./embed.ts";

/**
 * Cosine distance up to which two images count as near-duplicates. Measured on photographs: the same one scaled,
 * recompressed or brighter by 15 % lies below 0.05, cut by 5 % at 0.08, cut by 10 % at 0.14; different photographs of
 * like things begin at 0.2.
 */
export const NEAR = 0.15;

/** Every pair is compared, some six million in a second on two cores: beyond so many images that takes too many minutes. */
export const NEAR_MAX = 50_000;

interface Kept {
  readonly key: string;
  readonly groups: readonly (readonly number[])[];
}

/** Groups of near-duplicates as ordinals, kept from an earlier run over the same vectors. */
export function knownNearDuplicates(stateFolder: string, key: string): Kept["groups"] | undefined {
  try {
    const kept = JSON.parse(readFileSync(pathIn(stateFolder), "utf8")) as Kept;
    return kept.key === keyOf(key) ? kept.groups : undefined;
  } catch {
    // Never written, or not by this release: they are looked for again.
    return undefined;
  }
}

/**
 * Looks for groups of near-duplicates.
 * @param key names the vectors, so that it is done only once for them
 * @returns ordinals; nothing for collections of more than {@link NEAR_MAX}
 */
export async function findNearDuplicates(stateFolder: string, key: string, samples: readonly PlannedSample[], vectors: Vectors, progress: Progress, signal: AbortSignal): Promise<Kept["groups"]> {
  const { nearDuplicates } = await import("@winnow/curation");
  const stage = progress.stage("Finding near-duplicates");
  const small = samples.length <= NEAR_MAX;
  const found = small ? await nearDuplicates(await vectors.matrix(samples), { threshold: NEAR, metric: "cosine", signal, onProgress: (done, total) => stage.update(done, total) }) : [];
  const groups = found.map((group) => [...group]);
  writeWhole(pathIn(stateFolder), JSON.stringify({ key: keyOf(key), groups } satisfies Kept));
  stage.done(small ? counted(groups.length, "group") : `left out, there are more than ${number(NEAR_MAX)} images`);
  return groups;
}

function pathIn(stateFolder: string): string {
  return join(stateFolder, "near-duplicates.json");
}

function keyOf(key: string): string {
  return `${key} ${NEAR} ${NEAR_MAX}`;
}
