/** The page for people who come from Python, the list of Python's members, and the class say the same. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import members from "../test/python-members.json" with { type: "json" };
import * as sdk from "./index.ts";

/** Every public member of the class, no more and no fewer: the compiler sees to that. */
const PUBLIC: Record<keyof sdk.ApiWorkflowClient, true> = {
  abortRun: true,
  appendEmbeddings: true,
  call: true,
  stream: true,
  cancelScheduledRun: true,
  checkVersionCompatibility: true,
  createComputeWorkerConfig: true,
  createCustomMetadataConfig: true,
  createDataset: true,
  createNewDatasetWithUniqueName: true,
  createPredictionTaskSchema: true,
  createTagFromFilenames: true,
  datasetExists: true,
  datasetId: true,
  datasetType: true,
  deleteComputeWorker: true,
  deleteDatasetById: true,
  deleteTagById: true,
  downloadDataset: true,
  downloadNewRawSamples: true,
  downloadRawMetadata: true,
  downloadRawPredictions: true,
  downloadRawSamples: true,
  embeddingId: true,
  exportFilenamesByTagId: true,
  exportFilenamesByTagName: true,
  exportCocoByTagId: true,
  exportLabelBoxDataRowsByTagId: true,
  exportLabelBoxDataRowsByTagName: true,
  exportLabelStudioTasksByTagId: true,
  exportLabelStudioTasksByTagName: true,
  followComputeWorkerRun: true,
  getAllDatasets: true,
  getAllTags: true,
  getComputeWorkerIds: true,
  getComputeWorkerRuns: true,
  getDatasetById: true,
  getDatasets: true,
  getDatasource: true,
  getEmbeddingByName: true,
  getFilenames: true,
  getFilenamesInTag: true,
  getMetadataReadUrl: true,
  getPredictionReadUrl: true,
  getPredictionTasks: true,
  getPredictionVersions: true,
  getPredictions: true,
  getProcessedUntilTimestamp: true,
  getRunReport: true,
  getRunReportPage: true,
  getRunReportPageReadUrl: true,
  getRunReportReadUrl: true,
  getScheduledComputeWorkerRuns: true,
  getSelectionReport: true,
  getTagById: true,
  getTagByName: true,
  indexCustomMetadataByFilename: true,
  registerComputeWorker: true,
  sampling: true,
  scheduleComputeWorkerRun: true,
  selectByStrategies: true,
  selection: true,
  serverUrl: true,
  setAzureConfig: true,
  setDatasetId: true,
  setDatasetIdByName: true,
  setEmbeddingIdToLatest: true,
  setGcsConfig: true,
  setLocalConfig: true,
  setRequestTimeout: true,
  setS3Config: true,
  setS3DelegatedAccessConfig: true,
  updateProcessedUntilTimestamp: true,
  uploadCustomMetadata: true,
  uploadDataset: true,
  uploadEmbeddings: true,
  uploadFileWithSignedUrl: true,
  uploadPredictions: true,
  uploadScores: true,
  verifyCustomMetadataFormat: true,
  waitTimeTillNextPoll: true,
};

const page = readFileSync(new URL("../../../docs/reference/python-members.md", import.meta.url), "utf8");
const rows = [...page.matchAll(/^\| `(\w+)` \| `(\w+)` \|/gm)].map(([, python, ours]) => ({ python: python!, ours: ours! }));
const onlyOurs = [...page.slice(page.indexOf("## Only in TypeScript")).matchAll(/^\| `(\w+)` \| [^`]/gm)].map(([, name]) => name!);
const camelCase = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

describe("the page for people who come from Python", () => {
  it("names every member of Python once, and nothing else", () => {
    expect(rows.map(({ python }) => python).sort()).toEqual([...members.documented, ...members.undocumented, ...members.classes].sort());
  });

  it("names ours by the same name in camelCase", () => {
    for (const { python, ours } of rows) if (python !== "ApiException") expect(ours).toBe(camelCase(python));
  });

  it("names every public member of our class once, and nothing else", () => {
    const classes = rows.filter(({ python }) => members.classes.includes(python)).map(({ ours }) => ours);
    const named = rows.map(({ ours }) => ours).filter((name) => !classes.includes(name));
    expect([...named, ...onlyOurs].sort()).toEqual(Object.keys(PUBLIC).sort());
    for (const name of classes) expect(sdk).toHaveProperty(name);
  });

  it("names members that are there", () => {
    const client = new sdk.ApiWorkflowClient({ token: "t", serverUrl: "http://127.0.0.1:1", fetch: () => Promise.reject(new Error("not in this test")) });
    for (const name of Object.keys(PUBLIC)) expect(name in client, name).toBe(true);
  });
});
