import type { domains } from "@winnow/contract";
import type { Handlers } from "../app/call.ts";
import * as service from "./service.ts";

export const metadata: Handlers<typeof domains.metadata> = {
  createMetaDataConfiguration: ({ context, dataset, body }) => service.createConfiguration(context, dataset, body),
  getMetaDataConfigurationById: ({ context, dataset, path }) => service.getConfiguration(context, dataset, path.configurationId),
  getMetaDataConfigurations: ({ context, dataset }) => service.listConfigurations(context, dataset),
  updateMetaDataConfigurationById: ({ context, dataset, path, body }) => service.changeConfiguration(context, dataset, path.configurationId, body),
};
