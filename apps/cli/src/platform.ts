import { ApiWorkflowClient, ValueError } from "@winnow/client";
import type { Io } from "./io.ts";
import { UsageError } from "./problems.ts";

/** For commands that speak to a running platform. */
export const serverFlag = { value: "URL", summary: "address of the platform. Default: WINNOW_SERVER_LOCATION, else http://localhost:8080" } as const;

export const platformNotes = "The token comes from the environment, WINNOW_TOKEN: on a command line others could read it.";

/** @throws UsageError when there is no token, or the address is none */
export function platform(serverUrl: string | undefined, { env, stderr }: Io, datasetId?: string): ApiWorkflowClient {
  const token = env["WINNOW_TOKEN"]?.trim() || env["LIGHTLY_TOKEN"]?.trim();
  const url = serverUrl ?? (env["WINNOW_SERVER_LOCATION"]?.trim() || env["LIGHTLY_SERVER_LOCATION"]?.trim());
  if (!token) throw new UsageError("Set your token in WINNOW_TOKEN. The first start of the platform prints one, and winnow token create makes another.");
  try {
    return new ApiWorkflowClient({ token, ...(url && { serverUrl: url }), ...(datasetId !== undefined && { datasetId }), onWarning: ({ message }) => void stderr.write(`${message}\n`) });
  } catch (error) {
    if (error instanceof ValueError) throw new UsageError(error.message);
    throw error;
  }
}
