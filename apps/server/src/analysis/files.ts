import { datasetPrefix } from "../blobs/addresses.ts";

/** Where the columns of an embedding's analysis are kept. */
export function analysisPrefix(datasetId: string, embeddingId: string): string {
  return `${datasetPrefix(datasetId)}/analysis/${embeddingId}`;
}
