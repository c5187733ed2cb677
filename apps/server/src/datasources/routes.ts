import type { domains } from "@winnow/contract";
import { Redirect } from "../app/answers.ts";
import type { Call, Handlers } from "../app/call.ts";
import { writeAddresses, sourceAddresses } from "./addresses.ts";
import { listMetadata, listPredictions, listSamples, type ListingCall } from "./listing.ts";
import { platformFolder, requirePath } from "./paths.ts";
import type { RelevantFilesReader } from "./relevant-files.ts";
import { connectDatasource, datasourceOf, datasourcesOf } from "./service.ts";
import type { SourceUse } from "./sources.ts";
import { readProcessedUntil, writeProcessedUntil } from "./store.ts";
import { checkDatasource } from "./verification.ts";

type Datasources = typeof domains.datasources;

export function datasources(relevantFiles: RelevantFilesReader): Handlers<Datasources> {
  const listing = ({ context, dataset, baseUrl, signal }: Pick<Call<Datasources["getListOfRawSamplesFromDatasourceByDatasetId"]>, "context" | "dataset" | "baseUrl" | "signal">): ListingCall => ({
    context,
    datasetId: dataset.row.id,
    baseUrl,
    signal,
    relevantFiles,
  });
  return {
    getDatasourceByDatasetId: ({ context, dataset, query }) => datasourceOf(context, dataset.row.id, query.purpose),
    getDatasourcesByDatasetId: ({ context, dataset }) => datasourcesOf(context, dataset.row.id),
    updateDatasourceByDatasetId: ({ context, dataset, body }) => connectDatasource(context, dataset.row.id, body),
    verifyDatasourceByDatasetId: async ({ context, dataset }) => {
      const { errors: _, ...verification } = await checkDatasource(context, dataset.row.id);
      return verification;
    },
    checkDatasourceByDatasetId: ({ context, dataset, query }) => checkDatasource(context, dataset.row.id, query.purpose),
    getDatasourceProcessedUntilTimestampByDatasetId: async ({ context, dataset }) => ({ processedUntilTimestamp: await readProcessedUntil(context.db, dataset.row.id) }),
    updateDatasourceProcessedUntilTimestampByDatasetId: ({ context, dataset, body }) => writeProcessedUntil(context.db, dataset.row.id, body.processedUntilTimestamp),
    getListOfRawSamplesFromDatasourceByDatasetId: (call) => listSamples(listing(call), call.query),
    getListOfRawSamplesPredictionsFromDatasourceByDatasetId: (call) => listPredictions(listing(call), call.query.taskName, call.query),
    getListOfRawSamplesMetadataFromDatasourceByDatasetId: (call) => listMetadata(listing(call), call.query),
    getPredictionFileReadUrlFromDatasourceByDatasetId: (call) => platformFile(call, "predictions", call.query.fileName),
    getMetadataFileReadUrlFromDatasourceByDatasetId: (call) => platformFile(call, "metadata", call.query.fileName),
    getEmbeddingsFileReadUrlFromDatasourceByDatasetId: (call) => platformFile(call, "embeddings", call.query.fileName),
    getPredictionFileWriteUrlFromDatasourceByDatasetId: async ({ context, dataset, query, baseUrl }) => {
      const path = `${platformFolder}predictions/${requirePath("fileName", query.fileName)}`;
      return (await writeAddresses(context, baseUrl, dataset.row.id)).plainWrite(path);
    },
    getResourceReadUrlRedirect: async ({ context, dataset, query, baseUrl }) => {
      const path = requirePath("path", query.path);
      return new Redirect(await (await sourceAddresses(context, baseUrl, dataset.row.id, useOf(path))).read(path));
    },
    getDatasourceRoots: ({ context }) => ({ folders: [...context.configuration.allowFolders], fileServers: [...context.configuration.allowAddresses] }),
    createDatasourceReadUrls: async ({ context, dataset, body, baseUrl }) => {
      const paths = body.paths.map((path, i) => requirePath(`paths[${i}]`, path));
      const urls: { path: string; url: string }[] = [];
      for (const path of paths) urls.push({ path, url: "" });
      for (const use of ["INPUT", "LIGHTLY"] as const) {
        const wanted = urls.filter(({ path }) => (body.purpose ?? useOf(path)) === use);
        if (wanted.length === 0) continue;
        const addresses = await sourceAddresses(context, baseUrl, dataset.row.id, use);
        for (const one of wanted) one.url = await addresses.read(one.path);
      }
      return { urls };
    },
    createDatasourceWriteUrls: async ({ context, dataset, body, baseUrl }) => {
      const paths = body.paths.map((path, i) => requirePath(`paths[${i}]`, path));
      const addresses = await writeAddresses(context, baseUrl, dataset.row.id);
      const urls: { path: string; url: string; headers: Record<string, string> }[] = [];
      for (const path of paths) urls.push({ path, ...(await addresses.write(path)) });
      return { urls };
    },
  };
}

/** Whose file a path is: what the platform reads and writes lies below one folder. */
function useOf(path: string): SourceUse {
  return path.startsWith(platformFolder) ? "LIGHTLY" : "INPUT";
}

/** An address of a file in one of the platform's folders, there or not. */
async function platformFile({ context, dataset, baseUrl }: Pick<Call<Datasources["getMetadataFileReadUrlFromDatasourceByDatasetId"]>, "context" | "dataset" | "baseUrl">, folder: string, fileName: string): Promise<string> {
  const path = `${platformFolder}${folder}/${requirePath("fileName", fileName)}`;
  return (await sourceAddresses(context, baseUrl, dataset.row.id, "LIGHTLY")).read(path);
}
