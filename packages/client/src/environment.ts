/** Settings from environment variables; all empty in a browser. */

/** Where the server of a plain `npm start` listens. */
export const DEFAULT_SERVER_URL = "http://localhost:8080";

/** First variable that is set and not blank. */
function variable(...names: string[]): string | undefined {
  const environment = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env;
  return names.map((name) => environment?.[name]?.trim()).find((value) => value !== undefined && value !== "");
}

/** `WINNOW_TOKEN`, else `LIGHTLY_TOKEN`. */
export function tokenFromEnvironment(): string | undefined {
  return variable("WINNOW_TOKEN", "LIGHTLY_TOKEN");
}

/** `WINNOW_SERVER_LOCATION`, else `LIGHTLY_SERVER_LOCATION`. */
export function serverFromEnvironment(): string | undefined {
  return variable("WINNOW_SERVER_LOCATION", "LIGHTLY_SERVER_LOCATION");
}
