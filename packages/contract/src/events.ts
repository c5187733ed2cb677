/** What changes on the server, told as it happens (an addition of ours). */
import { Type, type Static } from "typebox";
import { domain, get } from "./model.ts";
import { Id } from "./values.ts";

/** The data of an event named `change`. It says that something changed, not what it is now. */
export const ChangeData = Type.Object({
  datasetId: Type.Optional(Id),
  /** What kind of thing changed: as the part of the address that is its own, such as `tags`, `samples` or `jobs`. */
  topic: Type.String(),
});
export type ChangeData = Static<typeof ChangeData>;

export const events = domain({
  getEvents: get("/v1/events", {
    id: "get_events",
    summary: "Changes of what the user may see, as server-sent events",
    access: "user",
    boundTokens: true,
    since: "winnow",
    replies: { 200: Type.Unknown() },
  }),
});
