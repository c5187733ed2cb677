/** What goes wrong in the rules of a domain, and the status it deserves on the wire. */
import type { ApiErrorCode } from "@winnow/contract";

const statusByCode: Partial<Record<ApiErrorCode, number>> = {
  NOT_IMPLEMENTED: 501,
  FORBIDDEN: 403,
  UNAUTHORIZED: 401,
  NOT_FOUND: 404,
  PAYLOAD_TOO_LARGE: 413,
  JWT_INVALID: 401,
  JWT_MALFORMED: 401,
  JOB_UNKNOWN: 404,
  USER_NOT_KNOWN: 400,
  ILLEGAL_ACTION_RESOURCE_IN_USE: 409,
  DATASET_UNKNOWN: 404,
  DATASET_NAME_EXISTS: 409,
  ACCESS_CONTROL_UNKNOWN: 404,
  EMBEDDING_UNKNOWN: 404,
  EMBEDDING_NAME_EXISTS: 409,
  EMBEDDING_NOT_READY: 409,
  EMBEDDING_2D_UNKNOWN: 404,
  TAG_UNKNOWN: 404,
  TAG_NAME_EXISTS: 409,
  TAG_INITIAL_EXISTS: 409,
  TAG_UNDELETABLE_NOT_A_LEAF: 409,
  TAG_UNDELETABLE_IS_INITIAL: 409,
  SAMPLE_UNKNOWN: 404,
  SAMPLE_THUMBNAME_UNKNOWN: 404,
  SCORE_UNKNOWN: 404,
  DOCKER_RUN_UNKNOWN: 404,
  DOCKER_RUN_REPORT_UNAVAILABLE: 404,
  DOCKER_RUN_PLAN_UNAVAILABLE: 404,
  DOCKER_RUN_ENDED: 409,
  DOCKER_WORKER_UNKNOWN: 404,
  DOCKER_WORKER_CONFIG_UNKNOWN: 404,
  DOCKER_WORKER_CONFIG_IN_USE: 409,
  DOCKER_WORKER_SCHEDULE_UNKNOWN: 404,
  DOCKER_WORKER_SCHEDULE_UPDATE_FAILED: 409,
  WORKER_SESSION_REPLACED: 409,
  METADATA_CONFIGURATION_UNKNOWN: 404,
  CUSTOM_METADATA_AT_MAX_SIZE: 413,
  TOO_MANY_REQUESTS: 429,
  TEAM_UNKNOWN: 404,
  WEBHOOK_UNKNOWN: 404,
};

/** An error that the client is told: a code, and a sentence that says what to do. */
export class DomainError extends Error {
  readonly status: number;

  constructor(
    readonly code: ApiErrorCode,
    message: string,
    options: { status?: number; retryAfterSeconds?: number } = {},
  ) {
    super(message);
    this.name = "DomainError";
    this.status = options.status ?? statusByCode[code] ?? 400;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  readonly retryAfterSeconds?: number;
}
