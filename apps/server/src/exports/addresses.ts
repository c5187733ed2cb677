import type { ExportQuery } from "@winnow/contract";
import type { Context } from "../app/context.ts";
import { DomainError } from "../app/errors.ts";

const defaultSeconds = 7 * 24 * 3600;
const purpose = "public images";

/** Makes the address under which whoever has it reads an image of the dataset, until it expires. */
export function imageAddresses(context: Context, baseUrl: string, datasetId: string, query: Pick<ExportQuery, "expiresIn" | "accessControl">): (sampleId: string) => string {
  if (query.accessControl !== undefined && query.accessControl !== "default") {
    throw new DomainError("ACCESS_CONTROL_UNKNOWN", `"accessControl" must be default (addresses need a signed-in user) or left out (addresses carry a token), got ${JSON.stringify(query.accessControl)}.`, { status: 400 });
  }
  const expires = Math.floor(Date.now() / 1000) + (query.expiresIn ?? defaultSeconds);
  const token = query.accessControl === "default" ? "" : `&publicToken=${context.signer.token(purpose, { datasetId, expires })}`;
  return (sampleId) => `${baseUrl}/v1/datasets/${datasetId}/samples/${sampleId}/readurlRedirect?type=full${token}`;
}

/** @throws DomainError UNAUTHORIZED when the token isn't for images of this dataset, or has expired */
export function checkPublicToken(context: Context, token: string, datasetId: string): void {
  const facts = context.signer.open(purpose, token);
  if (!facts || facts["datasetId"] !== datasetId) throw new DomainError("JWT_INVALID", "The public token is not valid for this address.");
  if (Number(facts["expires"]) < Date.now() / 1000) throw new DomainError("JWT_INVALID", "The address has expired. Export the tag again to get new ones.");
}
