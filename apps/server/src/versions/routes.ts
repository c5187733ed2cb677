import type { domains } from "@winnow/contract";
import type { Handlers } from "../app/call.ts";

/** The newest release of the 1.2 line, which this server speaks with. */
const latest = "1.2.47";
const minimum = "1.1.0";

export const versions: Handlers<typeof domains.versions> = {
  getLatestPipVersion: () => latest,
  getMinimumCompatiblePipVersion: () => minimum,
};
