import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunningServer } from "@winnow/server";
import { writeWhole } from "../files/write-whole.ts";

/**
 * The token that `start` works with: the one of the environment or of this first start, else one of its own. The server
 * keeps only hashes, so later starts would have none; this one lies in the data folder, readable by its owner alone.
 */
export async function workingToken(running: RunningServer, dataFolder: string, given: string | undefined, databaseUrl: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  const path = join(dataFolder, "start", "token");
  const kept = textOf(path);
  if (kept !== undefined && (await works(running.url, kept))) return kept;
  const { createToken, openDatabase } = await import("@winnow/server");
  const db = await openDatabase(databaseUrl ?? dataFolder);
  try {
    const { token } = await createToken(db, running.owner.email, "winnow start");
    writeWhole(path, `${token}\n`, 0o600);
    return token;
  } finally {
    await db.destroy();
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim() || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Whether the server still takes the token: it may have been revoked. */
async function works(url: string, token: string): Promise<boolean> {
  const { ApiError, ApiWorkflowClient } = await import("@winnow/client");
  try {
    await new ApiWorkflowClient({ token, serverUrl: url }).getDatasets();
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return false;
    throw error;
  }
}
