import type { domains } from "@winnow/contract";
import type { Handlers } from "../app/call.ts";
import * as service from "./service.ts";
import { triggerProjection } from "../projections/service.ts";

export const embeddings: Handlers<typeof domains.embeddings> = {
  deleteEmbeddingById: ({ context, dataset, path }) => service.deleteEmbedding(context, dataset, path.embeddingId),
  getEmbeddingsByDatasetId: ({ context, dataset, userAgent }) => service.listEmbeddings(context, dataset, userAgent),
  getEmbeddingsBySampleId: ({ context, dataset, path }) => service.embeddingsOfSample(context, dataset, path.sampleId),
  getEmbeddingsCsvReadUrlById: ({ context, dataset, path, baseUrl }) => service.csvReadUrl(context, dataset, path.embeddingId, baseUrl),
  getEmbeddingsCsvWriteUrlById: ({ context, dataset, query, baseUrl }) => service.csvWriteUrl(context, dataset, query.name, baseUrl),
  setEmbeddingsIsProcessedFlagById: ({ context, dataset, path, body }) => service.confirmProcessed(context, dataset, path.embeddingId, body),
  trigger2dEmbeddingsJob: ({ context, user, dataset, path, body }) => triggerProjection(context, user, dataset, path.embeddingId, body.dimensionalityReductionMethod),
};
