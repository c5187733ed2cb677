import { encodedPath } from "@winnow/storage";
import type { Context } from "../app/context.ts";
import type { OpenedSource, SourceUse } from "./sources.ts";

/** An address of this server is short-lived where it gives out bytes by itself; one that leads on is good for as long as an export's. */
const redirectingSeconds = 7 * 24 * 3600;

/** Facts that an address of this server vouches for; what it allows stands in the purpose of its signature. */
export interface FileFacts {
  readonly datasetId: string;
  readonly use: SourceUse;
  readonly path: string;
  readonly expires: string;
  /** Of write addresses: the largest file in bytes. */
  readonly max?: string;
}

export function signatureOf(context: Context, method: "GET" | "PUT", facts: FileFacts): string {
  return context.signer.sign(purposeOf(method), { ...facts });
}

export function isSigned(context: Context, method: "GET" | "PUT", facts: FileFacts, signature: string): boolean {
  return context.signer.verify(purposeOf(method), { ...facts }, signature);
}

function purposeOf(method: "GET" | "PUT"): string {
  return `datasource ${method}`;
}

function ownAddress(context: Context, baseUrl: string, method: "GET" | "PUT", { datasetId, use, path }: Pick<FileFacts, "datasetId" | "use" | "path">, seconds: number): string {
  const expires = String(Math.floor(Date.now() / 1000) + seconds);
  const limits: Record<string, string> = { expires, ...(method === "PUT" && { max: String(context.configuration.fileSizeMax) }) };
  const query = new URLSearchParams({ ...limits, signature: signatureOf(context, method, { datasetId, use, path, expires, ...limits }) });
  return `${baseUrl}/v1/sources/${datasetId}/${use.toLowerCase()}/${encodedPath(path)}?${query.toString()}`;
}

/** Makes addresses for the files of one dataset's source. */
export class SourceAddresses {
  constructor(
    readonly context: Context,
    readonly baseUrl: string,
    readonly datasetId: string,
    readonly use: SourceUse,
    readonly opened: OpenedSource,
  ) {}

  /**
   * An address that answers GET with the file, without a token. Whether the file exists is not checked.
   * @param redirected an address of this server in any case, which stays good when the provider's has run out
   */
  async read(path: string, { redirected = false }: { redirected?: boolean } = {}): Promise<string> {
    const { signedUrlSeconds } = this.context.configuration;
    if (redirected) return this.#own("GET", path, redirectingSeconds);
    if (this.opened.servedHere) return this.#own("GET", path, signedUrlSeconds);
    return this.opened.source.readUrl(path, this.#seconds());
  }

  /** An address that takes the file by a plain PUT. */
  async plainWrite(path: string): Promise<string> {
    const { urls } = this.opened.source;
    return Object.keys(urls.writeHeaders).length > 0 ? this.#own("PUT", path, this.context.configuration.signedUrlSeconds) : (await this.write(path)).url;
  }

  /** An address that takes the file by PUT, and the headers that have to go with it. */
  async write(path: string): Promise<{ url: string; headers: Record<string, string> }> {
    const { source, servedHere } = this.opened;
    // A file server without a key refuses; ours says why.
    if (servedHere || source.urls.neverExpires) return { url: this.#own("PUT", path, this.context.configuration.signedUrlSeconds), headers: {} };
    return { url: await source.writeUrl(path, this.#seconds()), headers: { ...source.urls.writeHeaders } };
  }

  #seconds(): number {
    return Math.min(this.context.configuration.signedUrlSeconds, this.opened.source.urls.secondsMax);
  }

  #own(method: "GET" | "PUT", path: string, seconds: number): string {
    return ownAddress(this.context, this.baseUrl, method, { datasetId: this.datasetId, use: this.use, path }, seconds);
  }
}

/** @throws DomainError DATASET_DATASOURCE_UNKNOWN; SourceError */
export async function sourceAddresses(context: Context, baseUrl: string, datasetId: string, use: SourceUse): Promise<SourceAddresses> {
  return new SourceAddresses(context, baseUrl, datasetId, use, await context.sources.require(datasetId, use));
}

/** Those of the source that the platform writes to. @throws DomainError; SourceError */
export async function writeAddresses(context: Context, baseUrl: string, datasetId: string): Promise<SourceAddresses> {
  return new SourceAddresses(context, baseUrl, datasetId, "LIGHTLY", await context.sources.requireWritable(datasetId));
}
