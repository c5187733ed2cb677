import { createHash } from "node:crypto";
import type { Source } from "./source.ts";
import { SourceError } from "./source-error.ts";
import { FolderSource, type FolderUrl } from "./sources/folder.ts";
import { HttpSource } from "./sources/http.ts";
import type { S3Credentials } from "./sources/s3-delegated.ts";

/** Where a user's files are, as the contract's datasource configuration says it; what is more in it is not looked at. */
export type SourceConfig =
  | { readonly type: "LOCAL"; readonly fullPath: string }
  | { readonly type: "S3"; readonly fullPath: string; readonly s3Region: string; readonly s3AccessKeyId: string; readonly s3SecretAccessKey: string }
  | { readonly type: "S3DelegatedAccess"; readonly fullPath: string; readonly s3Region: string; readonly s3ExternalId: string; readonly s3ARN: string }
  | { readonly type: "GCS"; readonly fullPath: string; readonly gcsProjectId: string; readonly gcsCredentials: string }
  | { readonly type: "AZURE"; readonly fullPath: string; readonly accountName: string; readonly accountKey: string }
  | { readonly type: "LIGHTLY"; readonly fullPath: string };

/** What the operator of the server decides, not the user. */
export interface OpenSourceOptions {
  readonly local?: {
    /** Folders below which LOCAL datasources may lie. Default: none, LOCAL takes addresses only. */
    readonly roots?: readonly string[];
    /** Folders below the roots that stay closed all the same: what the server itself keeps. Default: none. */
    readonly closed?: readonly string[];
    /** Makes addresses for the files of the folder. Default: the folder has none. */
    readonly folderUrl?: FolderUrl;
  };
  readonly http?: {
    /** File servers on this machine may be contacted. Default: false. */
    readonly allowLoopback?: boolean;
    /** File servers on this machine and in private networks may be contacted. Default: false. */
    readonly allowPrivateAddresses?: boolean;
    /** Link-local addresses and metadata services too. Default: false. */
    readonly allowMetadataAddresses?: boolean;
    /** Hosts that may be contacted wherever they lead: `name` or `name:port`. */
    readonly allowedHosts?: readonly string[];
    /** Keys of our own file servers by origin: `{"http://127.0.0.1:3456": key}`. */
    readonly keys?: Readonly<Record<string, Uint8Array>>;
  };
  readonly s3?: {
    /** Another service that speaks S3. Default: AWS. */
    readonly endpoint?: string;
    /** Default: true with an endpoint. */
    readonly pathStyle?: boolean;
    /** Token service for delegated access. Default: AWS. */
    readonly stsEndpoint?: string;
    /** This server's AWS identity, which assumes the users' roles. Default: what the AWS tools find. */
    readonly identity?: S3Credentials;
  };
  /** Another service that speaks Google's JSON API; no tokens are sent to it. */
  readonly gcs?: { readonly endpoint?: string };
  /** Another blob service; `{account}` stands for the account's name. */
  readonly azure?: { readonly endpoint?: string };
}

/**
 * Opens a user's datasource. Nothing is contacted yet: call `verify`. The clients of the clouds are loaded when the
 * first source of their kind is opened.
 * @throws SourceError for settings that can't be right
 */
export async function openSource(config: SourceConfig, options: OpenSourceOptions = {}): Promise<Source> {
  switch (config.type) {
    case "LOCAL":
      return isAddress(config.fullPath) ? openHttp(config.fullPath, options) : openFolder(config.fullPath, options);
    case "S3": {
      const { S3Source } = await import("./sources/s3.ts");
      const { endpoint, pathStyle } = options.s3 ?? {};
      const credentials = { accessKeyId: config.s3AccessKeyId, secretAccessKey: config.s3SecretAccessKey };
      return new S3Source(config.fullPath, { region: config.s3Region, credentials, ...(endpoint !== undefined && { endpoint }), ...(pathStyle !== undefined && { pathStyle }) });
    }
    case "S3DelegatedAccess": {
      const [{ S3Source }, { delegatedCredentials, delegatedUrlSecondsMax }] = await Promise.all([import("./sources/s3.ts"), import("./sources/s3-delegated.ts")]);
      const { endpoint, pathStyle, stsEndpoint, identity } = options.s3 ?? {};
      const credentials = delegatedCredentials({ region: config.s3Region, roleArn: config.s3ARN, externalId: config.s3ExternalId, ...(identity && { identity }), ...(stsEndpoint !== undefined && { endpoint: stsEndpoint }) });
      return new S3Source(config.fullPath, { region: config.s3Region, credentials, urlSecondsMax: delegatedUrlSecondsMax, ...(endpoint !== undefined && { endpoint }), ...(pathStyle !== undefined && { pathStyle }) });
    }
    case "GCS": {
      const { GcsSource } = await import("./sources/gcs.ts");
      return new GcsSource(config.fullPath, { projectId: config.gcsProjectId, credentials: config.gcsCredentials ?? "", ...(options.gcs?.endpoint !== undefined && { endpoint: options.gcs.endpoint }) });
    }
    case "AZURE": {
      const { AzureSource } = await import("./sources/azure.ts");
      const endpoint = options.azure?.endpoint?.replace("{account}", encodeURIComponent(config.accountName));
      return new AzureSource(config.fullPath, { accountName: config.accountName, accountKey: config.accountKey, ...(endpoint !== undefined && { endpoint }) });
    }
    case "LIGHTLY":
      throw new SourceError("configuration", "A datasource of type LIGHTLY has no files of the user: connect a folder, a file server or a bucket.");
    default:
      throw new SourceError("configuration", "This type of datasource is not known: use LOCAL, S3, S3DelegatedAccess, GCS or AZURE.");
  }
}

/** The same text for the same place and rights: for keeping opened sources between requests. Secrets go in as a hash. */
export function sourceKey(config: SourceConfig): string {
  return createHash("sha256").update(JSON.stringify(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)))).digest("base64url");
}

function isAddress(path: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(path.trim());
}

function openHttp(address: string, { http = {} }: OpenSourceOptions): Source {
  const { keys = {}, ...policy } = http;
  const origin = URL.canParse(address.trim()) ? new URL(address.trim()).origin : "";
  const key = Object.hasOwn(keys, origin) ? keys[origin] : undefined;
  return new HttpSource(address.trim(), { ...policy, ...(key && { key }) });
}

function openFolder(folder: string, { local = {} }: OpenSourceOptions): Source {
  const { roots = [], closed = [], folderUrl } = local;
  if (roots.length === 0) throw new SourceError("permission", "This server takes no folders as datasources: its operator has to allow one, or serve the folder with winnow serve and give its address (http://…).");
  if (!/^([/\\]|[a-zA-Z]:[/\\])/.test(folder)) throw new SourceError("configuration", `"${folder}" is neither an address of a file server (http://…) nor the whole path of a folder.`);
  return new FolderSource(folder, { roots, closed, ...(folderUrl && { url: folderUrl }) });
}
