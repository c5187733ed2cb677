/** The operations that the app uses; what isn't as in the contract doesn't compile. */
import type { domains } from "@winnow/contract";
import { route } from "./call.ts";

type D = typeof domains;

export const routes = {
  me: route<D["users"]["getSignedInUser"]>("GET", "/v1/users/me"),
  signIn: route<D["users"]["createSession"]>("POST", "/v1/session"),
  signOut: route<D["users"]["deleteSession"]>("DELETE", "/v1/session"),
  setPassword: route<D["users"]["setPassword"]>("PUT", "/v1/users/me/password"),
  tokens: route<D["users"]["getTokens"]>("GET", "/v1/users/me/tokens"),
  createToken: route<D["users"]["createToken"]>("POST", "/v1/users/me/tokens"),
  revokeToken: route<D["users"]["revokeTokenById"]>("DELETE", "/v1/users/me/tokens/{tokenId}"),
  datasets: route<D["datasets"]["getDatasets"]>("GET", "/v1/datasets"),
  datasetsEnriched: route<D["datasets"]["getDatasetsEnriched"]>("GET", "/v1/datasets/enriched"),
  dataset: route<D["datasets"]["getDatasetById"]>("GET", "/v1/datasets/{datasetId}"),
  createDataset: route<D["datasets"]["createDataset"]>("POST", "/v1/datasets"),
  deleteDataset: route<D["datasets"]["deleteDatasetById"]>("DELETE", "/v1/datasets/{datasetId}"),
  jobs: route<D["jobs"]["getJobs"]>("GET", "/v1/jobs"),
  job: route<D["jobs"]["getJobStatusById"]>("GET", "/v1/jobs/{jobId}"),
  cancelJob: route<D["jobs"]["cancelJobById"]>("POST", "/v1/jobs/{jobId}/cancel"),
  columns: route<D["columns"]["getColumnsByDatasetId"]>("GET", "/v1/datasets/{datasetId}/columns"),
  columnValues: route<D["columns"]["getColumnByName"]>("GET", "/v1/datasets/{datasetId}/columns/values"),
  cards: route<D["columns"]["getSampleCardsByOrdinals"]>("POST", "/v1/datasets/{datasetId}/columns/cards"),
  tags: route<D["tags"]["getTagsByDatasetId"]>("GET", "/v1/datasets/{datasetId}/tags"),
  sample: route<D["samples"]["getSampleById"]>("GET", "/v1/datasets/{datasetId}/samples/{sampleId}"),
  sampleUrl: route<D["samples"]["getSampleImageReadUrlById"]>("GET", "/v1/datasets/{datasetId}/samples/{sampleId}/readurl"),
  embeddings: route<D["embeddings"]["getEmbeddingsByDatasetId"]>("GET", "/v1/datasets/{datasetId}/embeddings"),
};

/** Where the picture of a sample is, at least `size` pixels along its longer side. */
export function pictureUrl(datasetId: string, ordinal: number, size: number): string {
  return `/v1/datasets/${datasetId}/pictures/${ordinal}?size=${size}`;
}
