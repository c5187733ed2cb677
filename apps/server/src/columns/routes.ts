import type { domains } from "@winnow/contract";
import type { Handlers } from "../app/call.ts";
import type { Columns } from "./service.ts";
import type { Pictures } from "./pictures.ts";

export function columns(all: Columns, pictures: Pictures): Handlers<typeof domains.columns> {
  return {
    getColumnsByDatasetId: ({ dataset }) => all.list(dataset),
    getColumnByName: ({ dataset, query }) => all.values(dataset, query.name, query.version),
    getSampleCardsByOrdinals: ({ dataset, body }) => all.cards(dataset, body.ordinals),
    getPictureByOrdinal: ({ dataset, path, query, ifNoneMatch }) => pictures.picture(dataset, path.ordinal, query.size ?? 256, ifNoneMatch),
  };
}
