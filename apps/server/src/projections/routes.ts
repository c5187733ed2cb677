import type { domains } from "@winnow/contract";
import type { Handlers } from "../app/call.ts";
import * as service from "./service.ts";

export const projections: Handlers<typeof domains.projections> = {
  createEmbeddings2dByEmbeddingId: ({ context, dataset, path, body }) => service.createProjection(context, dataset, path.embeddingId, body),
  getEmbedding2dById: ({ context, dataset, path }) => service.getProjection(context, dataset, path.embeddingId, path.embedding2dId),
  getEmbeddings2dByEmbeddingId: ({ context, dataset, path }) => service.listProjections(context, dataset, path.embeddingId),
};
