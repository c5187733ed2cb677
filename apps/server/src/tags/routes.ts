import type { domains } from "@winnow/contract";
import type { Handlers } from "../app/call.ts";
import * as service from "./service.ts";
import { listTags } from "./store.ts";

export const tags: Handlers<typeof domains.tags> = {
  createInitialTagByDatasetId: ({ context, dataset, body }) => service.createInitialTag(context, dataset, body),
  createTagByDatasetId: ({ context, dataset, body }) => service.createTag(context, dataset, body),
  deleteTagByTagId: ({ context, dataset, path }) => service.deleteTag(context, dataset, path.tagId),
  getFilenamesByTagId: ({ context, dataset, path }) => service.fileNames(context, dataset, path.tagId),
  getTagByTagId: async ({ context, dataset, path }) => service.tagData(await service.requireTag(context.db, dataset.row, path.tagId), dataset.row),
  getTagsByDatasetId: async ({ context, dataset }) => (await listTags(context.db, dataset.row.id)).map((tag) => service.tagData(tag, dataset.row)),
  performTagArithmetics: ({ context, dataset, body }) => service.performArithmetics(context, dataset, body),
  performTagArithmeticsBitmask: async ({ context, dataset, body }) => ({ bitMaskData: (await service.combine(context.db, dataset.row, body)).toHex() }),
  updateTagByTagId: ({ context, dataset, path, body }) => service.renameTag(context, dataset, path.tagId, body),
  upsizeTagsByDatasetId: ({ context, dataset, body }) => service.upsize(context, dataset, body),
};
