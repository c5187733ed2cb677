import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** A key that a test's service knows. */
export interface KnownKey {
  readonly secret: string;
  /** Session token that has to come with it. */
  readonly token?: string;
}

/**
 * Checks AWS signature version 4 of a request, in its header or its address, from the published rules (AWS General
 * Reference, "Signing AWS API requests"), not from the client under test.
 * @param region where the bucket lives; undefined for the token service, which every region has
 * @returns the provider's error code, or undefined when all is right
 */
export function signatureError(request: IncomingMessage, keys: ReadonlyMap<string, KnownKey>, region: string | undefined, service: "s3" | "sts", body?: string): string | undefined {
  const [path = "/", query = ""] = (request.url ?? "/").split(/\?(.*)/s, 2);
  const parameters = new URLSearchParams(query);
  const header = /Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]+)/.exec(request.headers.authorization ?? "");
  const inQuery = parameters.has("X-Amz-Signature");
  if (!header && !inQuery) return "AccessDenied";
  const [, credential = "", signed = "", signature = ""] = header ?? ["", parameters.get("X-Amz-Credential"), parameters.get("X-Amz-SignedHeaders"), parameters.get("X-Amz-Signature")].map((one) => one ?? "");
  const [id = "", day = "", itsRegion = "", itsService = ""] = credential.split("/");
  const key = keys.get(id);
  if (!key) return service === "s3" ? "InvalidAccessKeyId" : "InvalidClientTokenId";
  if (itsRegion !== (region ?? itsRegion) || itsService !== service) return "AuthorizationHeaderMalformed";
  const token = inQuery ? parameters.get("X-Amz-Security-Token") : request.headers["x-amz-security-token"];
  if ((key.token ?? null) !== (token ?? null)) return "InvalidToken";
  const date = (inQuery ? parameters.get("X-Amz-Date") : request.headers["x-amz-date"]) as string;
  const pairs = query.split("&").filter((one) => one !== "" && !one.startsWith("X-Amz-Signature=")).map((one) => (one.includes("=") ? one : `${one}=`)).sort();
  const canonical = [
    request.method,
    path,
    pairs.join("&"),
    ...signed.split(";").map((name) => `${name}:${String(request.headers[name] ?? "").trim().replace(/ +/g, " ")}`),
    "",
    signed,
    inQuery ? "UNSIGNED-PAYLOAD" : (request.headers["x-amz-content-sha256"] ?? hash(body ?? "")),
  ].join("\n");
  const scope = [day, itsRegion, service, "aws4_request"];
  const secret = scope.reduce<Buffer>((last, part) => createHmac("sha256", last).update(part).digest(), Buffer.from(`AWS4${key.secret}`));
  const expected = createHmac("sha256", secret).update(["AWS4-HMAC-SHA256", date, scope.join("/"), hash(canonical)].join("\n")).digest("hex");
  if (expected.length !== signature.length || !timingSafeEqual(Buffer.from(expected), Buffer.from(signature))) return "SignatureDoesNotMatch";
  const made = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (inQuery && Date.now() > made + Number(parameters.get("X-Amz-Expires")) * 1000) return "AccessDenied";
  return undefined;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
