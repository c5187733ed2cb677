import { SourceError } from "../source-error.ts";

/** The code of an error of an AWS service, or the name of the failure that kept it from answering. */
export function awsName(error: unknown): string {
  const { name, Code, code } = error as { name?: unknown; Code?: unknown; code?: unknown };
  // Some answers have the code in the body only, and a name made up by the client.
  const found = [Code, name, code].find((one) => typeof one === "string" && one !== "Error" && one !== "UnknownError" && one !== "Unknown");
  return (found as string | undefined) ?? "unknown";
}

/** The status of the answer, when there was one. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode;
}

/** A service that gave no answer, or none that helps; undefined for everything else. */
export function unreachable(error: unknown, service: string, status: number | undefined): SourceError | undefined {
  if (status !== undefined && (status >= 500 || status === 429)) return new SourceError("unreachable", `${service} doesn't work at the moment (${status}).`);
  const { code, name } = error as { code?: unknown; name?: unknown };
  const why = typeof code === "string" ? code : name;
  if (why === "TimeoutError" || (typeof why === "string" && /^(E[A-Z_]{3,}|ERR_(TLS|SSL)\w*|CERT_\w+|\w*CERT\w*|UND_ERR\w*)$/.test(why))) {
    return new SourceError("unreachable", `${service} doesn't answer (${why}): check the address, and the network of this machine.`);
  }
  return undefined;
}
