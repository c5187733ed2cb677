/**
 * Errors of the SDK. Those of the Python client that have no twin in the language (ValueError, RuntimeError, KeyError)
 * exist under the same names, so that code moves over without a change of meaning.
 */

/** An argument, or what the server has, is not what the member needs. */
export class ValueError extends Error {
  override name = "ValueError";
}

/** Something could not be done, for a reason that lies outside the arguments. */
export class RuntimeError extends Error {
  override name = "RuntimeError";
}

/** A key that must be there is missing. */
export class KeyError extends Error {
  override name = "KeyError";
}

/** No embedding on the server has the name. */
export class EmbeddingDoesNotExistError extends ValueError {
  override name = "EmbeddingDoesNotExistError";
}

/** No tag of the dataset has the name. */
export class TagDoesNotExistError extends ValueError {
  override name = "TagDoesNotExistError";
}

/** The server could not be reached, or didn't answer in time. */
export class ConnectionError extends RuntimeError {
  override name = "ConnectionError";
  readonly method: string;
  /** Path of the request, without query. */
  readonly path: string;
  /** Whether the request certainly never reached the server, so that repeating it can't do anything twice. */
  readonly refused: boolean;

  constructor(message: string, details: { readonly method: string; readonly path: string; readonly refused?: boolean; readonly cause?: unknown }) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.method = details.method;
    this.path = details.path;
    this.refused = details.refused ?? false;
  }
}

/** An answer of the server that says no. The message holds method, path, status, code and the server's sentence. */
export class ApiError extends Error {
  override name = "ApiError";
  readonly method: string;
  /** Path of the request, without query. */
  readonly path: string;
  /** HTTP status. */
  readonly status: number;
  /** The contract's error code (`DATASET_UNKNOWN`, …); undefined when the answer has none. */
  readonly code: string | undefined;
  /** The body as text, at most 10,000 characters. */
  readonly body: string;
  /** Seconds after which the server asks to be called again. */
  readonly retryAfter: number | undefined;

  constructor(facts: {
    readonly method: string;
    readonly path: string;
    readonly status: number;
    readonly body: string;
    readonly code?: string | undefined;
    readonly sentence?: string | undefined;
    readonly retryAfter?: number | undefined;
  }) {
    super(`${facts.method} ${facts.path}: ${facts.status}${facts.code === undefined ? "" : ` ${facts.code}`}${facts.sentence ? `: ${facts.sentence}` : ""}`);
    this.method = facts.method;
    this.path = facts.path;
    this.status = facts.status;
    this.code = facts.code;
    this.body = facts.body;
    this.retryAfter = facts.retryAfter;
  }

  /** Whether the same request may succeed later. */
  get retryable(): boolean {
    return this.status === 429 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/** Something the caller should know about that stops nothing; given to the client's `onWarning`, never thrown. */
export class WinnowWarning extends Error {
  override name = "WinnowWarning";
}

/** A row of custom metadata that belongs to no image, or to one that the server doesn't have; it is left out. */
export class InvalidCustomMetadataWarning extends WinnowWarning {
  override name = "InvalidCustomMetadataWarning";
}
