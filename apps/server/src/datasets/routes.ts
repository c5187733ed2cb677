import type { domains } from "@winnow/contract";
import { reaches } from "../accounts/user.ts";
import type { Handlers } from "../app/call.ts";
import * as service from "./service.ts";
import { listChildren } from "./store.ts";

export const datasets: Handlers<typeof domains.datasets> = {
  createDataset: ({ context, user, body }) => service.createDataset(context, user, body),
  deleteDatasetById: ({ context, user, dataset, query }) => service.deleteDataset(context, user, dataset, query.force ?? false),
  getDatasetById: ({ user, dataset }) => service.datasetData(dataset.row, user, dataset.role),
  getChildrenOfDatasetId: async ({ context, user, dataset }) =>
    (await listChildren(context.db, dataset.row.id)).filter((row) => row.user_id === user.id && reaches(user, row.id)).map((row) => service.datasetData(row, user)),
  getDatasets: async ({ context, user, query }) => (await service.listDatasets(context, user, query)).map((row) => service.datasetData(row, user)),
  getDatasetsEnriched: async ({ context, user, query }) =>
    service.enrichedData(context, user, await service.listDatasets(context, user, { ...query, pageSize: query.pageSize ?? query.limit })),
  getDatasetsQueryByName: async ({ context, user, path, query }) =>
    (await service.listDatasets(context, user, { ...query, name: path.datasetName })).map((row) => service.datasetData(row, user)),
  getDatasetsEnrichedQueryByName: async ({ context, user, path, query }) =>
    service.enrichedData(context, user, await service.listDatasets(context, user, { ...query, name: path.datasetName })),
  registerDatasetUploadById: ({ context, dataset, body }) => service.registerUpload(context, dataset, body),
  updateDatasetById: ({ context, dataset, body }) => service.renameDataset(context, dataset, body),
};
