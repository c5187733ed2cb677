import type { Context } from "../app/context.ts";

/** A signed address from which the archive of a tag can be downloaded. */
export function zipAddress(context: Context, baseUrl: string, datasetId: string, tagId: string): string {
  const expires = Math.floor(Date.now() / 1000) + context.configuration.signedUrlSeconds;
  return `${baseUrl}/v1/archives/${datasetId}/${tagId}?expires=${expires}&signature=${context.signer.sign("zip", { datasetId, tagId, expires })}`;
}
