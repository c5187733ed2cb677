import type { ApiWorkflowClient } from "@winnow/client";
import type { Io } from "../io.ts";
import { platformKey, readLogins } from "../login/login-file.ts";
import { UsageError } from "../problems.ts";
import { paintFor } from "../terminal/colour.ts";

/** Where a platform of one's own listens. */
export const DEFAULT_URL = "http://localhost:8080";

/** For commands that speak to a running platform. */
export const connection = {
  server: { value: "URL", summary: "address of the platform. Default: WINNOW_SERVER_LOCATION, else where winnow login was last, else http://localhost:8080" },
  token: { value: "T", summary: "your token. Better kept by winnow login or in WINNOW_TOKEN: others can read a command line" },
} as const;

export interface Connection {
  readonly server: string | undefined;
  readonly token: string | undefined;
}

/** Which platform is meant, and the token for it: from flags, else the environment, else what `winnow login` keeps. */
export function connectionOf(given: Connection, io: Pick<Io, "env" | "stderr">): { readonly url: string; readonly token: string | undefined } {
  const [urlGiven, tokenGiven] = [addressOf(given.server, io), given.token?.trim() || variable(io, "WINNOW_TOKEN", "LIGHTLY_TOKEN")];
  if (urlGiven !== undefined && tokenGiven !== undefined) return { url: urlGiven, token: tokenGiven };
  const { current, platforms } = readLogins(io);
  // A token from the environment doesn't go to a platform that nothing beside it names.
  const url = urlGiven ?? (tokenGiven === undefined ? (current ?? DEFAULT_URL) : DEFAULT_URL);
  return { url, token: tokenGiven ?? (Object.hasOwn(platforms, platformKey(url)) ? platforms[platformKey(url)]!.token : undefined) };
}

/** The address that a flag or the environment names. */
export function addressOf(flag: string | undefined, io: Pick<Io, "env">): string | undefined {
  return flag?.trim() || variable(io, "WINNOW_SERVER_LOCATION", "LIGHTLY_SERVER_LOCATION");
}

/** First variable that is set and not blank. */
function variable({ env }: Pick<Io, "env">, ...names: string[]): string | undefined {
  return names.map((name) => env[name]?.trim()).find((value) => value);
}

/** The platform, for commands that speak to it. @throws UsageError when there is no token, or the address is none */
export async function platform(given: Connection, io: Io, datasetId?: string): Promise<ApiWorkflowClient> {
  const { url, token } = connectionOf(given, io);
  if (!token) throw new UsageError(`There is no token for ${url}. Log in with winnow login, or set WINNOW_TOKEN. The first start of the platform prints a token, and winnow token create makes another.`);
  // Loaded when it is needed: help and completion are to be quick.
  const { ApiWorkflowClient, ValueError } = await import("@winnow/client");
  try {
    const warned = paintFor(io, "stderr");
    return new ApiWorkflowClient({ token, serverUrl: url, ...(datasetId !== undefined && { datasetId }), onWarning: ({ message }) => void io.stderr.write(`${warned.yellow("Note:")} ${message}\n`) });
  } catch (error) {
    if (error instanceof ValueError) throw new UsageError(error.message);
    throw error;
  }
}
