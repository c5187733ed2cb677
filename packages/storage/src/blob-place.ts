import { resolve } from "node:path";
import { BlobCache } from "./blob-cache.ts";
import type { BlobStore } from "./blob-store.ts";
import { FolderStore } from "./folder.ts";
import { ObjectStore } from "./object-store.ts";
import type { S3Credentials } from "./sources/s3-delegated.ts";

/** Where blobs are kept, as data: threads are told by it. Credentials that are left out come from where the provider's own tools look. */
export type BlobPlace =
  | { readonly type: "folder"; readonly folder: string }
  | { readonly type: "s3"; readonly path: string; readonly region: string; readonly endpoint?: string; readonly credentials?: S3Credentials }
  | { readonly type: "gs"; readonly path: string; readonly endpoint?: string; readonly credentials?: string }
  | { readonly type: "azure"; readonly path: string; readonly accountName: string; readonly accountKey: string; readonly endpoint?: string };

/** Local copies of what lies in an object store. */
export interface BlobCacheSettings {
  readonly folder: string;
  readonly bytesMax: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `folder`, `s3://bucket/prefix`, `gs://bucket/prefix` or `azure://container/prefix`. The query may hold `region` and
 * `endpoint` (another service of the protocol); the rest comes from the environment, under the names that the providers'
 * own tools read.
 * @param folder what `folder` stands for
 * @throws RangeError saying what to change
 */
export function parseBlobPlace(text: string, folder: string, env: Environment): BlobPlace {
  if (text === "" || text === "folder") return { type: "folder", folder: resolve(folder) };
  const [, scheme = "", rest = "", search = ""] = /^([a-z0-9]+):\/\/([^?#]*)\??([^#]*)$/i.exec(text) ?? [];
  const query = new URLSearchParams(search);
  for (const name of query.keys()) if (name !== "region" && name !== "endpoint") throw new RangeError(`the blob store's address knows "region" and "endpoint", not "${name}": credentials come from the environment`);
  if (rest.includes("@")) throw new RangeError("the blob store's address holds no credentials: they come from the environment");
  if (scheme !== "" && rest === "") throw new RangeError(`the blob store's address names no bucket: write it as ${scheme}://bucket/prefix`);
  const endpointOf = (...names: string[]) => {
    const endpoint = query.get("endpoint") ?? names.map((name) => env[name]).find((value) => value !== undefined && value !== "");
    if (endpoint !== undefined && !(URL.canParse(endpoint) && /^https?:/i.test(endpoint))) throw new RangeError(`the blob store's endpoint must begin with http:// or https://, got ${JSON.stringify(endpoint)}`);
    return endpoint === undefined ? {} : { endpoint };
  };
  switch (scheme.toLowerCase()) {
    case "s3": {
      const endpoint = endpointOf("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
      const region = query.get("region") ?? (env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || ("endpoint" in endpoint ? "us-east-1" : undefined));
      if (region === undefined) throw new RangeError("the region of the bucket is missing: set AWS_REGION, or write s3://bucket/prefix?region=eu-central-1");
      const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = env;
      return { type: "s3", path: rest, region, ...endpoint, ...(accessKeyId && secretAccessKey && { credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) } }) };
    }
    case "gs":
      return { type: "gs", path: rest, ...endpointOf("STORAGE_EMULATOR_HOST") };
    case "azure": {
      const accountName = env["AZURE_STORAGE_ACCOUNT"] ?? "";
      const accountKey = env["AZURE_STORAGE_KEY"] || env["AZURE_STORAGE_SAS_TOKEN"] || "";
      if (accountName === "" || accountKey === "") throw new RangeError("the storage account is missing: set AZURE_STORAGE_ACCOUNT, and AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN");
      return { type: "azure", path: rest, accountName, accountKey, ...endpointOf("AZURE_STORAGE_BLOB_ENDPOINT") };
    }
    default:
      throw new RangeError(`the blob store must be "folder", or begin with s3://, gs:// or azure://, got ${JSON.stringify(text.slice(0, 80))}`);
  }
}

/** Opens a store; nothing is contacted yet. The clients of the clouds are loaded when they are needed. @throws SourceError for settings that can't be right */
export async function openBlobStore(place: BlobPlace, { folder, bytesMax }: BlobCacheSettings): Promise<BlobStore> {
  switch (place.type) {
    case "folder":
      return new FolderStore(place.folder);
    case "s3": {
      const { S3Source } = await import("./sources/s3.ts");
      const { path, region, endpoint, credentials } = place;
      return new ObjectStore(new S3Source(path, { region, ...(credentials && { credentials }), ...(endpoint !== undefined && { endpoint }) }), `s3://${path}`, new BlobCache(folder, bytesMax));
    }
    case "gs": {
      const { GcsSource } = await import("./sources/gcs.ts");
      const { path, endpoint, credentials } = place;
      return new ObjectStore(new GcsSource(path, { ...(credentials !== undefined && { credentials }), ...(endpoint !== undefined && { endpoint }) }), `gs://${path}`, new BlobCache(folder, bytesMax));
    }
    case "azure": {
      const { AzureSource } = await import("./sources/azure.ts");
      const { path, accountName, accountKey, endpoint } = place;
      return new ObjectStore(new AzureSource(path, { accountName, accountKey, ...(endpoint !== undefined && { endpoint }) }), `azure://${path}`, new BlobCache(folder, bytesMax));
    }
  }
}
