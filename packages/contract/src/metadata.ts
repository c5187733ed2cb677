/** Metadata configurations: which custom metadata to show and filter by. */
import { Type, type Static } from "typebox";
import { Enumeration, domain, get, post, put } from "./model.ts";
import { CreateEntityResponse, Id, Timestamp } from "./values.ts";

export const ConfigurationValueDataType = Enumeration(["NUMERIC_INT", "NUMERIC_FLOAT", "CATEGORICAL_STRING", "CATEGORICAL_INT", "CATEGORICAL_BOOLEAN", "CATEGORICAL_DATETIME", "CATEGORICAL_TIMESTAMP", "OTHER_STRING"]);
export type ConfigurationValueDataType = Static<typeof ConfigurationValueDataType>;

export const ConfigurationEntry = Type.Object({
  name: Type.String({ minLength: 1 }),
  path: Type.String({ minLength: 1 }),
  defaultValue: Type.Unknown(),
  valueDataType: ConfigurationValueDataType,
});
export type ConfigurationEntry = Static<typeof ConfigurationEntry>;

export const ConfigurationData = Type.Object({
  id: Id,
  name: Type.String(),
  configs: Type.Array(ConfigurationEntry),
  createdAt: Timestamp,
  lastModifiedAt: Timestamp,
});
export type ConfigurationData = Static<typeof ConfigurationData>;

export const ConfigurationSetRequest = Type.Object({
  name: Type.String(),
  configs: Type.Array(ConfigurationEntry),
});
export type ConfigurationSetRequest = Static<typeof ConfigurationSetRequest>;

export const metadata = domain({
  createMetaDataConfiguration: post("/v1/datasets/{datasetId}/configuration/metadata", {
    id: "create_meta_data_configuration",
    summary: "Create a metadata configuration",
    access: "editor",
    body: ConfigurationSetRequest,
    replies: { 201: CreateEntityResponse },
  }),
  getMetaDataConfigurationById: get("/v1/datasets/{datasetId}/configuration/metadata/{configurationId}", {
    id: "get_meta_data_configuration_by_id",
    summary: "One metadata configuration",
    access: "viewer",
    replies: { 200: ConfigurationData },
  }),
  getMetaDataConfigurations: get("/v1/datasets/{datasetId}/configuration/metadata", {
    id: "get_meta_data_configurations",
    summary: "Metadata configurations of a dataset",
    access: "viewer",
    replies: { 200: Type.Array(ConfigurationData) },
  }),
  updateMetaDataConfigurationById: put("/v1/datasets/{datasetId}/configuration/metadata/{configurationId}", {
    id: "update_meta_data_configuration_by_id",
    summary: "Change a metadata configuration",
    access: "editor",
    body: ConfigurationSetRequest,
    replies: { 204: Type.Null() },
  }),
});
