import { AnonymousCredential, BlobSASPermissions, BlobServiceClient, generateBlobSASQueryParameters, StorageSharedKeyCredential, type ContainerClient } from "@azure/storage-blob";
import { Readable } from "node:stream";
import type { BlobRange } from "../blob-store.ts";
import { listPages, type Listing, type ProviderPage } from "../listing.ts";
import { bucketAndBase, checkedPath, checkedSeconds } from "../paths.ts";
import { SourceError } from "../source-error.ts";
import type { ListOptions, Source, SourceFacts, SourcePage, SourceVerification, UrlAbilities } from "../source.ts";
import { verifySource } from "../verify.ts";

export interface AzureOptions {
  /** Name of the storage account. */
  readonly accountName: string;
  /** A shared access signature (`sv=…&sig=…`, with or without the question mark) or the account's key (base64). */
  readonly accountKey: string;
  /** Address of the blob service, account included where it stands in the path. Default: `https://{account}.blob.core.windows.net`. */
  readonly endpoint?: string;
}

const blockBytes = 8 << 20;
/** An access signature names its start or is valid at once; clocks differ, so ours starts a little earlier. */
const clockSkewMs = 5 * 60_000;

/**
 * A container of Azure Blob Storage from a path in it on. With an access signature the addresses carry that signature and
 * end with it, as none of shorter life can be made from it; with the account's key they are signed one by one.
 */
export class AzureSource implements Source {
  readonly urls: UrlAbilities;
  readonly #container: ContainerClient;
  readonly #base: string;
  readonly #account: string;
  readonly #sas: string | undefined;
  readonly #key: StorageSharedKeyCredential | undefined;

