import { Storage, type Bucket } from "@google-cloud/storage";
import { createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { BlobRange } from "../blob-store.ts";
import { listPages, type Listing, type ProviderPage } from "../listing.ts";
import { bucketAndBase, checkedPath, checkedSeconds, hiddenFolder } from "../paths.ts";
import { SourceError } from "../source-error.ts";
import type { ListOptions, Source, SourceFacts, SourcePage, SourceVerification, UrlAbilities } from "../source.ts";
import { verifySource } from "../verify.ts";

export interface GcsOptions {
  /** Default: that of the credentials. */
  readonly projectId?: string;
  /** The key file of a service account, as text (JSON). Default: what Google's tools find (`GOOGLE_APPLICATION_CREDENTIALS`, identity of the machine). */
  readonly credentials?: string;
  /** Address of another service that speaks the JSON API; requests to it are sent without a token. Default: Google's. */
  readonly endpoint?: string;
  /** How often a request that failed for no reason of its own is sent again. Default: 3. */
  readonly retries?: number;
}

/** A bucket of Google Cloud Storage from a path in it on. */
export class GcsSource implements Source {
  readonly urls: UrlAbilities = { secondsMax: 604_800, carriesCredential: false, neverExpires: false, writeHeaders: {} };
  readonly #bucket: Bucket;
  readonly #name: string;
  readonly #base: string;

  /** @param fullPath `bucket/folder` or `gs://bucket/folder`. @throws SourceError `configuration`, `bucket`, `credential` */
  constructor(fullPath: string, { projectId, credentials, endpoint, retries = 3 }: GcsOptions) {
    const { bucket, base } = bucketAndBase(fullPath, "bucket");
    if (!/^[a-z0-9][a-z0-9._-]{1,221}$/.test(bucket)) throw new SourceError("bucket", `"${bucket}" can't be the name of a bucket.`);
    this.#name = bucket;
    this.#base = base;
    const storage = new Storage({
      ...(projectId !== undefined && { projectId }),
      ...(credentials !== undefined && { credentials: serviceAccount(credentials) }),
      ...(endpoint !== undefined && { apiEndpoint: endpoint, useAuthWithCustomEndpoint: false }),
      retryOptions: { autoRetry: retries > 0, maxRetries: retries, totalTimeout: 60 },
    });
    this.#bucket = storage.bucket(bucket);
  }

  list(options: ListOptions): Promise<SourcePage> {
    return listPages(options, (...step) => this.#step(...step));
  }

  async read(path: string, range?: BlobRange): Promise<Readable> {
    const file = this.#bucket.file(this.#key(path));
    if (range && range.end < range.start) return Readable.from([]);
    // As it is stored: ranges count stored bytes, and checksums don't fit parts.
    const content = file.createReadStream({ ...(range && { start: range.start, end: range.end }), validation: false, decompress: false });
    const out = new PassThrough();
    try {
      const answered = once(content, "response") as Promise<[{ statusCode?: number }]>;
      const failed = new Promise<never>((_, reject) => {
        content.once("error", reject);
      });
      // Heard by whoever reads, once there is a reader.
      failed.catch(() => {});
      pipeline(content, out).catch((error: unknown) => out.destroy(error as Error));
      const [{ statusCode = 0 }] = await answered;
      // The client tells of an answer also when it is a refusal, and of the refusal only later.
      if (statusCode >= 400) await failed;
      return out;
    } catch (error) {
      out.on("error", () => {});
      out.destroy();
      if (codeOf(error) === 416) return Readable.from([]);
      throw this.#sourceError(error, path);
    }
  }

  async facts(path: string): Promise<SourceFacts | undefined> {
    const file = this.#bucket.file(this.#key(path));
    try {
      const [found] = await file.getMetadata();
      return { sizeBytes: Number(found.size ?? 0), modifiedMs: Date.parse(found.updated ?? "") || 0, ...(found.etag !== undefined && { etag: found.etag }) };
    } catch (error) {
      const known = this.#sourceError(error, path);
      if (known instanceof SourceError && known.kind === "path") return undefined;
      throw known;
    }
  }

  async write(path: string, content: AsyncIterable<Uint8Array> | Uint8Array): Promise<void> {
    const file = this.#bucket.file(this.#key(path));
    const chunks = content instanceof Uint8Array ? [content] : content;
    // One request: what breaks off is never put together.
    await this.#attempt(path, () => pipeline(Readable.from(chunks, { objectMode: false }), file.createWriteStream({ resumable: false, validation: "crc32c" })));
  }

  async remove(path: string): Promise<void> {
    const file = this.#bucket.file(this.#key(path));
    await this.#attempt(path, () => file.delete({ ignoreNotFound: true }));
  }

  readUrl(path: string, seconds: number): Promise<string> {
    return this.#signed(path, seconds, "read");
  }

  writeUrl(path: string, seconds: number): Promise<string> {
    return this.#signed(path, seconds, "write");
  }

  verify(options?: { readonly tryWrite?: boolean }): Promise<SourceVerification> {
    return verifySource(this, options);
  }

  close(): void {}

  async #step({ prefix }: Listing, at: string | undefined, limit: number, signal: AbortSignal | undefined): Promise<ProviderPage> {
    // The offset is a name, which holds for good, where page tokens run out; it is itself listed again, so one more is asked for.
    const maxResults = Math.min(limit + (at === undefined ? 0 : 1), 1000);
    const [files, more] = await this.#attempt("", () => this.#bucket.getFiles({ prefix: this.#base + prefix, maxResults, autoPaginate: false, fields: "nextPageToken,items(name,size,updated)", ...(at !== undefined && { startOffset: this.#base + at }) }));
    signal?.throwIfAborted();
    // With `fields` the client hands out the items as they come, not as its own objects.
    const items = files as unknown as readonly { name: string; size?: string; updated?: string }[];
    const entries = items.map(({ name, size, updated }) => ({ path: name.slice(this.#base.length), sizeBytes: Number(size ?? 0), modifiedMs: Date.parse(updated ?? "") || 0 }));
    const last = entries.at(-1)?.path;
    const fresh = entries.filter(({ path }) => path !== at);
    if (!more || last === undefined) return { entries: fresh, next: undefined };
    // A hidden folder with a million prediction files is jumped over: "0" follows "/" in the order of bytes.
    const hidden = hiddenFolder(last, prefix);
    return { entries: fresh, next: hidden !== undefined && last.length > hidden.length ? `${hidden}0` : last };
  }

  async #signed(path: string, seconds: number, action: "read" | "write"): Promise<string> {
    const file = this.#bucket.file(this.#key(path));
    // Whole seconds: the client writes the difference of both times into the address.
    const startMs = Math.floor(Date.now() / 1000) * 1000;
    const expires = startMs + checkedSeconds(seconds, this.urls) * 1000;
    const [url] = await this.#attempt(path, () => file.getSignedUrl({ version: "v4", action, accessibleAt: startMs, expires }));
    return url;
  }

  #key(path: string): string {
    return this.#base + checkedPath(path);
  }

  async #attempt<T>(path: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw this.#sourceError(error, path);
    }
  }

  /** The provider's own text is not passed on: it can quote the request. */
  #sourceError(error: unknown, path: string): unknown {
    if (error instanceof SourceError) return error;
    const code = codeOf(error);
    const { message = "" } = error as { message?: string };
    if (code === 401 || /invalid_grant|invalid_client|invalid_rapt|unauthorized_client|DECODER|PEM/i.test(message)) return new SourceError("credential", "Google doesn't accept the key of the service account: it was removed, or the account is disabled.");
    if (code === 403) return new SourceError("permission", `The service account may not do this in the bucket "${this.#name}": give it the roles to list and read objects, and where wanted to create them.`, path);
    if (code === 404 && (path === "" || /bucket/i.test(message))) return new SourceError("bucket", `There is no bucket "${this.#name}": check the name.`);
    if (code === 404) return new SourceError("path", `There is no file "${path}" in the bucket "${this.#name}".`, path);
    if (typeof code === "number" && (code >= 500 || code === 429 || code === 408)) return new SourceError("unreachable", `Google Cloud Storage doesn't work at the moment (${code}).`);
    if (typeof code === "number") return new SourceError("provider", `Google Cloud Storage answers ${code} in the bucket "${this.#name}".`, path);
    if (typeof code === "string" && /^E[A-Z_]{3,}$|CERT/.test(code)) return new SourceError("unreachable", `Google Cloud Storage doesn't answer (${code}): check the network of this machine.`);
    return error;
  }
}

/**
 * Only what a service account's key holds: other kinds of credential files name addresses and programs to fetch tokens
 * with, which users must not choose for this server.
 * @throws SourceError `credential`
 */
function serviceAccount(text: string): { client_email: string; private_key: string } {
  try {
    const { type, client_email, private_key } = JSON.parse(text) as Record<string, unknown>;
    if (type !== "service_account" || typeof client_email !== "string" || typeof private_key !== "string") throw new Error("not a service account");
    createPrivateKey(private_key);
    return { client_email, private_key };
  } catch {
    throw new SourceError("credential", "The credentials are not the JSON key of a service account: it has type, client_email and private_key in it.");
  }
}

function codeOf(error: unknown): number | string | undefined {
  const { code, status, response } = error as { code?: unknown; status?: unknown; response?: { status?: unknown } };
  for (const one of [code, status, response?.status]) {
    if (typeof one === "number") return one;
    if (typeof one === "string") return /^\d{3}$/.test(one) ? Number(one) : one;
  }
  return undefined;
}
