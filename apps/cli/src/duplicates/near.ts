import type { Matrix } from "@winnow/embedding";
import { type Progress, counted } from "../terminal/progress.ts";

/** From so many images on their mean says what they have in common; of fewer it says too much of each. */
const CENTRED_MIN = 50;
/** How much longer distances become when the mean is taken away, as it is with photographs and the built-in encoder. */
const STRETCH = 2;

/**
 * Groups of vectors that are nearly the same, as row numbers.
 * @param threshold cosine distance; for `raw` vectors of an encoder meant as after their mean was taken away
 */
export async function nearGroups(points: Matrix, { threshold, raw }: { readonly threshold: number; readonly raw: boolean }, progress: Progress, signal: AbortSignal): Promise<number[][]> {
  const { nearDuplicates } = await import("@winnow/curation");
  const stage = progress.stage("Comparing vectors");
  const centre = raw && points.rows >= CENTRED_MIN;
  const compared = centre ? await centred(points) : points;
  const groups = await nearDuplicates(compared, { threshold: raw && !centre ? threshold / STRETCH : threshold, metric: "cosine", signal, onProgress: (done, total) => stage.update(done, total) });
  stage.done(`${counted(groups.length, "group")} within a distance of ${threshold}`);
  return groups.map((group) => [...group]);
}

async function centred(points: Matrix): Promise<Matrix> {
  const { applyState, fitState } = await import("@winnow/embedding");
  return applyState(points, fitState(points, "collection"));
}