  /** @param fullPath `container/folder`. @throws SourceError `configuration`, `bucket`, `credential` */
  constructor(fullPath: string, { accountName, accountKey, endpoint }: AzureOptions) {
    const { bucket, base } = bucketAndBase(fullPath, "container");
    // It becomes a part of the host name: anything else in it would lead elsewhere.
    if (!/^[a-z0-9]{3,24}$/.test(accountName)) throw new SourceError("configuration", `"${accountName}" can't be the name of a storage account: those have 3 to 24 lower-case letters and digits.`);
    if (!/^(\$root|\$web|[a-z0-9](-?[a-z0-9]){2,62})$/.test(bucket)) throw new SourceError("bucket", `"${bucket}" can't be the name of a container.`);
    const secret = accountKey.trim().replace(/^\?/, "");
    const isSas = /(^|&)sig=/.test(secret);
    if (!isSas && !/^[A-Za-z0-9+/]{40,}={0,2}$/.test(secret)) throw new SourceError("credential", "This is neither a shared access signature (it has sig= in it) nor an account key (base64).");
    const address = (endpoint ?? `https://${accountName}.blob.core.windows.net`).replace(/\/$/, "");
    this.#sas = isSas ? secret : undefined;
    this.#key = isSas ? undefined : new StorageSharedKeyCredential(accountName, secret);
    const service = new BlobServiceClient(isSas ? `${address}?${secret}` : address, this.#key ?? new AnonymousCredential(), { retryOptions: { maxTries: 4, retryDelayInMs: 500, maxRetryDelayInMs: 8_000, tryTimeoutInMs: 60_000 } });
    this.#container = service.getContainerClient(bucket);
    this.#base = base;
    this.#account = accountName;
    this.urls = { secondsMax: 604_800, carriesCredential: isSas, neverExpires: false, writeHeaders: { "x-ms-blob-type": "BlockBlob" } };
  }

  list(options: ListOptions): Promise<SourcePage> {
    return listPages(options, (...step) => this.#step(...step));
  }

  async read(path: string, range?: BlobRange): Promise<Readable> {
    const blob = this.#container.getBlobClient(this.#blobName(path));
    if (range && range.end < range.start) return Readable.from([]);
    try {
      const answer = await (range ? blob.download(range.start, range.end - range.start + 1) : blob.download());
      return answer.readableStreamBody as Readable;
    } catch (error) {
      if (codeOf(error) === "InvalidRange" || statusOf(error) === 416) return Readable.from([]);
      throw this.#sourceError(error, path);
    }
  }

  async facts(path: string): Promise<SourceFacts | undefined> {
    try {
      const found = await this.#container.getBlobClient(this.#blobName(path)).getProperties();
      return { sizeBytes: found.contentLength ?? 0, modifiedMs: found.lastModified?.getTime() ?? 0, ...(found.etag !== undefined && { etag: found.etag }) };
    } catch (error) {
      if (statusOf(error) === 404 && codeOf(error) !== "ContainerNotFound") return undefined;
      throw this.#sourceError(error, path);
    }
  }

  async write(path: string, content: AsyncIterable<Uint8Array> | Uint8Array): Promise<void> {
    const blob = this.#container.getBlockBlobClient(this.#blobName(path));
    if (content instanceof Uint8Array) {
      await this.#attempt(path, () => blob.upload(content, content.length));
      return;
    }
    // One request while it fits: blocks are lost when another writer of the same blob is done first.
    const chunks = content[Symbol.asyncIterator]();
    const first: Uint8Array[] = [];
    let size = 0;
    while (size <= blockBytes) {
      const next = await chunks.next();
      if (next.done) return void (await this.#attempt(path, () => blob.upload(Buffer.concat(first, size), size)));
      first.push(next.value);
      size += next.value.length;
    }
    // Blocks are put together by the last request: until then there is nothing to see, and Azure removes loose ones after a week.
    const stream = Readable.from(
      (async function* () {
        yield* first;
        yield* { [Symbol.asyncIterator]: () => chunks };
      })(),
      { objectMode: false },
    );
    try {
      await this.#attempt(path, () => blob.uploadStream(stream, blockBytes, 2));
    } finally {
      stream.destroy();
    }
  }

  async remove(path: string): Promise<void> {
    const blob = this.#container.getBlobClient(this.#blobName(path));
    await this.#attempt(path, () => blob.deleteIfExists());
  }

  readUrl(path: string, seconds: number): Promise<string> {
    return this.#signed(path, seconds, "r");
  }

  writeUrl(path: string, seconds: number): Promise<string> {
    return this.#signed(path, seconds, "cw");
  }

  verify(options?: { readonly tryWrite?: boolean }): Promise<SourceVerification> {
    return verifySource(this, options);
  }

  close(): void {}

  async #step({ prefix }: Listing, at: string | undefined, limit: number, signal: AbortSignal | undefined): Promise<ProviderPage> {
    return await this.#attempt("", async () => {
      const pages = this.#container.listBlobsFlat({ prefix: this.#base + prefix, ...(signal && { abortSignal: signal }) }).byPage({ maxPageSize: Math.min(limit, 5000), ...(at !== undefined && { continuationToken: at }) });
      const { value, done } = await pages.next();
      if (done || value === undefined) return { entries: [], next: undefined };
      const entries = value.segment.blobItems.map(({ name, properties }) => ({ path: name.slice(this.#base.length), modifiedMs: properties.lastModified.getTime(), ...(properties.contentLength !== undefined && { sizeBytes: properties.contentLength }) }));
      return { entries, next: value.continuationToken || undefined };
    }, signal);
  }

  async #signed(path: string, seconds: number, permissions: string): Promise<string> {
    const blobName = this.#blobName(path);
    const whole = checkedSeconds(seconds, this.urls);
    const blob = this.#container.getBlobClient(blobName);
    if (!this.#key) return blob.url;
    const sas = generateBlobSASQueryParameters(
      { containerName: this.#container.containerName, blobName, permissions: BlobSASPermissions.parse(permissions), startsOn: new Date(Date.now() - clockSkewMs), expiresOn: new Date(Date.now() + whole * 1000) },
      this.#key,
    );
    return `${blob.url}?${sas.toString()}`;
  }

  #blobName(path: string): string {
    return this.#base + checkedPath(path);
  }

  async #attempt<T>(path: string, run: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw this.#sourceError(error, path);
    }
  }

  /** The provider's own text is not passed on: it can quote the address, and with it the signature. */
  #sourceError(error: unknown, path: string): unknown {
    if (error instanceof SourceError) return error;
    const code = codeOf(error);
    const status = statusOf(error);
    const container = this.#container.containerName;
    // Azure says only that it doesn't authenticate; the signature itself says until when it holds.
    if (status === 403 && this.#sas !== undefined && Date.parse(new URLSearchParams(this.#sas).get("se") ?? "") < Date.now()) return new SourceError("credential", "The shared access signature has expired: make a new one.");
    switch (code) {
      case "AuthenticationFailed":
      case "InvalidAuthenticationInfo":
        return new SourceError("credential", this.#sas ? "Azure doesn't accept the shared access signature: it was cut short, is not valid yet, or is for another account." : "Azure doesn't accept the account key: check it, and the name of the account.");
      case "ContainerNotFound":
      case "ContainerBeingDeleted":
      case "InvalidResourceName":
        return new SourceError("bucket", `There is no container "${container}" in the account "${this.#account}": check the name.`);
      case "BlobNotFound":
        return new SourceError("path", `There is no file "${path}" in the container "${container}".`, path);
      case "ENOTFOUND":
        return new SourceError("configuration", `There is no storage account "${this.#account}": check its name.`);
    }
    // A key may do everything: what it is refused is not a missing right.
    if (status === 403 && this.#key) return new SourceError("credential", `Azure refuses the account key (${code}): check it, the name of the account, and the account's network rules.`);
    if (status === 401 || status === 403) return new SourceError("permission", `The shared access signature doesn't allow this in the container "${container}" (${code}): give it the rights to read, list, and where wanted create and write.`, path);
    if (status === 404) return new SourceError("path", `There is no file "${path}" in the container "${container}".`, path);
    if (status !== undefined && (status >= 500 || status === 429)) return new SourceError("unreachable", `Azure doesn't work at the moment (${status}).`);
    if (status !== undefined) return new SourceError("provider", `Azure answers ${status} (${code}) in the container "${container}".`, path);
    if (/^E[A-Z_]{3,}$|REQUEST_SEND_ERROR|CERT/.test(code)) return new SourceError("unreachable", `Azure doesn't answer (${code}): check the address, and the network of this machine.`);
    return error;
  }
}

function codeOf(error: unknown): string {
  const { code, details } = error as { code?: unknown; details?: { errorCode?: unknown; code?: unknown } };
  return [details?.errorCode, code, details?.code].find((one): one is string => typeof one === "string") ?? "unknown";
}

function statusOf(error: unknown): number | undefined {
  const { statusCode } = error as { statusCode?: unknown };
  return typeof statusCode === "number" ? statusCode : undefined;
}
