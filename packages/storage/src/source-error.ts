/**
 * What is wrong with a datasource or with a request to it:
 * - `credential`: keys, tokens or roles that the provider doesn't accept
 * - `bucket`: no such bucket or container
 * - `region`: the bucket lives in another region
 * - `path`: no such file or folder, or a text that is no path
 * - `permission`: the credential is known but may not do this
 * - `unreachable`: no answer
 * - `forbidden`: an address that this server may not contact for its users
 * - `cursor`: a cursor that was not made by a listing of this source
 * - `configuration`: settings that can't be right, whatever the provider says
 * - `provider`: the provider answered with something unexpected
 */
export type SourceErrorKind = "credential" | "bucket" | "region" | "path" | "permission" | "unreachable" | "forbidden" | "cursor" | "configuration" | "provider";

/** A datasource can't do what was asked. The message is one sentence for the user that says what to change; it never holds a secret. */
export class SourceError extends Error {
  override name = "SourceError";
  constructor(
    readonly kind: SourceErrorKind,
    message: string,
    /** The file or folder it is about, relative to the datasource, where there is one. */
    readonly path?: string,
  ) {
    super(message);
  }
}
