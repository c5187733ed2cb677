import type { domains } from "@winnow/contract";
import { Redirect, StreamedJson, joinedArrays } from "../app/answers.ts";
import type { Handlers } from "../app/call.ts";
import { DomainError } from "../app/errors.ts";
import { type Registrar, registerSamples } from "./registrar.ts";
import { sampleData } from "./sample-json.ts";
import * as service from "./service.ts";
import { readMapping } from "./store.ts";

export function samples(registrar: Registrar): Handlers<typeof domains.samples> {
  return {
    createSampleByDatasetId: async ({ dataset, body }) => ({ id: await registrar.register(dataset.row.id, body) }),
    createSamplesByDatasetId: async ({ context, dataset, body }) => {
      const { results, created } = await registerSamples(context, dataset.row.id, body.samples, body.skipExisting ? "skip" : "all");
      return { ids: results as string[], created };
    },
    getSampleById: async ({ context, dataset, path }) => sampleData(await service.requireSample(context, dataset, path.sampleId)),
    getSamplesByDatasetId: ({ context, dataset, query }) => {
      const mode = query.mode ?? "full";
      if (mode !== "full" && mode !== "partial") throw new DomainError("BAD_REQUEST", `"mode" must be full or partial, got ${JSON.stringify(mode)}.`);
      return service.listSamples(context, dataset, query, service.jsonOfMode(mode));
    },
    getSamplesPartialByDatasetId: ({ context, dataset, query }) => service.listSamples(context, dataset, query, service.jsonOfMode(query.mode ?? "full")),
    getSampleImageReadUrlById: ({ context, dataset, path, query, baseUrl }) => service.readUrl(context, dataset, path.sampleId, query.type, baseUrl),
    getSampleImageResourceRedirectById: async ({ context, dataset, path, query, baseUrl }) =>
      new Redirect(await service.readUrl(context, dataset, path.sampleId, query.type, baseUrl)),
    getSampleImageWriteUrlById: ({ context, dataset, path, query, baseUrl }) =>
      service.writeUrl(context, dataset, path.sampleId, query.isThumbnail ? "thumbnail" : "full", baseUrl),
    getSampleImageWriteUrlsById: ({ context, dataset, path, baseUrl }) => service.writeUrls(context, dataset, path.sampleId, baseUrl),
    updateSampleById: ({ context, dataset, path, body }) => service.updateSample(context, dataset, path.sampleId, body),
  };
}

export const mappings: Handlers<typeof domains.mappings> = {
  getSampleMappingsByDatasetId: ({ context, dataset, query }) => {
    const column = query.field === "fileName" ? "file_name" : query.field === "_id" ? "id" : undefined;
    if (!column) throw new DomainError("BAD_REQUEST", `"field" must be fileName or _id, got ${JSON.stringify(query.field)}.`);
    const from = query.pageOffset ?? 0;
    const to = query.pageSize === undefined ? dataset.row.n_samples : Math.min(dataset.row.n_samples, from + query.pageSize);
    return new StreamedJson(joinedArrays(readMapping(context.db, dataset.row.id, column, from, to)));
  },
};

export const quota: Handlers<typeof domains.quota> = {
  getQuotaMaximumDatasetSize: ({ context }) => String(context.configuration.datasetSizeMax),
};
