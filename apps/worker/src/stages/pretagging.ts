import type { PredictionTask, Singleton } from "@winnow/formats";
import { RunFailure } from "../run/context.ts";
import type { Workplace } from "../run/workplace.ts";
import type { Listing } from "./listing.ts";
import type { TaskPredictions } from "./predictions.ts";

export const PRETAGGING_TASK = "lightly_pretagging";

export interface Pretagging {
  readonly predictions: TaskPredictions;
  readonly images: number;
  readonly notices: readonly string[];
  isExcluded(fileName: string): boolean;
  detectionsOf(fileNames: readonly string[]): { readonly fileName: string; readonly singletons: readonly Singleton[] }[];
  examples(): Promise<{ readonly fileName: string; readonly jpeg: Uint8Array }[]>;
}

export async function pretag(_workplace: Workplace, _listing: Listing): Promise<Pretagging> {
  throw new RunFailure("Pretagging needs a detector, and this worker has none.");
}

export async function writePretagging(_workplace: Workplace, _task: PredictionTask, _detections: readonly { readonly fileName: string; readonly singletons: readonly Singleton[] }[]): Promise<void> {
  throw new RunFailure("Pretagging needs a detector, and this worker has none.");
}
