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
  renameTag: route<D["tags"]["updateTagByTagId"]>("PUT", "/v1/datasets/{datasetId}/tags/{tagId}"),
  deleteTag: route<D["tags"]["deleteTagByTagId"]>("DELETE", "/v1/datasets/{datasetId}/tags/{tagId}"),
  combineTags: route<D["tags"]["performTagArithmetics"]>("POST", "/v1/datasets/{datasetId}/tags/arithmetics"),
  scores: route<D["scores"]["getActiveLearningScoresByTagId"]>("GET", "/v1/datasets/{datasetId}/tags/{tagId}/scores"),
  createDraft: route<D["selectionDrafts"]["createSelectionDraft"]>("POST", "/v1/datasets/{datasetId}/embeddings/{embeddingId}/sampling/drafts"),
  createStrategyDraft: route<D["selectionDrafts"]["createStrategySelectionDraft"]>("POST", "/v1/datasets/{datasetId}/embeddings/{embeddingId}/strategySelection/drafts"),
  draft: route<D["selectionDrafts"]["getSelectionDraftById"]>("GET", "/v1/datasets/{datasetId}/sampling/drafts/{draftId}"),
  draftPicks: route<D["selectionDrafts"]["getSelectionDraftPicksById"]>("GET", "/v1/datasets/{datasetId}/sampling/drafts/{draftId}/picks"),
  tagOfDraft: route<D["selectionDrafts"]["createTagFromSelectionDraft"]>("POST", "/v1/datasets/{datasetId}/sampling/drafts/{draftId}/tag"),
  scheduledRuns: route<D["workers"]["getDockerRunsScheduledByDatasetId"]>("GET", "/v1/datasets/{datasetId}/docker/worker/schedule"),
  scheduleRun: route<D["workers"]["createDockerRunScheduledByDatasetId"]>("POST", "/v1/datasets/{datasetId}/docker/worker/schedule"),
  cancelScheduledRun: route<D["workers"]["cancelScheduledDockerRunStateById"]>("PUT", "/v1/datasets/{datasetId}/docker/worker/schedule/{scheduledId}"),
  runs: route<D["workers"]["getDockerRunsQueryByDatasetId"]>("GET", "/v1/docker/runs/query/datasetId/{datasetId}"),
  updateRun: route<D["workers"]["updateDockerRunById"]>("PUT", "/v1/docker/runs/{runId}"),
  runProgress: route<D["workers"]["getRunProgressById"]>("GET", "/v1/docker/runs/{runId}/progress"),
  runTags: route<D["workers"]["getDockerRunTags"]>("GET", "/v1/docker/runs/{runId}/tags"),
  artifactUrl: route<D["workers"]["getDockerRunArtifactReadUrlById"]>("GET", "/v1/docker/runs/{runId}/artifacts/{artifactId}/readurl"),
  reportUrl: route<D["workers"]["getDockerRunReportReadUrlById"]>("GET", "/v1/docker/runs/{runId}/readReportUrl"),
  createRunConfiguration: route<D["workers"]["createDockerWorkerConfig"]>("POST", "/v1/docker/worker/config"),
  runConfiguration: route<D["workers"]["getWrittenRunConfigurationById"]>("GET", "/v1/docker/worker/config/{configId}/written"),
  workers: route<D["workers"]["getWorkerStatuses"]>("GET", "/v1/docker/workers/status"),
  removeWorker: route<D["workers"]["deleteDockerWorkerRegistryEntryById"]>("DELETE", "/v1/docker/worker/{workerId}"),
  datasources: route<D["datasources"]["getDatasourcesByDatasetId"]>("GET", "/v1/datasets/{datasetId}/datasource/all"),
  connectDatasource: route<D["datasources"]["updateDatasourceByDatasetId"]>("PUT", "/v1/datasets/{datasetId}/datasource"),
  checkDatasource: route<D["datasources"]["checkDatasourceByDatasetId"]>("GET", "/v1/datasets/{datasetId}/datasource/check"),
  datasourceRoots: route<D["datasources"]["getDatasourceRoots"]>("GET", "/v1/datasources/roots"),
  datasourceFiles: route<D["datasources"]["getListOfRawSamplesFromDatasourceByDatasetId"]>("GET", "/v1/datasets/{datasetId}/datasource/list"),
  processedUntil: route<D["datasources"]["getDatasourceProcessedUntilTimestampByDatasetId"]>("GET", "/v1/datasets/{datasetId}/datasource/processedUntilTimestamp"),
  setProcessedUntil: route<D["datasources"]["updateDatasourceProcessedUntilTimestampByDatasetId"]>("PUT", "/v1/datasets/{datasetId}/datasource/processedUntilTimestamp"),
  metadataConfigurations: route<D["metadata"]["getMetaDataConfigurations"]>("GET", "/v1/datasets/{datasetId}/configuration/metadata"),
  createMetadataConfiguration: route<D["metadata"]["createMetaDataConfiguration"]>("POST", "/v1/datasets/{datasetId}/configuration/metadata"),
  updateMetadataConfiguration: route<D["metadata"]["updateMetaDataConfigurationById"]>("PUT", "/v1/datasets/{datasetId}/configuration/metadata/{configurationId}"),
  shares: route<D["collaboration"]["getSharedAccessConfigsByDatasetId"]>("GET", "/v1/datasets/{datasetId}/collaboration/access"),
  share: route<D["collaboration"]["createOrUpdateSharedAccessConfigByDatasetId"]>("POST", "/v1/datasets/{datasetId}/collaboration/access"),
  sample: route<D["samples"]["getSampleById"]>("GET", "/v1/datasets/{datasetId}/samples/{sampleId}"),
  sampleUrl: route<D["samples"]["getSampleImageReadUrlById"]>("GET", "/v1/datasets/{datasetId}/samples/{sampleId}/readurl"),
  embeddings: route<D["embeddings"]["getEmbeddingsByDatasetId"]>("GET", "/v1/datasets/{datasetId}/embeddings"),
};

/** Where the picture of a sample is, at least `size` pixels along its longer side. */
export function pictureUrl(datasetId: string, ordinal: number, size: number): string {
  return `/v1/datasets/${datasetId}/pictures/${ordinal}?size=${size}`;
}
