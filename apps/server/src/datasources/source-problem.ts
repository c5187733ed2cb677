import type { ApiErrorCode } from "@winnow/contract";
import type { SourceError, SourceErrorKind } from "@winnow/storage";
import { DomainError } from "../app/errors.ts";

/** Codes on the wire. What the user has set wrong is a 400: a 401 or 403 would be about the caller's own token. */
const answers: Readonly<Record<SourceErrorKind, readonly [ApiErrorCode, number]>> = {
  credential: ["DATASET_DATASOURCE_CREDENTIALS_ERROR", 400],
  permission: ["DATASET_DATASOURCE_CREDENTIALS_ERROR", 400],
  bucket: ["DATASET_DATASOURCE_INVALID", 400],
  region: ["DATASET_DATASOURCE_INVALID", 400],
  configuration: ["DATASET_DATASOURCE_INVALID", 400],
  forbidden: ["DATASET_DATASOURCE_INVALID", 400],
  provider: ["DATASET_DATASOURCE_INVALID", 400],
  path: ["NOT_FOUND", 404],
  cursor: ["BAD_REQUEST", 400],
  unreachable: ["DATASET_DATASOURCE_INVALID", 503],
};

/** What went wrong in a datasource, as the client is told it. */
export function problemOf({ kind, message }: SourceError): DomainError {
  const [code, status] = answers[kind];
  return new DomainError(code, message, kind === "unreachable" ? { status, retryAfterSeconds: 5 } : { status });
}
