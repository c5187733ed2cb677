import type { JobsData } from "@winnow/contract";

/** What a job is called on the screen. */
export const jobNames: Readonly<Record<JobsData["jobType"], string>> = {
  SAMPLING: "Selection",
  EMBEDDINGS2D: "Map",
  EMBEDDING: "Embedding",
  DATASET_PROCESSING: "Near-duplicates, outliers, clusters",
  IMAGEMETA: "Image metadata",
};
