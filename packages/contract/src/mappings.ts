/** The order of a dataset: file names and ids by ordinal. */
import { Type } from "typebox";
import { domain, get } from "./model.ts";
import { PageOffset, PageSize } from "./values.ts";


export const mappings = domain({
  getSampleMappingsByDatasetId: get("/v1/datasets/{datasetId}/mappings", {
    id: "get_sample_mappings_by_dataset_id",
    summary: "File names or ids of all samples in the dataset's order",
    access: "viewer",
    query: Type.Object({ field: Type.String(), pageSize: Type.Optional(PageSize), pageOffset: Type.Optional(PageOffset) }),
    replies: { 200: Type.Array(Type.String()) },
  }),
});
