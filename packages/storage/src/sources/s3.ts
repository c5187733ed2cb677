import {
  AbortMultipartUploadCommand, CompleteMultipartUploadCommand, CopyObjectCommand, CreateMultipartUploadCommand, DeleteObjectCommand, DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client, UploadPartCommand,
  type CompletedPart,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { Readable } from "node:stream";
import type { BlobRange } from "../blob-store.ts";
import { listPages, type Listing, type ProviderPage } from "../listing.ts";
import { bucketAndBase, checkedPath, checkedSeconds, encodedPath, hiddenFolder } from "../paths.ts";
import { SourceError } from "../source-error.ts";
import type { ListOptions, Source, SourceFacts, SourcePage, SourceVerification, UrlAbilities } from "../source.ts";
import { verifySource } from "../verify.ts";
import { awsName, statusOf, unreachable } from "./aws-errors.ts";
import type { S3Credentials } from "./s3-delegated.ts";

export interface S3Options {
  readonly region: string;
  /** Keys, or a function that gives keys which stay valid for at least so many seconds. Default: what the AWS tools find (environment, profile, role of the machine). */
  readonly credentials?: S3Credentials | ((secondsLeft: number) => Promise<S3Credentials>);
  /** Address of another service that speaks S3 (MinIO, Ceph, R2). Default: that of AWS for the region. */
  readonly endpoint?: string;
  /** The bucket in the path instead of the host name, as most such services want it. Default: true with an endpoint, false without. */
  readonly pathStyle?: boolean;
  /** Longest validity of an address in seconds. Default: 7 days, the limit of the signature. */
  readonly urlSecondsMax?: number;
  /** How often a request that failed for no reason of its own is sent again. Default: 3. */
  readonly retries?: number;
}

/** Parts of a multipart upload: S3 takes 10,000 of at least 5 MiB, so files of up to about 600 GB go through. */
const partBytes = 8 << 20;
const laterPartBytes = 64 << 20;
const partsBeforeGrowth = 1_000;
const removedAtOnceMax = 1_000;
const copiedAtOnceMax = 5 * 1024 ** 3;

/** A bucket of S3, or of a service that speaks its protocol, from a path in it on. */
export class S3Source implements Source {
  readonly urls: UrlAbilities;
  readonly #client: S3Client;
  readonly #credentials: (secondsLeft: number) => Promise<S3Credentials>;
  readonly #settings: ConstructorParameters<typeof S3Client>[0];
  readonly #bucket: string;
  readonly #base: string;
  readonly #region: string;
  #signer: { readonly client: S3Client; readonly credentials: S3Credentials } | undefined;

  /** @param fullPath `bucket/folder` or `s3://bucket/folder`. @throws SourceError `configuration` */
  constructor(fullPath: string, { region, credentials, endpoint, pathStyle = endpoint !== undefined, urlSecondsMax = 604_800, retries = 3 }: S3Options) {
    const { bucket, base } = bucketAndBase(fullPath, "bucket");
    // Both become parts of a host name: anything else in them would lead elsewhere.
    if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]{1,254}$/.test(bucket)) throw new SourceError("bucket", `"${bucket}" can't be the name of a bucket.`);
    if (!/^[a-z0-9-]{1,40}$/.test(region)) throw new SourceError("region", `"${region}" can't be the name of a region.`);
    this.#bucket = bucket;
    this.#base = base;
    this.#region = region;
    this.#settings = {
      region,
      forcePathStyle: pathStyle,
      ...(endpoint !== undefined && { endpoint }),
      maxAttempts: retries + 1,
      // Checksums beyond what an operation demands are refused by many services that are not AWS.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      requestHandler: { connectionTimeout: 10_000, socketTimeout: 60_000 },
    };
    if (credentials === undefined) {
      const client = new S3Client(this.#settings);
      this.#client = client;
      this.#credentials = () => client.config.credentials();
    } else {
      const found = typeof credentials === "function" ? credentials : async () => credentials;
      this.#credentials = found;
      this.#client = new S3Client({ ...this.#settings, credentials: () => found(60) });
    }
    this.urls = { secondsMax: urlSecondsMax, carriesCredential: false, neverExpires: false, writeHeaders: {} };
  }

  list(options: ListOptions): Promise<SourcePage> {
    return listPages(options, (...step) => this.#step(...step));
  }

  async read(path: string, range?: BlobRange): Promise<Readable> {
    const Key = this.#key(path);
    if (range && range.end < range.start) return Readable.from([]);
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key, ...(range && { Range: `bytes=${range.start}-${range.end}` }) }));
      return Body as Readable;
    } catch (error) {
      if (awsName(error) === "InvalidRange" || statusOf(error) === 416) return Readable.from([]);
      throw this.#sourceError(error, path);
    }
  }

  async facts(path: string): Promise<SourceFacts | undefined> {
    const Key = this.#key(path);
    try {
      const found = await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key }));
      return { sizeBytes: found.ContentLength ?? 0, modifiedMs: found.LastModified?.getTime() ?? 0, ...(found.ETag !== undefined && { etag: found.ETag }) };
    } catch (error) {
      if (statusOf(error) === 404 && awsName(error) !== "NoSuchBucket") return undefined;
      throw this.#sourceError(error, path);
    }
  }

  async write(path: string, content: AsyncIterable<Uint8Array> | Uint8Array): Promise<void> {
    const Key = this.#key(path);
    const parts = inParts(content);
    const first = await parts.next();
    const second = first.done ? first : await parts.next();
    // One request while it fits: nothing is there until it is complete.
    if (second.done) await this.#attempt(path, () => this.#client.send(new PutObjectCommand({ Bucket: this.#bucket, Key, Body: first.done ? new Uint8Array() : first.value })));
    else await this.#writeInParts(path, Key, (async function* () {
      yield* [first.value as Uint8Array, second.value];
      yield* parts;
    })());
  }

  async remove(path: string): Promise<void> {
    const Key = this.#key(path);
    await this.#attempt(path, () => this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key })));
  }

  async removeMany(paths: readonly string[]): Promise<void> {
    for (let from = 0; from < paths.length; from += removedAtOnceMax) {
      const Objects = paths.slice(from, from + removedAtOnceMax).map((path) => ({ Key: this.#key(path) }));
      const { Errors: [refused] = [] } = await this.#attempt("", () => this.#client.send(new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } })));
      if (refused) throw new SourceError(refused.Code === "AccessDenied" ? "permission" : "provider", `S3 doesn't remove files of the bucket "${this.#bucket}" (${refused.Code ?? "unknown"}).`);
    }
  }

  async copy(from: string, to: string, sizeBytes: number): Promise<boolean> {
    if (sizeBytes > copiedAtOnceMax) return false;
    const [source, Key] = [this.#key(from), this.#key(to)];
    await this.#attempt(from, () => this.#client.send(new CopyObjectCommand({ Bucket: this.#bucket, Key, CopySource: `${this.#bucket}/${encodedPath(source)}` })));
    return true;
  }

  readUrl(path: string, seconds: number): Promise<string> {
    return this.#signed(path, seconds, (Key) => new GetObjectCommand({ Bucket: this.#bucket, Key }));
  }

  writeUrl(path: string, seconds: number): Promise<string> {
    return this.#signed(path, seconds, (Key) => new PutObjectCommand({ Bucket: this.#bucket, Key }));
  }

  verify(options?: { readonly tryWrite?: boolean }): Promise<SourceVerification> {
    return verifySource(this, options);
  }

  close(): void {
    this.#client.destroy();
    this.#signer?.client.destroy();
  }

  async #step({ prefix }: Listing, at: string | undefined, limit: number, signal: AbortSignal | undefined): Promise<ProviderPage> {
    const command = new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: this.#base + prefix, MaxKeys: Math.min(limit, 1000), ...(at !== undefined && { StartAfter: this.#base + at }) });
    const page = await this.#attempt("", () => this.#client.send(command, signal ? { abortSignal: signal } : {}), signal);
    const entries = (page.Contents ?? []).map(({ Key = "", Size, LastModified }) => ({ path: Key.slice(this.#base.length), modifiedMs: LastModified?.getTime() ?? 0, ...(Size !== undefined && { sizeBytes: Size }) }));
    const last = entries.at(-1)?.path;
    if (!page.IsTruncated || last === undefined) return { entries, next: undefined };
    // A hidden folder with a million prediction files is jumped over: "0" follows "/" in the order of bytes.
    const hidden = hiddenFolder(last, prefix);
    return { entries, next: hidden !== undefined && last.length > hidden.length ? `${hidden}0` : last };
  }

  async #writeInParts(path: string, Key: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
    const Bucket = this.#bucket;
    const { UploadId } = await this.#attempt(path, () => this.#client.send(new CreateMultipartUploadCommand({ Bucket, Key })));
    try {
      const done: CompletedPart[] = [];
      for await (const Body of parts) {
        const PartNumber = done.length + 1;
        const { ETag } = await this.#attempt(path, () => this.#client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body })));
        done.push({ PartNumber, ...(ETag !== undefined && { ETag }) });
      }
      await this.#attempt(path, () => this.#client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts: done } })));
    } catch (error) {
      // Parts that were not put together are not seen, but paid for. The first error is the one to tell.
      await this.#client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(() => {});
      throw error;
    }
  }

  async #signed(path: string, seconds: number, command: (key: string) => GetObjectCommand | PutObjectCommand): Promise<string> {
    const Key = this.#key(path);
    const expiresIn = checkedSeconds(seconds, this.urls);
    return await this.#attempt(path, async () => {
      // An address made with keys that run out ends with them.
      const credentials = await this.#credentials(expiresIn);
      if (this.#signer?.credentials !== credentials) {
        this.#signer?.client.destroy();
        this.#signer = { client: new S3Client({ ...this.#settings, credentials: { ...credentials } }), credentials };
      }
      return await getSignedUrl(this.#signer.client, command(Key), { expiresIn });
    });
  }

  #key(path: string): string {
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

  /** The sentences name the setting, never its secret value; what the provider wrote is not passed on, as it can quote the request. */
  #sourceError(error: unknown, path: string): unknown {
    if (error instanceof SourceError) return error;
    const name = awsName(error);
    const where = path === "" ? `the bucket "${this.#bucket}"` : `"${path}" in the bucket "${this.#bucket}"`;
    switch (name) {
      case "InvalidAccessKeyId":
        return new SourceError("credential", "The provider doesn't know the access key id: check it.");
      case "SignatureDoesNotMatch":
        return new SourceError("credential", "The secret access key doesn't belong to the access key id: check it.");
      case "ExpiredToken":
      case "InvalidToken":
      case "TokenRefreshRequired":
        return new SourceError("credential", "The temporary credentials are not valid any more.");
      case "CredentialsProviderError":
        return new SourceError("credential", "There are no credentials for S3.");
      case "NoSuchBucket":
      case "InvalidBucketName":
        return new SourceError("bucket", `There is no bucket "${this.#bucket}": check the name.`);
      case "AuthorizationHeaderMalformed":
      case "PermanentRedirect":
      case "TemporaryRedirect":
      case "IllegalLocationConstraintException": {
        const region = (error as { Region?: unknown; region?: unknown }).Region ?? (error as { region?: unknown }).region;
        return new SourceError("region", `The bucket "${this.#bucket}" is not in the region ${this.#region}${typeof region === "string" && /^[a-z0-9-]+$/.test(region) ? ` but in ${region}` : ""}.`);
      }
      case "NoSuchKey":
        return new SourceError("path", `There is no file "${path}" in the bucket "${this.#bucket}".`, path);
      case "RequestTimeTooSkewed":
        return new SourceError("configuration", "The clock of this machine is wrong: the provider refuses its signatures.");
      case "NoSuchUpload":
        return new SourceError("provider", `The upload of ${where} was ended by somebody else.`, path);
    }
    const status = statusOf(error);
    if (status === 301 || status === 307) return new SourceError("region", `The bucket "${this.#bucket}" is not in the region ${this.#region}.`);
    if (status === 401 || status === 403) return new SourceError("permission", `The credentials don't allow this for ${where}: check the policy of the user or role, and of the bucket.`, path);
    if (status === 404) return new SourceError("path", `There is no file "${path}" in the bucket "${this.#bucket}".`, path);
    return unreachable(error, "S3", status) ?? (status === undefined ? error : new SourceError("provider", `S3 answers ${status} (${name}) for ${where}.`, path));
  }
}

/** Gathers chunks into parts: of equal size, but the last. Holds one part at a time. */
async function* inParts(content: AsyncIterable<Uint8Array> | Uint8Array): AsyncGenerator<Uint8Array, undefined, undefined> {
  let chunks: Uint8Array[] = [];
  let size = 0;
  let count = 0;
  for await (const chunk of content instanceof Uint8Array ? [content] : content) {
    for (let rest = chunk; rest.length > 0; ) {
      const wanted = count < partsBeforeGrowth ? partBytes : laterPartBytes;
      const taken = rest.subarray(0, wanted - size);
      chunks.push(taken);
      size += taken.length;
      rest = rest.subarray(taken.length);
      if (size < wanted) continue;
      yield Buffer.concat(chunks, size);
      count++;
      chunks = [];
      size = 0;
    }
  }
  if (size > 0) yield Buffer.concat(chunks, size);
  return undefined;
}
