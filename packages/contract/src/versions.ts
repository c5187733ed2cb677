/** Versions of the Python client. */
import { Type, type Static } from "typebox";
import { domain, get } from "./model.ts";

export const VersionNumber = Type.String();
export type VersionNumber = Static<typeof VersionNumber>;

export const versions = domain({
  getLatestPipVersion: get("/v1/versions/pip/latest", {
    id: "get_latest_pip_version",
    summary: "Newest version of the Python client known to work",
    access: "public",
    query: Type.Object({ currentVersion: Type.Optional(Type.String()) }),
    replies: { 200: VersionNumber },
  }),
  getMinimumCompatiblePipVersion: get("/v1/versions/pip/minimum", {
    id: "get_minimum_compatible_pip_version",
    summary: "Oldest version of the Python client that may connect",
    access: "public",
    replies: { 200: VersionNumber },
  }),
});
