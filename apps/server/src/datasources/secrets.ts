import type { DatasourceConfig } from "@winnow/contract";
import { DomainError } from "../app/errors.ts";

/** What stands where a secret was; sent back it means "as it is". */
export const mask = "********";

/** The properties that must not be shown, and what has to stay the same for a stored one to be used again. */
const secretOf: Partial<Record<DatasourceConfig["type"], { readonly secret: string; readonly bound: readonly string[] }>> = {
  S3: { secret: "s3SecretAccessKey", bound: ["s3AccessKeyId"] },
  GCS: { secret: "gcsCredentials", bound: [] },
  // The signature goes to the host of the account: another name would send it to somebody else.
  AZURE: { secret: "accountKey", bound: ["accountName"] },
};

/** The configuration as anybody may see it. */
export function masked(config: DatasourceConfig): DatasourceConfig {
  const facts = secretOf[config.type];
  return facts ? ({ ...config, [facts.secret]: mask } as DatasourceConfig) : config;
}

/**
 * The configuration with the stored secret in place of the mask.
 * @param stored configurations that the dataset has, best match first
 * @throws DomainError DATASET_DATASOURCE_INVALID when there is none, or when it belongs to another account
 */
export function unmasked(given: DatasourceConfig, stored: readonly DatasourceConfig[]): DatasourceConfig {
  const facts = secretOf[given.type];
  if (!facts || field(given, facts.secret) !== mask) return given;
  const before = stored.find(({ type }) => type === given.type);
  if (!before) throw new DomainError("DATASET_DATASOURCE_INVALID", `"${facts.secret}" is ${mask}, which stands for a stored one, but none is stored: send the secret itself.`);
  for (const name of facts.bound) {
    if (field(given, name) !== field(before, name)) throw new DomainError("DATASET_DATASOURCE_INVALID", `"${name}" has changed, so the stored "${facts.secret}" doesn't belong to it: send the secret itself.`);
  }
  return { ...given, [facts.secret]: field(before, facts.secret) } as DatasourceConfig;
}

function field(config: DatasourceConfig, name: string): unknown {
  return (config as unknown as Readonly<Record<string, unknown>>)[name];
}
