import type { Operation, domains } from "@winnow/contract";
import { Download } from "../app/answers.ts";
import type { Call, Handlers } from "../app/call.ts";
import { requireTag } from "../tags/service.ts";
import { archive } from "./archive.ts";
import { coco } from "./coco.ts";
import * as service from "./service.ts";
import { zipAddress } from "./zip-address.ts";

type Exports = typeof domains.exports;

/** What all exports begin with. */
async function exported(call: Pick<Call<Operation>, "context" | "dataset" | "baseUrl"> & { path: { tagId: string }; query: object }): Promise<service.Exported> {
  const { context, dataset, path, query, baseUrl } = call;
  return { context, dataset, tag: await requireTag(context.db, dataset.row, path.tagId), query, baseUrl };
}

export const exports: Handlers<Exports> = {
  downloadZipOfSamplesByTagId: async ({ context, dataset, path, baseUrl, accept }) => {
    const tag = await requireTag(context.db, dataset.row, path.tagId);
    // Clients of the protocol read the answer as text: they get the address of the archive.
    if (accept.includes("application/json")) return zipAddress(context, baseUrl, dataset.row.id, tag.id);
    return new Download(await archive(context, dataset, tag), "application/zip", `${tag.name}.zip`);
  },
  exportTagToBasicFilenames: async (call) => service.fileNames(await exported(call), call.accept.includes("application/json")),
  exportTagToLabelBoxDataRows: async (call) => service.labelbox(await exported(call)),
  exportTagToLabelStudioTasks: async (call) => service.labelStudio(await exported(call)),
  exportTagToSamaTasks: async (call) => service.sama(await exported(call), call.userAgent.startsWith("Swagger-Codegen")),
  exportTagToBasicFilenamesAndReadUrls: async (call) => service.fileNamesAndReadUrls(await exported(call)),
  exportTagToCoco: async ({ context, dataset, path, query }) => coco(context, dataset, await requireTag(context.db, dataset.row, path.tagId), query),
};
