/** What the operator of a server allows for datasources: flags and environment of the commands that start one. */
import { delimiter, resolve } from "node:path";
import type { Configuration } from "@winnow/server";
import type { Io } from "./io.ts";
import { UsageError } from "./problems.ts";

export const allowFolder = { value: "DIR", summary: "folder below which datasources may lie; may be given several times", parse: (text: string, before: readonly string[] = []): readonly string[] => [...before, text] } as const;

export const allowAddress = { value: "HOST[:PORT]", summary: "file server in a private network that datasources may name; may be given several times", parse: parseHost } as const;

/**
 * Settings for datasources from flags and environment.
 * @param own a folder that is allowed in any case
 * @throws UsageError naming the variable that can't be read
 */
export function datasourceSettings(flags: { readonly allowFolder?: readonly string[] | undefined; readonly allowAddress?: readonly string[] | undefined }, { env, cwd }: Io, own?: string): Partial<Configuration> {
  const listed = (env["WINNOW_ALLOW_FOLDERS"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const addresses = (env["WINNOW_ALLOW_ADDRESSES"] ?? "").split(/[,\s]+/).filter((host) => host !== "");
  const address = (name: string) => env[name]?.trim() || undefined;
  return {
    allowFolders: [...(flags.allowFolder ?? []), ...listed, ...(own === undefined ? [] : [own])].map((folder) => resolve(cwd, folder)),
    allowAddresses: addresses.reduce<readonly string[]>((before, host) => parseHost(host, before), flags.allowAddress ?? []),
    fileServerKeys: fileServerKeys(env["WINNOW_FILE_SERVER_KEYS"] ?? ""),
    s3Endpoint: address("WINNOW_S3_ENDPOINT"),
    stsEndpoint: address("WINNOW_STS_ENDPOINT"),
    gcsEndpoint: address("WINNOW_GCS_ENDPOINT"),
    azureEndpoint: address("WINNOW_AZURE_ENDPOINT"),
  };
}

/** For help: what the environment takes beside the flags. */
export const datasourceNotes = `Datasources: WINNOW_ALLOW_FOLDERS lists folders as --allow-folder does (joined by "${delimiter}"), WINNOW_ALLOW_ADDRESSES hosts
as --allow-address does. File servers on this machine may be named while the server itself listens on this machine only.
WINNOW_S3_ENDPOINT, WINNOW_STS_ENDPOINT, WINNOW_GCS_ENDPOINT and WINNOW_AZURE_ENDPOINT lead to other services than the
clouds' own. WINNOW_FILE_SERVER_KEYS holds keys of file servers (winnow serve) that take files: http://host:port=KEY,…`;

function parseHost(text: string, before: readonly string[] = []): readonly string[] {
  if (!/^(\[[0-9a-f:.]+\]|[^\s/@?#:[\]]+)(:\d{1,5})?$|^[0-9a-f:.]+$/i.test(text)) throw new UsageError(`--allow-address must be a host or host:port, not ${JSON.stringify(text)}.`);
  return [...before, text];
}

/** `origin=key` pairs, joined by commas. A complaint doesn't repeat the text: it holds keys. */
function fileServerKeys(text: string): Readonly<Record<string, string>> {
  const keys: Record<string, string> = {};
  for (const pair of text.split(",").filter((one) => one.trim() !== "")) {
    const at = pair.indexOf("=");
    const [origin, key] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    if (at === -1 || !URL.canParse(origin) || !/^https?:/.test(origin)) throw new UsageError("WINNOW_FILE_SERVER_KEYS must look like http://host:port=KEY, several of them joined by commas.");
    if (key.length < 32) throw new UsageError(`The key for ${new URL(origin).origin} in WINNOW_FILE_SERVER_KEYS must have at least 32 characters.`);
    keys[new URL(origin).origin] = key;
  }
  return keys;
}
