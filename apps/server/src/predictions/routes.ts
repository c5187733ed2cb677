import type { domains } from "@winnow/contract";
import type { Handlers } from "../app/call.ts";
import * as service from "./service.ts";

export const predictions: Handlers<typeof domains.predictions> = {
  createOrUpdatePredictionBySampleId: ({ context, dataset, path, query, body }) => service.storeSamplePredictions(context, dataset, query.predictionUUIDTimestamp, path.sampleId, body),
  createOrUpdatePredictionTaskSchemaByDatasetId: ({ context, dataset, query, body }) => service.storeTaskSchema(context, dataset, query.predictionUUIDTimestamp, body),
  getPredictionBySampleId: ({ context, dataset, path, query }) => service.getSamplePredictions(context, dataset, query.predictionUUIDTimestamp, path.sampleId),
  getPredictionTaskSchemaByTaskName: ({ context, dataset, path, query }) => service.getTaskSchema(context, dataset, query.predictionUUIDTimestamp, path.taskName),
  getPredictionTaskSchemasByDatasetId: ({ context, dataset, query }) => service.listTaskSchemas(context, dataset, query.predictionUUIDTimestamp),
  getPredictionsByDatasetId: ({ context, dataset, query }) => service.listPredictions(context, dataset, query),
  createPredictionsByDatasetId: ({ context, dataset, query, body }) => service.storeManyPredictions(context, dataset, query.predictionUUIDTimestamp, body),
  getPredictionVersionsByDatasetId: ({ context, dataset }) => service.listVersions(context, dataset),
};
